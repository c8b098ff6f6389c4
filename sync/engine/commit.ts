import type { Database, Result, Row, SqlValue, Statement } from '../../db/database.ts'
import { type Change, type Changeset, type ConflictRow, isWrite, type PinChange } from './changes.ts'
import type { TableDeclaration } from './declare.ts'

/** Largest JSON parameter in UTF-8 bytes. D1 takes 2,000,000 a value; the local runtime does not check. */
const PARAMETER_BYTES = 1_000_000

/** The holder's place in a lane: every batch is refused unless the lane stands exactly here. */
export interface Fence {
  readonly lane: string
  readonly epoch: number
  readonly version: number
}

/** Who and what a commit is for; it stands in every history row. */
export interface Provenance {
  readonly origin: string
  readonly actor: string
  readonly runId: string | null
  readonly at: number
}

export interface CommitInput extends Provenance {
  /** Stays the same when the commit is sent again */
  readonly id: string
  readonly fence: Fence
  readonly set: Changeset
  readonly link: string
  readonly scope: string
  /** Bookkeeping that belongs to the same batch: checkpoint, progress, idempotency keys, derived rows */
  readonly extra: readonly Statement[]
}

export type CommitAnswer =
  | {
      readonly type: 'committed'
      readonly version: number
      /** Results of `extra`, in order; empty where the reply was lost and the commit was found by its id */
      readonly extra: readonly Result[]
      readonly rowsWritten: number
    }
  /** Another holder has the lane. Stop, and never claim again. */
  | { readonly type: 'stale' }
  /** Two rows claim one unique value; nothing was written */
  | { readonly type: 'violation'; readonly detail: string }

/**
 * The one door to synced tables (invariant 1): fence and version first, then rows, history, pins, conflicts and
 * `extra`, as one batch, all or nothing. A reply that was lost is answered by looking the commit's id up.
 * Unexpected database errors throw; sending the same commit again is safe.
 */
export async function commit(database: Database, input: CommitInput): Promise<CommitAnswer> {
  const body = [
    advance(input.fence, input.id),
    ...rowStatements(input.set.changes, input),
    ...touches(input.set.changes, input),
    ...historyStatements(input.set.changes, input),
    ...heads(input.set.changes, input.fence),
    ...pinStatements(input.set.pins, input.fence.lane),
    ...conflictStatements(input.set.conflicts, input),
  ]
  try {
    const results = await database.batch([...body, ...input.extra])
    return {
      type: 'committed',
      version: input.fence.version + 1,
      extra: results.slice(body.length),
      rowsWritten: results.reduce((sum, result) => sum + result.rowsWritten, 0),
    }
  } catch (error) {
    const text = String(error instanceof Error ? error.message : error)
    if (/UNIQUE constraint failed/i.test(text)) return { type: 'violation', detail: text }
    const [found] = await database.batch([
      {
        sql: 'SELECT version, epoch, commit_id FROM lanes WHERE lane = ?1',
        params: [input.fence.lane],
      },
    ])
    const now = found?.rows[0]
    if (now?.commit_id === input.id)
      return { type: 'committed', version: Number(now.version), extra: [], rowsWritten: 0 }
    if (isFenceFailure(text) || now?.epoch !== input.fence.epoch || now.version !== input.fence.version)
      return { type: 'stale' }
    throw error
  }
}

/** Whether a database error is the fence's. */
export const isFenceFailure = (text: string): boolean =>
  /NOT NULL constraint failed: lanes\.version/i.test(text)

/** Raises unless epoch and version are the expected ones: the subquery is NULL then, and the column is NOT NULL. */
const advance = ({ lane, epoch, version }: Fence, id: string): Statement => ({
  sql: `INSERT INTO lanes (lane, version, epoch, commit_id)
    SELECT ?1, (SELECT version + 1 FROM lanes WHERE lane = ?1 AND epoch = ?2 AND version = ?3), ?2, ?4
    WHERE true ON CONFLICT (lane) DO UPDATE SET version = excluded.version, commit_id = excluded.commit_id`,
  params: [lane, epoch, version, id],
})

/**
 * For batches that touch no synced table (progress, checkpoints): raises unless the lane's epoch is the expected
 * one, and writes nothing. json() of what is not JSON is SQLite's plainest way to raise in a SELECT.
 */
