import { sql } from 'drizzle-orm'
import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Row, SqlValue, Statement } from '../../db/database.ts'
import { collectionColumns } from '../../db/schema/engine.ts'
import { type LinkDeclaration, link, type System } from '../../sync/engine/declare.ts'
import { max, stateMachine } from '../../sync/engine/merge.ts'
import { collection } from '../../sync/systems/collection.ts'
import { site } from './site.ts'
import { type FakeRemote, fakeRemote } from './world.ts'

// One table with a column of each kind, that devices edit, and that a sheet and a list of an ERP show.

const people = sqliteTable(
  'people',
  {
    id: text().primaryKey(),
    nick: text({ length: 100 }),
    note: text({ length: 100 }),
    score: integer(),
    state: text({ length: 20 }),
    nick_key: text(),
    ...collectionColumns,
  },
  (t) => [uniqueIndex('people_nick').on(t.nick_key).where(sql`deleted_at IS NULL`)],
)

/** As the schema says it */
const SCHEMA = `
  CREATE TABLE people (id text PRIMARY KEY NOT NULL, nick text, note text, score integer, state text, nick_key text,
    edited_at integer, version integer NOT NULL, updated_at integer NOT NULL, deleted_at integer, origin text NOT NULL)
    WITHOUT ROWID;
  CREATE UNIQUE INDEX people_nick ON people (nick_key) WHERE deleted_at IS NULL;`

export const COLUMNS = ['nick', 'note', 'score', 'state'] as const

const peopleTable = collection(people, {
  label: 'People',
  unique: { nick: 'nick_key' },
  merge: { score: max, state: stateMachine(['new', 'open', 'done']) },
})

const plain = (text: string): Statement => ({ sql: text, params: [] })

const mirror = (name: string, over: Partial<LinkDeclaration>): LinkDeclaration =>
  link(`people.${name}`, peopleTable, name, {
    lane: () => 'people',
    priority: 1,
    owns: ['id', ...COLUMNS],
    writes: [],
    match: ['id'],
    columns: {},
    schedule: { check: 1_800_000, full: 86_400_000 },
    scopes: {
      per: 'shared',
      list: plain(`SELECT 'all' AS scope`),
      target: () => plain('SELECT 1 AS one'),
      parts: () => plain(`SELECT '${name}' AS id, '${name}' AS name`),
      // `o` is nobody's but ours.
      rows: () => plain(`SELECT id AS key FROM people WHERE deleted_at IS NULL AND id != 'o'`),
    },
    deletes: 'guarded',
    ...over,
  })

const declared: readonly System[] = [
  {
    name: 'people',
    tables: [peopleTable],
    links: [mirror('sheet', {}), mirror('erp', { list: { probe: 'rolling', probePages: 10 } })],
  },
]

export const HOUR = 3_600_000

/** People in their lane, and what the sheet and the ERP show. */
export function peopleWorld() {
  const remotes: Record<string, FakeRemote> = { sheet: fakeRemote(), erp: fakeRemote() }
  const at = site({
    table: 'people',
    declared,
    schema: SCHEMA,
    remotes: (name) => remotes[name] as FakeRemote,
  })
  return {
    ...at,
    /** What a remote shows from now on, beside a row that is always there, and a run of its link to the end; answers the run */
    async shows(source: string, rows: readonly Row[]): Promise<string> {
      const remote = remotes[source] as FakeRemote
      remote.tabs.set(source, [{ id: `other of ${source}`, note: 'always here' }, ...rows])
      remote.stamp++
      at.world.clock.advance(1_000)
      return at.run(`people.${source}`, 'all', true)
    },
    people: () =>
      at.rows('SELECT id, nick, note, score, state FROM people WHERE deleted_at IS NULL ORDER BY id'),
    /** nick note score state, as the cases write it; `none` or `gone` */
    person(key: string): string {
      const [row] = at.rows('SELECT * FROM people WHERE id = ?', key)
      if (!row) return 'none'
      return row.deleted_at === null ? COLUMNS.map((column) => String(row[column] ?? '-')).join(' ') : 'gone'
    },
  }
}

export type PeopleWorld = ReturnType<typeof peopleWorld>

/** A row as the cases write it; null: `none` or `gone`. A value that ends in `!` is pinned. */
export function rowOf(written: string): { row: Row; pinned: string[] } | null {
  if (written === 'none' || written === 'gone') return null
  const cells = written.split(' ')
  const value = (column: string, cell: string): SqlValue =>
    cell === '-' ? null : column === 'score' ? Number(cell) : cell
  return {
    row: Object.fromEntries(
      COLUMNS.map((column, i) => [column, value(column, String(cells[i]).replace('!', ''))]),
    ),
    pinned: COLUMNS.filter((_, i) => cells[i]?.endsWith('!')),
  }
}
