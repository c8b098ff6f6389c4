import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { builtPages } from './browser.ts'

let directory: string
let html: string

beforeAll(async () => {
  directory = await builtPages()
  html = await readFile(join(directory, 'index.html'), 'utf8')
})

const read = (path: string) => readFile(join(directory, path))

test('the first load is at most 60 KB of JavaScript and 10 KB of CSS, gzipped', async () => {
  const sizes = { js: 0, css: 0 }
  for (const [, path = '', kind = ''] of html.matchAll(/(?:src|href)="\/([^"]+\.(js|css))"/g))
    sizes[kind as 'js' | 'css'] += gzipSync(await read(path)).length
  console.log(`first load, gzipped: ${sizes.js} bytes of JavaScript, ${sizes.css} of CSS`)
  expect(sizes.js).toBeGreaterThan(5_000)
  expect(sizes.js).toBeLessThanOrEqual(60_000)
  expect(sizes.css).toBeLessThanOrEqual(10_000)
})

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

test('schemas stay on the server', async () => {
  for (const name of await readdir(join(directory, 'assets')))
    expect((await read(`assets/${name}`)).toString()).not.toContain('ZodError')
})

test('nothing stands inline and nothing comes from elsewhere', () => {
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/)
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/)
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
})

test('the files of the API reference are there', async () => {
  expect((await read('docs/swagger-ui.css')).length).toBeGreaterThan(50_000)
  expect((await read('docs/swagger-ui-bundle.js')).length).toBeGreaterThan(500_000)
})
