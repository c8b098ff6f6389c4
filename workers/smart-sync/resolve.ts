import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import type { TableDeclaration } from '../../sync/engine/declare.ts'
import type { ResolveInput } from '../../sync/protocol/conflicts.ts'
import type { Proposal } from '../../sync/protocol/lane.ts'
import { Refusal } from '../shared/app.ts'
import { declaredTable } from '../shared/names.ts'
import { toMilliseconds } from '../shared/times.ts'
import { askSheets } from './ask-sheets.ts'
import { change } from './change.ts'
import type { SmartSync } from './env.ts'
import { asSeenBy } from './runs.ts'
import { settleable } from './sync-conflicts.ts'
import type * as routes from './sync-routes.ts'

export const resolve: RouteHandler<typeof routes.resolve, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const { dry_run, expect, ...settle } = c.req.valid('json')
  const actor = c.get('actor')
  const row = await settleable(c.env, actor, id)
  const by = String(row.resolved_by)
  // The lane says who it was; not everybody may know.
  if (row.resolved_at !== null && asSeenBy(actor, by) !== by)
    throw new Refusal({
      type: 'conflict',
      detail: `It was settled already: ${row.resolution} by ${asSeenBy(actor, by)}.`,
    })
  const lane = String(row.lane)
  const proposal = proposalOf(row, settle)
  const plan = await change(c.env, lane, actor, proposal, { dry_run, expect })
  const skip = plan.skips.find(({ about }) => about === id)
  const settled = plan.settles.some(({ conflict }) => conflict === id)
  if (!settled && skip)
    throw new Refusal({ type: 'conflict', detail: skip.reason, mend: 'Choose another strategy or value.' })
  const done = plan.status === 'applied' ? await settleable(c.env, actor, id) : null
  if (done) await askSheets(c.env, lane, actor)
  const at = done?.resolved_at ?? null
  return c.json(
    {
      success: true,
      message: done
        ? `Conflict resolved using ${settle.strategy} strategy`
        : `Conflict would be resolved using ${settle.strategy} strategy`,
      conflict_id: id,
      resolved_by: done ? String(done.resolved_by) : null,
      resolved_at: at === null ? null : new Date(Number(at)).toISOString(),
      lane,
      version: done ? plan.version : null,
      dry_run,
      plans: [plan],
    },
    200,
  )
}

/** The proposal with its times as the engine has them. `newValue` is for the conflict's column, or its first one. */
function proposalOf(row: Row, given: Omit<ResolveInput, 'dry_run' | 'expect'>): Proposal {
  const { strategy, newValue, values, notes } = given
  const table = declaredTable(String(row.tbl))
  if (!table.device && row.link === '' && (newValue !== undefined || values))
    throw new Refusal({
      type: 'bad_request',
      detail: `${table.name} is not kept by devices: its values come from elsewhere.`,
      mend: 'Settle it with keep_local or keep_remote.',
    })
  const field = (row.col as string | null) ?? firstOf(row.theirs)
  return {
    type: 'resolve',
    conflict: String(row.id),
    strategy,
    notes,
    ...(newValue !== undefined && { newValue: inside({ [field]: newValue }, table)[field] ?? null }),
    ...(values && { values: inside(values, table) }),
  }
}

/** The first column that the edit names; none where a remote disputes something else than columns. */
const firstOf = (theirs: unknown): string =>
  typeof theirs === 'string' && theirs.startsWith('{') ? (Object.keys(JSON.parse(theirs))[0] ?? '') : ''

function inside(values: Readonly<Record<string, string | number | null>>, { device }: TableDeclaration) {
  const read = toMilliseconds(values, device ?? { columns: {} })
  if (!read.ok) throw new Refusal({ type: 'bad_request', detail: read.wrong })
  return read.values
}
