import type { RouteHandler } from '@hono/zod-openapi'
import { readSyncStatus } from '../../db/reads/status.ts'
import { SHEET_LINK } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'
import { syncProjects } from './sync.ts'

export const startSync: RouteHandler<typeof routes.startSync, SmartSync> = async (c) => {
  const { project_id = null, full } = c.req.valid('query')
  const { name, role } = c.get('actor')
  const outcome = await syncProjects(database(c.env), c.env.LANE, {
    project: project_id,
    full,
    trigger: role === 'hook' ? 'hook' : 'manual',
    actor: name,
  })
  if (outcome.type === 'ended') return c.json(outcome.answer, 200)
  return c.json({ success: true as const, run_ids: [...outcome.runIds], timestamp: iso(Date.now()) }, 202)
}

export const syncStatus: RouteHandler<typeof routes.syncStatus, SmartSync> = async (c) => {
  const { projects, active, conflicts, run, nextDue, troubles } = await readSyncStatus(
    database(c.env),
    SHEET_LINK,
  )
  const trouble = troubles.find((each) => each !== null) ?? null
  const words = trouble === null ? null : (JSON.parse(trouble) as { reason: string; mend: string })
  return c.json(
    {
      success: true,
      total_projects: projects,
      active_projects: active,
      // The seed's cache stood between its pages and the sheet; here every read is D1's.
      cache_enabled: false,
      timestamp: iso(Date.now()),
      last_run: run && { ...run, finished_at: run.finished_at === null ? null : iso(run.finished_at) },
      next_due: nextDue === null ? null : iso(nextDue),
      open_conflicts: conflicts,
      sheets_reachable: troubles.length === 0 ? null : trouble === null,
      sheets_trouble: words && `${words.reason} ${words.mend}`,
    },
    200,
  )
}

const iso = (at: number) => new Date(at).toISOString()
