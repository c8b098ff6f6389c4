import type { Actor } from '../../sync/protocol/common.ts'
import { bothWayLinks, SHARED } from '../shared/names.ts'
import { database, type SmartSyncEnv } from './env.ts'
import { askScope, existing } from './erp-start.ts'

/**
 * Something was settled in this lane that its sheets should show: they are asked to run. What was settled stays though the lane
 * can't be asked; the cron asks it then.
 */
export async function askSheets(env: SmartSyncEnv, lane: string, actor: Actor): Promise<void> {
  try {
    const links = bothWayLinks.filter((link) => link.lane(SHARED) === lane)
    for (const link of await existing(database(env), links, ''))
      await askScope(env.LANE, link, '', { trigger: 'write', full: false, actor: actor.name })
  } catch (error) {
    console.error(JSON.stringify({ event: 'write.not_asked', lane, error: String(error) }))
  }
}
