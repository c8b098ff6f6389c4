import type { RouteHandler } from '@hono/zod-openapi'
import { type Database, query } from '../../db/database.ts'
import type { UndoInput } from '../../sync/protocol/conflicts.ts'
import type { Proposal } from '../../sync/protocol/lane.ts'
import { notFound } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { change } from './change.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './sync-routes.ts'

export const undo: RouteHandler<typeof routes.undo, SmartSync> = async (c) => {
  const { dry_run, expect, pin, ...named } = c.req.valid('json')
  const { lane, of } = await whatIsMeant(database(c.env), named)
  const plan = await change(c.env, lane, c.get('actor'), { type: 'undo', of, pin }, { dry_run, expect })
  return c.json({ dry_run, plans: [plan] }, 200)
}

type Meant = Extract<Proposal, { type: 'undo' }>['of']

/** The lane, and what is to be undone in it. What is not there is not found. */
async function whatIsMeant(
  from: Database,
  { run, conflict, lane = '', version = 0 }: Pick<UndoInput, 'run' | 'conflict' | 'lane' | 'version'>,
): Promise<{ lane: string; of: Meant }> {
  if (run !== undefined) {
    const sql = 'SELECT lane, finished_at AS finished FROM runs WHERE id = ?1'
    const [row] = await query<{ lane: string; finished: number | null }>(from, sql, run)
    if (!row) throw notFound('run', run)
    if (row.finished === null)
      throw new Refusal({
        type: 'conflict',
        detail: `The run ${run} is still under way: what it does after the undo would stay.`,
        mend: 'Wait for its end, then undo it.',
      })
    return { lane: row.lane, of: { run } }
  }
  if (conflict !== undefined) {
    const sql = 'SELECT lane, resolved_version AS version FROM conflicts WHERE id = ?1'
    const [row] = await query<{ lane: string; version: number | null }>(from, sql, conflict)
    if (!row) throw notFound('conflict', conflict)
    if (row.version === null)
      throw new Refusal({
        type: 'conflict',
        detail: `The conflict ${conflict} was not settled by anybody: there is nothing to undo.`,
        mend: 'Undo what settled it, by its run or version.',
      })
    return { lane: row.lane, of: { resolution: conflict } }
  }
  await knownLane(from, lane)
  return { lane, of: { version } }
}

/** Refuses a lane that has no commit: asking for it would only make an object. */
export async function knownLane(from: Database, lane: string): Promise<void> {
  const [row] = await query(from, 'SELECT 1 FROM lanes WHERE lane = ?1', lane)
  if (!row) throw notFound('lane', lane)
}
