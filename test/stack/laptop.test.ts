import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Machine, machine } from '../cli/run-cli.ts'
import { type Stack, startStack } from './stack.ts'

// The laptop's command as a process, with the five real Workers over HTTP and a file that Python writes. The tests tell it in order.

let stack: Stack
let here: Machine
let file: string
let host: DatabaseSync
/** The file's schema before it was attached */
let original: unknown

/** As a catalogue monitor writes: Python's sqlite3, nothing of ours. */
function python(sql: string): void {
  const script =
    'import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\ndb.executescript(sys.argv[2])\ndb.commit()\n'
  const ran = spawnSync('python3', ['-c', script, file, sql], { encoding: 'utf8' })
  expect(ran.stderr).toBe('')
}

const CREATE = `CREATE TABLE products (url TEXT PRIMARY KEY, title TEXT, retailer TEXT, price REAL,
  lifecycle_stage TEXT DEFAULT 'pending_assessment', assessed_at TEXT, modesty_status TEXT, shopify_status TEXT, notes TEXT);`
const insert = (...names: string[]) =>
  names
    .map(
      (name) =>
        `INSERT OR REPLACE INTO products (url, title, price) VALUES ('${shop(name)}', '${name}', 10.5);`,
    )
    .join('\n')
const shop = (name: string) => `https://shop.example/${name}`
const json = async <T>(words: readonly string[]) =>
  JSON.parse((await here.run([...words, '--json'])).out) as T
const listings = async () =>
  (await stack.call<{ id: string; title: string }[]>('GET', '/api/assessments')).body.map(
    ({ title }) => title,
  )
const review = (name: string, status: string) =>
  stack.call('POST', `/api/assessments/${encodeURIComponent(shop(name))}/review`, {
    body: { modesty_status: status },
  })
const schema = () =>
  host
    .prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid')
    .all()
    .map((row) => ({ ...row }))

beforeAll(async () => {
  stack = await startStack()
  here = machine()
  file = join(here.home, 'products.db')
  host = new DatabaseSync(file, { timeout: 5_000 })
})
afterAll(async () => {
  host.close()
  here.remove()
  await stack.close()
})

test('pairs by a link, and tells what is missing where nobody can be asked', async () => {
  const { body } = await stack.call<{ code: string; url: string }>('POST', '/api/codes', {
    body: { role: 'device', user_id: 'ann', name: 'train laptop' },
  })
  const ended = await here.run(['pair', `${stack.runtime.url}/#code=${body.code}`, '--name', 'laptop'])
  expect(ended).toMatchObject({ exit: 0, err: '' })
  expect((await here.run(['whoami'])).out).toMatch(/^laptop \(device, user ann\)/)
  expect((await here.run(['pair'])).err).toContain('tidemark pair URL --code CODE')
})

test('attaches a table, and sends what it held', async () => {
  python(CREATE + insert('Dress', 'Coat'))
  original = schema()
  const attached = await here.run(['attach', 'products.db', '--table', 'products', '--as', 'listings'])
  expect(attached).toMatchObject({ exit: 0, err: '' })
  expect(attached.out).toContain('is kept as listings, row by row by url')
  const synced = await here.run(['sync'])
  expect([synced.exit, synced.out]).toEqual([0, expect.stringContaining('2 edits went')])
  expect((await listings()).sort()).toEqual(['Coat', 'Dress'])
})

test('brings a review, and sends what Python wrote meanwhile', async () => {
  expect((await review('Dress', 'modest')).status).toBe(200)
  python(`${insert('Hat')} UPDATE products SET price = 99 WHERE title = 'Coat';`)
  const [report] = await json<{ rows: number; went: number }[]>(['sync', 'products.db'])
  expect(report).toMatchObject({ rows: 1, went: 2 })
  expect({
    ...host.prepare(`SELECT lifecycle_stage AS stage, title FROM products WHERE title = 'Dress'`).get(),
  }).toEqual({ stage: 'assessed_approved', title: 'Dress' })
})

test('says how files stand without a network', async () => {
  python(insert('Scarf'))
  const { exit, out } = await here.run(['status'], { env: { TIDEMARK_URL: 'http://127.0.0.1:1' } })
  expect(exit).toBe(0)
  expect(out).toMatch(/synced {2}just now\n.*\n {2}products {2}listings +3 +1/)
})

