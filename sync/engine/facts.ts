import type { Database, Result, Row, Statement } from '../../db/database.ts'
import { conflictOf, type PinRow, type StoredConflict } from './changes.ts'
import { chunks } from './chunks.ts'
import type { TableDeclaration } from './declare.ts'
import { pinOf } from './run-begin.ts'
import { type Claims, claimsOf, holderRows, holderStatements, type Wanted } from './unique.ts'
import { rowKey, type Work } from './work.ts'

/** What is asked of one table: rows by key, who holds the values, and the open conflicts of the rows. */
export interface Ask extends Wanted {
  readonly table: TableDeclaration
  /** Whether conflicts of the rows are asked for */
  readonly open: boolean
  /** Whether the rows that hold the values are wanted too, and not only which ones they are */
  readonly holders?: boolean
}

/** What work on a lane begins with. */
export interface Facts extends Pick<Work, 'rows' | 'config'> {
  readonly pins: ReadonlyMap<string, ReadonlyMap<string, PinRow>>
  readonly open: ReadonlyMap<string, readonly StoredConflict[]>
  readonly claims: Claims
}

/** Reads it in one batch, together with `first`. Edits that wait ask for their unique values once more. */
export async function readFacts(
  database: Database,
  lane: string,
  asks: readonly Ask[],
  first: readonly Statement[] = [],
): Promise<Facts & { readonly first: readonly Result[] }> {
  const settings = asks.flatMap(({ table }) => table.device?.config ?? [])
  const reads = asks.flatMap((ask) => [
    ...rowReads(ask).map((statement) => ({ ask, of: 'rows' as const, statement })),
    ...(ask.holders ? holderRows(ask.table, ask) : []).map((statement) => ({
      ask,
      of: 'rows' as const,
      statement,
    })),
    ...openReads(ask).map((statement) => ({ ask, of: 'open' as const, statement })),
    ...holderStatements(ask.table, ask).map((statement) => ({ ask, of: 'holders' as const, statement })),
  ])
  const answers = await database.batch([
    ...first,
    { sql: 'SELECT * FROM pins WHERE lane = ?1', params: [lane] },
    {
      sql: 'SELECT key, value FROM config WHERE key IN (SELECT value FROM json_each(?1))',
      params: [JSON.stringify(settings)],
    },
    ...reads.map(({ statement }) => statement),
  ])
  const [pinned, set, ...results] = answers.slice(first.length)
  const all = (of: 'rows' | 'open' | 'holders') =>
    reads.flatMap((read, i) => (read.of === of ? [{ ...read.ask, found: results[i]?.rows ?? [] }] : []))
  const rows = new Map(
    all('rows').flatMap(({ table, found }) =>
      found.map((row): [string, Row] => [rowKey(table.name, String(row[table.key])), row]),
    ),
  )
  const conflicts = all('open').flatMap(({ found }) => found.map(conflictOf))
  const claims = claimsOf(all('holders').flatMap(({ found }) => found))
  for (const [held, key] of await heldByOthers(database, asks, conflicts)) claims.set(held, key)
  return {
    first: answers.slice(0, first.length),
    rows,
    claims,
    open: Map.groupBy(conflicts, ({ tbl, key }) => rowKey(tbl, key)),
    pins: pinsByRow((pinned?.rows ?? []).map(pinOf)),
    config: new Map((set?.rows ?? []).map(({ key, value }) => [String(key), JSON.parse(String(value))])),
  }
}

/** A work of its own over facts, which it leaves as they are. */
export const workOf = (
  tables: ReadonlyMap<string, TableDeclaration>,
  { rows, pins, config, open, claims }: Facts,
  who: Pick<Work, 'actor' | 'now'>,
): Work => ({
  tables,
  rows,
  config,
  pins: new Map([...pins].map(([row, of]) => [row, new Map(of)])),
  open: new Map(open),
  claims: new Map(claims),
  drafts: new Map(),
  changes: [],
  pinChanges: [],
  settled: [],
  ...who,
})

const rowReads = ({ table, keys }: Ask): Statement[] => [
  ...(table.whole ? [{ sql: `SELECT * FROM ${table.name} WHERE deleted_at IS NULL`, params: [] }] : []),
  ...chunks([...new Set(keys)].map((key) => JSON.stringify(key))).map((json) => ({
    sql: `SELECT t.* FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${table.key} = j.value`,
    params: [json],
  })),
]

const openReads = ({ table, keys, open }: Ask): Statement[] =>
  !open
    ? []
    : chunks([...new Set(keys)].map((key) => JSON.stringify(key))).map((json) => ({
        sql: `SELECT c.* FROM json_each(?1) j CROSS JOIN conflicts c
          ON c.tbl = ?2 AND c.key = j.value AND c.resolved_at IS NULL`,
        params: [json, table.name],
      }))

/** Who holds the values of edits that wait. */
async function heldByOthers(
  database: Database,
  asks: readonly Ask[],
  conflicts: readonly StoredConflict[],
): Promise<Claims> {
  const waiting = conflicts.filter(({ kind, theirs }) => kind === 'unique' && theirs !== null)
  if (waiting.length === 0) return new Map()
  const statements = asks.flatMap(({ table }) =>
    holderStatements(table, {
      values: waiting
        .filter(({ tbl }) => tbl === table.name)
        .map(({ theirs }) => JSON.parse(String(theirs)) as Row),
      keys: [],
    }),
  )
  const answers = await database.batch(statements)
  return claimsOf(answers.flatMap(({ rows }) => rows))
}

function pinsByRow(pins: readonly PinRow[]): Map<string, Map<string, PinRow>> {
  const byRow = new Map<string, Map<string, PinRow>>()
  for (const pin of pins) {
    const of = byRow.get(rowKey(pin.tbl, pin.key)) ?? new Map<string, PinRow>()
    byRow.set(rowKey(pin.tbl, pin.key), of.set(pin.col, pin))
  }
  return byRow
}
