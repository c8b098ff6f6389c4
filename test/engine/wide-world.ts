import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Database, Row, Statement } from '../../db/database.ts'
import { collectionColumns } from '../../db/schema/engine.ts'
import type { System } from '../../sync/engine/declare.ts'
import type { Remote } from '../../sync/engine/ports.ts'
import { collection } from '../../sync/systems/collection.ts'
import { sheet, tab } from '../../sync/systems/sheet.ts'
import type { Google } from '../emulators/google/index.ts'
import { drain, instance, type Outlasting, syncRequest, type TestClock, testIds } from './world.ts'

// A table of 20 columns of all types, linked both ways to a tab, in any number of rows.

const TEXTS = ['title', 'city', 'street', 'contact', 'phone', 'comment', 'unit'] as const
const COUNTS = ['stock', 'ordered', 'minimum', 'pallets'] as const
const AMOUNTS = ['cost', 'price', 'deposit'] as const
const FRACTIONS = ['weight', 'discount', 'rating'] as const

const wideRows = sqliteTable('wide_rows', {
  id: text({ length: 100 }).primaryKey(),
  code: text({ length: 100 }),
  title: text(),
  city: text(),
  street: text(),
  contact: text(),
  phone: text(),
  comment: text(),
  unit: text(),
  stock: integer(),
  ordered: integer(),
  minimum: integer(),
  pallets: integer(),
  cost: integer(),
  price: integer(),
  deposit: integer(),
  weight: real(),
  discount: real(),
  rating: real(),
  since: integer({ mode: 'timestamp_ms' }),
  active: integer({ mode: 'boolean' }),
  ...collectionColumns,
})

/** The table, as a migration of the schema above would make it. */
const CREATE = `CREATE TABLE wide_rows (id text PRIMARY KEY NOT NULL, code text,
  ${TEXTS.map((name) => `${name} text`)}, ${[...COUNTS, ...AMOUNTS].map((name) => `${name} integer`)},
  ${FRACTIONS.map((name) => `${name} real`)}, since integer, active integer, edited_at integer,
  version integer NOT NULL, updated_at integer NOT NULL, deleted_at integer, origin text NOT NULL) WITHOUT ROWID`

const COLUMNS = ['code', ...TEXTS, ...COUNTS, ...AMOUNTS, ...FRACTIONS, 'since', 'active'] as const

const HEADERS = COLUMNS.map((name) => name.charAt(0).toUpperCase() + name.slice(1))

/** What tells rows apart: ids in a hidden column, or a column that people fill. */
export type NamedBy = 'ids' | 'code'

function system(by: NamedBy): System {
  const table = collection(wideRows, {
    label: 'Wide',
    types: Object.fromEntries(AMOUNTS.map((name) => [name, 'money' as const])),
  })
  return {
    name: 'wide',
    tables: [table],
    links: [sheet('wide', tab(table, by === 'code' ? { match: ['code'] } : {}))],
  }
}

const DAY = 86_400_000
const SINCE = Date.UTC(2020, 0, 1)

/** The n-th row as the database holds it. */
const wideRow = (n: number): Row => ({
  code: `A-${String(n).padStart(6, '0')}`,
  title: `Article number ${n}`,
  city: ['Bergamo', 'Lyon', 'Graz', 'Porto'][n % 4] as string,
  street: `Long Street ${n % 300}`,
  contact: `Person ${n % 977}`,
  phone: `035 ${100_000 + n} ext`,
  comment: n % 3 === 0 ? 'to be called back' : null,
  unit: n % 2 === 0 ? 'box' : 'piece',
  stock: n * 7,
  ordered: n % 50,
  minimum: 10,
  pallets: n % 9,
  cost: 1_000 + n,
  price: 1_500 + n,
  deposit: n % 2 === 0 ? 250 : null,
  weight: n / 8,
  discount: (n % 20) / 100,
  rating: (n % 50) / 10,
  since: SINCE + (n % 2_000) * DAY,
  active: n % 2,
})

/** The same row as a person types it. */
function typed(n: number): (string | number | boolean | null)[] {
  const row = wideRow(n)
  return COLUMNS.map((name) => {
    const value = row[name] ?? null
    if ((AMOUNTS as readonly string[]).includes(name) && value !== null)
      return (Number(value) / 100).toFixed(2)
    if (name === 'since') return new Date(Number(value)).toISOString().slice(0, 10)
    return name === 'active' ? value === 1 : value
  })
}

const BOOK = 'wide-book'

/** A tab of so many rows that a person typed; with none it is blank. */
export function wideTab({ person }: Google, rows: number): void {
  person.create({
    id: BOOK,
    sheets: [
      {
        title: 'Wide',
        rowCount: Math.max(100, rows + 1),
        columnCount: 26,
        rows: rows === 0 ? [] : [HEADERS, ...Array.from({ length: rows }, (_, n) => typed(n))],
      },
    ],
  })
  person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
}

