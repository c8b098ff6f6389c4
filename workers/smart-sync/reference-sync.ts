import type { RouteHandler } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { readRunsById } from '../../db/reads/runs.ts'
import { Refusal } from '../shared/app.ts'
import { settled } from '../shared/lanes.ts'
import { type BothWayLink, referenceLink, SHARED, sheetName } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import { askScope, existing } from './erp-start.ts'
import { runsFor } from './runs.ts'
import { sheetNamed } from './sheet-config.ts'
import type * as routes from './sheet-routes.ts'
import { settingKey } from './sheets.ts'

export const startReferenceSync: RouteHandler<typeof routes.startReferenceSync, SmartSync> = async (c) =>
  start(c, referenceLink, c.req.valid('query'))

export const startSheetSync: RouteHandler<typeof routes.startSheetSync, SmartSync> = async (c) =>
  start(c, sheetNamed(c.req.valid('param').name), c.req.valid('query'))

/** Asks for a run, and waits for its end as long as the caller says; it goes on all the same. */
async function start(
  c: Context<SmartSync>,
  of: BothWayLink,
  { force, wait }: { readonly force: boolean; readonly wait: number },
) {
  const actor = c.get('actor')
  const deadline = Date.now() + wait * 1_000
  const [link] = await existing(database(c.env), [of], '')
  if (!link)
    throw new Refusal({
      type: 'conflict',
      detail: `No workbook is linked under ${sheetName(of)} yet.`,
      mend: `An admin says which it is with PUT /api/config/${settingKey(of)}.`,
    })
  const how = { trigger: 'manual', full: force, actor: actor.name } as const
  const started = await askScope(c.env.LANE, link, '', how)
  const { answer, run_id } = started
  // Only what comes by itself is ever told to wait.
  if (answer === 'skipped' || run_id === undefined)
    throw new Error(`a manual run was skipped: ${started.reason}`)
  if (wait > 0) await settled(c.env.LANE, link.lane(SHARED), run_id, deadline)
  const [run] =
    wait > 0 ? await runsFor(database(c.env), actor, await readRunsById(database(c.env), [run_id])) : []
  if (run && run.finished_at !== null) return c.json(run, 200)
  return c.json({ success: true as const, answer, run_id, timestamp: new Date().toISOString() }, 202)
}
