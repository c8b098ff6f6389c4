import type { Database, Result, Statement } from '../../db/database.ts'
import type { Changeset } from './changes.ts'
import {
  conflictStatements,
  heads,
  historyStatements,
  pinStatements,
  rowStatements,
  settledStatements,
  touches,
} from './commit-statements.ts'

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
    ...settledStatements(input.set.settled ?? [], input),
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