/** The table and its link, on a database with the project's migrations. */
export async function wideTable(database: Database): Promise<void> {
  await database.batch([
    { sql: CREATE, params: [] },
    {
      sql: `INSERT INTO config VALUES ('sheets.wide', ?1, 0, 'ann')`,
      params: [JSON.stringify({ spreadsheet_id: BOOK })],
    },
  ])
}

/** So many rows that are here before there is a link. */
export async function wideFill(database: Database, rows: number): Promise<void> {
  const names = ['id', ...COLUMNS, 'version', 'updated_at', 'origin']
  const insert = (from: number): Statement => ({
    sql: `INSERT INTO wide_rows (${names}) SELECT ${names.map((_, i) => `value ->> ${i}`)} FROM json_each(?1)`,
    params: [
      JSON.stringify(
        Array.from({ length: Math.min(500, rows - from) }, (_, i) => {
          const row = wideRow(from + i)
          return [idOf(from + i), ...COLUMNS.map((name) => row[name]), 0, 0, 'seed']
        }),
      ),
    ],
  })
  for (let from = 0; from < rows; from += 500) await database.batch([insert(from)])
}

const idOf = (n: number): string => `01JCZ0000000000000${String(n).padStart(8, '0')}`

/** What a sync cost. `bytes`: of the largest answer. */
export interface Cost {
  readonly calls: Readonly<Record<string, number>>
  readonly bytes: number
  readonly requestBytes: number
  readonly status: string
}

/** The table's lane, the link's runs, and what people and programs change. */
export function wideWorld(
  world: Outlasting & { readonly clock: TestClock },
  google: Google,
  remote: Remote,
  by: NamedBy,
) {
  const ids = testIds('01JCZ00000000000000')
  const { lane } = instance(world, 'wide_rows', () => remote, undefined, ids, [system(by)])
  let pushes = 0
  const cellsOf = (count: number, rows: number) =>
    Array.from({ length: count }, (_, i) => ({
      row: Math.floor((i * rows) / count),
      column: TEXTS[i % TEXTS.length] as string,
    }))
  return {
    async sync(full = false): Promise<Cost> {
      world.clock.advance(300_000)
      google.calls.length = 0
      const answer = await lane.request(syncRequest({ link: 'wide.sheet', scope: 'shared', full }))
      if (answer.type === 'skipped') throw new Error(answer.reason)
      await drain(world, lane)
      const [run] = await world.database.batch([
        { sql: 'SELECT status FROM runs WHERE id = ?1', params: [answer.runId] },
      ])
      const calls = google.calls.filter(({ kind }) => kind !== 'token')
      return {
        calls: Object.fromEntries(
          Object.entries(Object.groupBy(calls, ({ kind }) => kind)).map(([kind, all]) => [kind, all.length]),
        ),
        bytes: Math.max(0, ...calls.map(({ bytes }) => bytes)),
        requestBytes: Math.max(0, ...calls.map(({ requestBytes }) => requestBytes)),
        status: String(run?.rows[0]?.status),
      }
    },
    /** A program changes cells all over the table. */
    async change(count: number, rows: number, value: string): Promise<void> {
      const [found] = await world.database.batch([
        { sql: 'SELECT * FROM wide_rows WHERE deleted_at IS NULL ORDER BY code', params: [] },
      ])
      const all = found?.rows ?? []
      const mutations = cellsOf(count, rows).map(({ row, column }, i) => {
        const stands = all[row] as Row
        return {
          type: 'edit' as const,
          op: 'update' as const,
          table: 'wide_rows',
          key: String(stands.id),
          values: { [column]: `${value} ${i}` },
          base: { [column]: stands[column] ?? null },
          at: null,
        }
      })
      for (let from = 0; from < mutations.length; from += 500) {
        const answer = await lane.push({
          id: `push ${++pushes}`,
          actor: 'bot',
          origin: 'api',
          mutations: mutations.slice(from, from + 500),
        })
        if (answer.type === 'failed') throw new Error(answer.failure.detail)
      }
    },
    /** A person types into cells all over the tab. */
    type(count: number, rows: number, value: string): void {
      for (const [i, { row, column }] of cellsOf(count, rows).entries()) {
        const at = String.fromCharCode(65 + COLUMNS.indexOf(column as (typeof COLUMNS)[number]))
        google.person.set(BOOK, { cell: `Wide!${at}${row + 2}`, text: `${value} ${i}` })
      }
    },
    /** Cells that say so, in the tab and here. */
    async saying(value: string): Promise<{ readonly there: number; readonly here: number }> {
      const [found] = await world.database.batch([{ sql: 'SELECT * FROM wide_rows', params: [] }])
      const count = (rows: readonly (readonly unknown[])[]) =>
        rows.flat().filter((cell) => String(cell).startsWith(value)).length
      return {
        there: count(google.person.values(BOOK, 'Wide!A1:Z11000')),
        here: count((found?.rows ?? []).map((row) => Object.values(row))),
      }
    },
    /** Rows of the tab below its header, as a person sees them */
    shown: () => google.person.values(BOOK, 'Wide!A2:T11000'),
  }
}
