import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { CONFIG_FILES } from '../../cli/deploy/workers.ts'
import { bundles } from '../runtime/bundles.ts'

// A bundle that is not built again when it should be would let every other test pass on yesterday's code.

const root = mkdtempSync(join(tmpdir(), 'tidemark-bundles-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const config = (name: string, answer: string) =>
  `name = "${name}"\nmain = "index.ts"\ncompatibility_date = "2026-10-01"\n[vars]\nANSWER = "${answer}"\n`

/** Which of the five were built anew by the work. */
async function built(work: () => void): Promise<string[]> {
  const times = async () =>
    (await bundles(root)).map(({ name, script }) => [name, statSync(script).mtimeMs] as const)
  const before = new Map(await times())
  work()
  return (await times()).flatMap(([name, time]) => (before.get(name) === time ? [] : [name]))
}

it('a bundle is built again when a file that went into it has changed, and only then', async () => {
  write('package-lock.json', '{}')
  write('shared.ts', `export const text = 'one'`)
  for (const file of CONFIG_FILES) {
    const folder = dirname(file)
    write(file, config(folder.replaceAll('/', '-').replace('.', 'gateway'), 'yes'))
    const shared =
      folder === 'workers/smart-sync' ? `import { text } from '../../shared.ts'` : `const text = ''`
    write(join(folder, 'index.ts'), `${shared}\nexport default { fetch: () => new Response(text) }\n`)
  }

  expect(await built(() => undefined)).toEqual([])
  expect(await built(() => write('shared.ts', `export const text = 'two'`))).toEqual(['workers-smart-sync'])
  const smartSync = (await bundles(root)).find(({ name }) => name === 'workers-smart-sync')
  expect(readFileSync(smartSync?.script ?? '', 'utf8')).toContain('two')

  const file = 'workers/push-pull/wrangler.toml'
  expect(await built(() => write(file, config('workers-push-pull', 'no')))).toEqual(['workers-push-pull'])
  const pushPull = (await bundles(root)).find(({ name }) => name === 'workers-push-pull')
  expect(pushPull?.options.bindings).toEqual({ ANSWER: 'no' })

  expect(await built(() => write('package-lock.json', '{ "changed": true }'))).toHaveLength(
    CONFIG_FILES.length,
  )
})
