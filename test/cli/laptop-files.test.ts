import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { attach } from '../../cli/laptop/attach.ts'
import { type Machine, machine } from './run-cli.ts'

// Several files of one machine, one of which is on a disk that is not there.

const VIEW = {
  name: 'listings',
  lane: 'listings',
  key: 'id',
  label: 'Listings',
  columns: [
    { name: 'product_url', type: 'url', write: true, aliases: ['url'] },
    { name: 'title', type: 'text', write: true },
  ],
} as const
let here: Machine

beforeEach(() => {
  here = machine({ url: 'http://127.0.0.1:1' })
  const files = ['here.db', 'away.db'].map((name) => join(here.home, name))
  for (const file of files) {
    const db = new DatabaseSync(file)
    db.exec('CREATE TABLE products (url TEXT PRIMARY KEY, title TEXT)')
    attach(db, { table: 'products', view: structuredClone(VIEW) as never, url: 'http://127.0.0.1:1' })
    db.close()
  }
  mkdirSync(dirname(here.config), { recursive: true })
  writeFileSync(join(dirname(here.config), 'attached.json'), JSON.stringify(files.toReversed()))
  rmSync(join(here.home, 'away.db'))
})
afterEach(() => here.remove())

it.each(['status', 'conflicts'])('%s tells of the others, and that one is away', async (command) => {
  const { exit, out } = await here.run([command])
  expect(exit).toBe(2)
  expect(out).toContain('There is no such file')
  expect(out).toMatch(command === 'status' ? /here\.db/ : /No conflicts/)
  const json = JSON.parse((await here.run([command, '--json'])).out)
  expect(json.files).toMatchObject([
    { file: expect.stringContaining('away.db'), problem: { title: 'There is no such file' } },
    { file: expect.stringContaining('here.db') },
  ])
})

it('a file of which one is named and away is a failure', async () => {
  expect(await here.run(['status', 'away.db'])).toMatchObject({ exit: 2, out: '' })
})
