import { readFreshness } from '../../db/reads/lazy.ts'
import type { LinkDeclaration } from '../../sync/engine/declare.ts'
import { scheduleOf } from '../../sync/engine/run-frame.ts'
import { askLane } from '../shared/lanes.ts'
import { lazyLinks, scopeFor } from '../shared/names.ts'
import { database, type PushPullEnv } from './env.ts'

/**
 * Somebody reads a user's rows of this table: where they are older than their link declares, its lane is asked for news.
 * The reader does not wait for this, and does not hear of its failures: the next reader asks again.
 */
export async function refreshOld(
  env: PushPullEnv,
  table: string,
  user: string,
  actor: string,
): Promise<void> {
  for (const link of lazyLinks(table))
    try {
      await refresh(env, link, scopeFor(link, user), actor)
    } catch (error) {
      console.error(JSON.stringify({ event: 'read.not_asked', link: link.name, error: String(error) }))
    }
}

/** Asked once for each read of old rows; while a run waits or runs, not at all. The lane has the last word. */
async function refresh(env: PushPullEnv, link: LinkDeclaration, scope: string, actor: string): Promise<void> {
  const lane = link.lane(scope)
  const key = { link: link.name, scope, lane, setting: link.config?.schedule ?? '' }
  const known = await readFreshness(database(env), key, link.scopes.target(scope))
  const { lazy = Number.POSITIVE_INFINITY } = scheduleOf(link.schedule, JSON.parse(known.setting ?? 'null'))
  const fresh = known.lastGoodAt !== null && Date.now() - known.lastGoodAt < lazy
  if (fresh || known.going || !known.exists) return
  await askLane(env.LANE, lane, (stub) =>
    stub.request(lane, { link: link.name, scope, parts: null, trigger: 'read', full: false, actor }),
  )
}
