import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { builtPages } from './browser.ts'

let directory: string
let html: string
let review: string

beforeAll(async () => {
  directory = await builtPages()
  html = await readFile(join(directory, 'index.html'), 'utf8')
  review = await readFile(join(directory, 'review.html'), 'utf8')
})

const read = (path: string) => readFile(join(directory, path))

test.each(['index', 'review'])(
  'the first load of %s is at most 60 KB of JavaScript and 10 KB of CSS, gzipped',
  async (name) => {
    const sizes = { js: 0, css: 0 }
    for (const [, path = '', kind = ''] of (name === 'review' ? review : html).matchAll(
      /(?:src|href)="\/([^"]+\.(js|css))"/g,
    ))
      sizes[kind as 'js' | 'css'] += gzipSync(await read(path)).length
    console.log(`first load of ${name}, gzipped: ${sizes.js} bytes of JavaScript, ${sizes.css} of CSS`)
    expect(sizes.js).toBeGreaterThan(5_000)
    expect(sizes.js).toBeLessThanOrEqual(60_000)
    expect(sizes.css).toBeLessThanOrEqual(10_000)
  },
)

test('the chart waits until it is looked at', async () => {
  const chart = (await readdir(join(directory, 'assets'))).filter((name) => name.startsWith('chart-'))
  expect(chart.map((name) => name.split('.').at(-1)).sort()).toEqual(['css', 'js'])
  expect(html).not.toContain('chart-')
})

test('the ERP waits until it is gone to, and is no larger than the rest', async () => {
  const erp = (await readdir(join(directory, 'assets'))).filter((name) => name.startsWith('erp-'))
  expect(erp.map((name) => name.split('.').at(-1)).sort()).toEqual(['css', 'js'])
  expect(html).not.toContain('erp-')
  const sizes = await Promise.all(erp.map(async (name) => gzipSync(await read(`assets/${name}`)).length))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(20_000)
})

test('the inbox, histories, devices and sheets wait until they are gone to, and are small', async () => {
  const later = (await readdir(join(directory, 'assets'))).filter((name) =>
    /^(conflicts?|history|timeline|inbox|devices|sheets)-/.test(name),
  )
  expect(later.length).toBeGreaterThan(5)
  for (const name of later) {
    expect(html).not.toContain(name)
    expect(gzipSync(await read(`assets/${name}`)).length).toBeLessThanOrEqual(10_000)
  }
})

test('schemas stay on the server', async () => {
  for (const name of await readdir(join(directory, 'assets')))
    expect((await read(`assets/${name}`)).toString()).not.toContain('ZodError')
})

test('nothing stands inline and nothing comes from elsewhere', () => {
  for (const page of [html, review]) {
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/)
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/)
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  }
})

test('the files of the API reference are there', async () => {
  expect((await read('docs/swagger-ui.css')).length).toBeGreaterThan(50_000)
  expect((await read('docs/swagger-ui-bundle.js')).length).toBeGreaterThan(500_000)
})

test('the phone page can be installed, and its worker knows all that it needs without a network', async () => {
  const manifest = JSON.parse((await read('review.webmanifest')).toString())
  expect(manifest).toMatchObject({ start_url: '/review', scope: '/review', display: 'standalone' })
  for (const { src } of manifest.icons) expect((await read(src)).length).toBeGreaterThan(100)
  const worker = (await read('review-sw.js')).toString()
  for (const [, path = ''] of review.matchAll(/(?:src|href)="(\/[^"]+)"/g)) expect(worker).toContain(path)
})