test('says what will go under the name of whoever signs in before it is sent', async () => {
  const { body } = await stack.call<{ code: string }>('POST', '/api/codes', {
    body: { role: 'device', user_id: 'ann', name: 'train laptop' },
  })
  const paired = await here.run(['pair', stack.runtime.url.href, '--code', body.code, '--name', 'second'])
  expect(paired).toMatchObject({ exit: 0 })
  expect(paired.err).toMatch(/! 1 row of .*products\.db not sent yet: the next sync sends them as second/)
})

test('shows a conflict and an edit that was not taken, and ends them by a person’s word', async () => {
  python(`DELETE FROM products WHERE title = 'Dress';
    INSERT INTO products (url, title) VALUES ('${shop('Long')}', '${'x'.repeat(3_000)}');`)
  const synced = await here.run(['sync'])
  expect([synced.exit, synced.out]).toEqual([1, expect.stringContaining('1 conflict open')])
  const {
    files: [found],
    collections,
  } = await json<{
    files: { conflicts: { id: string }[]; rejected: { n: number; reason: string }[] }[]
    collections: { _id: string }[]
  }>(['conflicts'])
  expect(collections.map(({ _id }) => _id)).toEqual(found?.conflicts.map(({ id }) => id))
  expect(found?.rejected).toMatchObject([{ reason: expect.stringContaining('3000 characters') }])
  const words = (await here.run(['conflicts'])).out
  expect(words).toContain(`Conflict: delete of ${shop('Dress')}`)
  expect((await here.run(['conflicts', '--drop', found?.conflicts[0]?.id ?? ''])).exit).toBe(0)
  python(`UPDATE products SET title = 'Long' WHERE url = '${shop('Long')}'`)
  expect((await here.run(['sync'])).exit).toBe(0)
  expect((await here.run(['conflicts'])).exit).toBe(0)
  expect(await listings()).toContain('Long')
  expect((await here.run(['logs'])).out).toContain('edits went')
})

test('watches: what Python writes goes, and a review comes, each within two seconds', async () => {
  const { child, ended } = here.start(['watch', '--json'])
  const news = lines(child.stdout)
  await news.next((line) => line.includes('"synced"'))
  const wrote = Date.now()
  python(insert('Skirt'))
  await news.next((line) => line.includes('"went":1'))
  const went = Date.now() - wrote
  expect(await listings()).toContain('Skirt')
  const reviewed = Date.now()
  await review('Skirt', 'not_modest')
  await news.next((line) => line.includes('"rows":1'))
  const came = Date.now() - reviewed
  expect([went < 2_000, came < 2_000, went, came]).toEqual([true, true, went, came])
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ exit: 0, err: '' })
})

test('answers programs in JSON', async () => {
  expect(await json(['doctor'])).toMatchObject([{ differences: [], left: 0 }])
  expect(await json(['status'])).toMatchObject({ files: [{ tables: [{ shared: 'listings', waiting: 0 }] }] })
  expect(await json(['logs'])).toContainEqual({ at: expect.any(String), line: expect.any(String) })
})

test('stays when the server goes away, and ends at once when it is told to', async () => {
  const { child, ended } = here.start(['watch', '--json'])
  const news = lines(child.stdout)
  await news.next((line) => line.includes('"synced"'))
  await stack.runtime.kill()
  python(insert('Gown'))
  await news.next((line) => line.includes('"offline"'))
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ exit: 0 })
  await stack.killAndRestart()
})

test('does not call a file in step that it could not sync', async () => {
  const env = { TIDEMARK_URL: 'http://127.0.0.1:1', TIDEMARK_TOKEN: 'tm_other' }
  const { child, ended } = here.start(['watch', '--json'], { env })
  await lines(child.stdout).next((line) => line.includes('"failed"'))
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ exit: 2 })
})

test('completes words in shells', async () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    expect((await here.run(['completion', shell])).out).toContain('tidemark')
  expect((await here.run(['complete', '--', 'wat'])).out).toContain('watch\tkeep attached files in sync')
})

test('detaches, and leaves the schema byte for byte', async () => {
  expect(await json(['detach', 'products.db', '--force'])).toMatchObject({ detached: true })
  expect(schema()).toEqual(original)
  expect((await here.run(['sync', 'products.db'])).err).toContain('Not attached')
})

/** Lines of a process, as they come. */
function lines(stream: NodeJS.ReadableStream) {
  const all: string[] = []
  let wake = Promise.withResolvers<void>()
  let rest = ''
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    all.push(...parts)
    wake.resolve()
  })
  return {
    async next(is: (line: string) => boolean): Promise<string> {
      for (;;) {
        while (all.length > 0) {
          const line = all.shift() ?? ''
          if (is(line)) return line
        }
        wake = Promise.withResolvers<void>()
        await wake.promise
      }
    },
  }
}