export const assertEpoch = ({ lane, epoch }: Fence): Statement => ({
  sql: `SELECT CASE WHEN EXISTS (SELECT 1 FROM lanes WHERE lane = ?1 AND epoch = ?2) THEN 1 ELSE json('stale epoch') END`,
  params: [lane, epoch],
})

/** Whether a database error is `assertEpoch`'s. */
export const isEpochFailure = (text: string): boolean => /malformed JSON/i.test(text)

/** Takes the lane for a new instance: max(own, D1's) + 1, and tells where the lane stands. */
export async function claim(database: Database, lane: string, own: number): Promise<Fence> {
  const [, found] = await database.batch([
    {
      sql: `INSERT INTO lanes (lane, version, epoch, commit_id) VALUES (?1, 0, ?2 + 1, '')
        ON CONFLICT (lane) DO UPDATE SET epoch = max(epoch, ?2) + 1`,
      params: [lane, own],
    },
    { sql: 'SELECT version, epoch FROM lanes WHERE lane = ?1', params: [lane] },
  ])
  const row = found?.rows[0]
  if (!row) throw new Error(`lane ${lane} could not be claimed`)
  return { lane, epoch: Number(row.epoch), version: Number(row.version) }
}

function rowStatements(changes: readonly Change[], input: CommitInput): Statement[] {
  const written = changes.filter(({ op }) => isWrite(op))
  const statements: Statement[] = []
  for (const table of new Set(written.map((change) => change.table))) {
    const of = written.filter((change) => change.table === table)
    // Releases of unique values before claims.
    for (const op of ['delete', 'update', 'insert'] as const)
      statements.push(
        ...upserts(
          table,
          of.filter((c) => c.op === op),
          input,
        ),
      )
  }
  return statements
}

/**
 * One json_each statement a parameter-full of rows. Only columns that some change names are set, so that a link
 * can't touch another's columns; the guard keeps a row that is already so from being written.
 */
function upserts(table: TableDeclaration, changes: readonly Change[], input: CommitInput): Statement[] {
  if (changes.length === 0) return []
  const set = [...new Set(changes.flatMap((change) => change.columns))].filter((c) => c !== table.key)
  const meta = ['version', 'updated_at', 'origin']
  const guard = set.map((c) => `${table.name}.${c} IS NOT excluded.${c}`).join(' OR ')
  const sql = `INSERT INTO ${table.name} (${table.columns.join(', ')})
    SELECT ${table.columns.map((_, i) => `j.value ->> ${i}`).join(', ')} FROM json_each(?1) j WHERE true
    ON CONFLICT (${table.key}) DO UPDATE SET ${[...set, ...meta].map((c) => `${c} = excluded.${c}`).join(', ')}
    WHERE ${guard === '' ? 'false' : guard}`
  const stamp: Row = {
    version: input.fence.version + 1,
    updated_at: input.at,
    origin: input.origin,
  }
  const rows = changes.map(({ after }) =>
    JSON.stringify(table.columns.map((column) => stamp[column] ?? after[column] ?? null)),
  )
  return chunks(rows).map((json) => ({ sql, params: [json] }))
}

/** A row whose history grew without a change of its own (a refusal, a pin) takes the version, so that its chain leads there. */
function touches(changes: readonly Change[], input: CommitInput): Statement[] {
  const written = new Set(
    changes.filter(({ op }) => isWrite(op)).map(({ table, key }) => `${table.name}|${key}`),
  )
  const touched = changes.filter(({ op, table, key }) => !isWrite(op) && !written.has(`${table.name}|${key}`))
  return [...new Set(touched.map(({ table }) => table))].flatMap((table) =>
    chunks(
      [...new Set(touched.filter((change) => change.table === table).map(({ key }) => key))].map((key) =>
        JSON.stringify(key),
      ),
    ).map((json) => ({
      sql: `UPDATE ${table.name} SET version = ?2 WHERE ${table.key} IN (SELECT value FROM json_each(?1))`,
      params: [json, input.fence.version + 1],
    })),
  )
}

function historyStatements(changes: readonly Change[], input: CommitInput): Statement[] {
  const sql = `INSERT INTO history (lane, version, n, tbl, key, op, before, after, why, origin, actor, run_id, at, prev_version)
    SELECT ?2, ?3, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
      j.value ->> 6, ?4, ?5, ?6, ?7, j.value ->> 7 FROM json_each(?1) j`
  const { origin, actor, runId, at, fence } = input
  const rows = changes
    .filter((change) => change.table.history)
    .map((change, n) =>
      JSON.stringify([
        n,
        change.table.name,
        change.key,
        change.op,
        change.op === 'insert' ? null : JSON.stringify(pick(change.before, change.columns)),
        JSON.stringify(pick(change.after, change.columns)),
        JSON.stringify(change.why),
        Number(change.before?.version ?? 0),
      ]),
    )
  return chunks(rows).map((json) => ({
    sql,
    params: [json, fence.lane, fence.version + 1, origin, actor, runId, at],
  }))
}

const heads = (changes: readonly Change[], { lane, version }: Fence): Statement[] =>
  [...new Set(changes.map(({ table }) => table))]
    .filter((table) => table.inbox)
    .map((table) => ({
      sql: `INSERT INTO inbox_heads (lane, tbl, version) VALUES (?1, ?2, ?3)
        ON CONFLICT (lane, tbl) DO UPDATE SET version = excluded.version`,
      params: [lane, table.name, version + 1],
    }))

function pinStatements(pins: readonly PinChange[], lane: string): Statement[] {
  const set = pins
    .filter(({ op }) => op === 'set')
    .map(({ pin }) =>
      JSON.stringify([
        pin.tbl,
        pin.key,
        pin.col,
        JSON.stringify(pin.value),
        pin.source,
        pin.actor,
        pin.note,
        pin.until,
        pin.at,
      ]),
    )
  const released = pins
    .filter(({ op }) => op === 'release')
    .map(({ pin }) => JSON.stringify([pin.tbl, pin.key, pin.col]))
  return [
    ...chunks(released).map((json) => ({
      sql: `DELETE FROM pins WHERE (tbl, key, col) IN (SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(?1) j)`,
      params: [json],
    })),
    ...chunks(set).map((json) => ({
      sql: `INSERT INTO pins (tbl, key, col, lane, value, source, actor, note, until, at)
        SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, ?2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
          j.value ->> 6, j.value ->> 7, j.value ->> 8 FROM json_each(?1) j WHERE true
        ON CONFLICT (tbl, key, col) DO UPDATE SET value = excluded.value, source = excluded.source,
          actor = excluded.actor, note = excluded.note, until = excluded.until, at = excluded.at`,
      params: [json, lane],
    })),
  ]
}

function conflictStatements(conflicts: readonly ConflictRow[], input: CommitInput): Statement[] {
  const rows = conflicts.map((c) =>
    JSON.stringify([
      c.id,
      c.part,
      c.tbl,
      c.key,
      c.col,
      c.kind,
      c.base,
      c.ours,
      c.theirs,
      c.detail,
      JSON.stringify(c.recommendations),
    ]),
  )
  return chunks(rows).map((json) => ({
    sql: `INSERT INTO conflicts (id, part, tbl, key, col, kind, base, ours, theirs, detail, recommendations,
        lane, link, scope, opened_at, run_id)
      SELECT ${Array.from({ length: 11 }, (_, i) => `j.value ->> ${i}`).join(', ')}, ?2, ?3, ?4, ?5, ?6
      FROM json_each(?1) j WHERE true
      ON CONFLICT (id) DO UPDATE SET resolved_at = NULL, resolution = NULL, opened_at = excluded.opened_at,
        run_id = excluded.run_id, ours = excluded.ours, theirs = excluded.theirs, detail = excluded.detail
      WHERE conflicts.resolved_at IS NOT NULL`,
    params: [json, input.fence.lane, input.link, input.scope, input.at, input.runId],
  }))
}

const pick = (row: Row | null, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column): [string, SqlValue] => [column, row?.[column] ?? null]))

/** JSON arrays of the rows, each below the parameter limit. One row alone is never above it: plans cut long texts. */
export function chunks(rows: readonly string[]): string[] {
  const all: string[] = []
  let current: string[] = []
  let bytes = 2
  for (const row of rows) {
    const size = utf8Length(row) + 1
    if (bytes + size > PARAMETER_BYTES && current.length > 0) {
      all.push(`[${current.join(',')}]`)
      current = []
      bytes = 2
    }
    current.push(row)
    bytes += size
  }
  if (current.length > 0) all.push(`[${current.join(',')}]`)
  return all
}

/** Bytes of a text in UTF-8, without making them. */
function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2
    else if (unit > 0x7f) bytes += 1
  }
  return bytes
}
