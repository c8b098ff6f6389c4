import type { RouteHandler } from '@hono/zod-openapi'
import type { LinkDeclaration } from '../../sync/engine/declare.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { Started } from '../../sync/protocol/erp.ts'
import { Refusal } from '../shared/app.ts'
import { userLinks } from '../shared/names.ts'
import { database, type SmartSync, type SmartSyncEnv } from './env.ts'
import type * as routes from './erp-routes.ts'
import { askScope, existing } from './erp-start.ts'

export const sessionLogin: RouteHandler<typeof routes.sessionLogin, SmartSync> = async (c) =>
  c.json(await told(c.env, c.get('actor'), 'login'), 200)

export const sessionReconnect: RouteHandler<typeof routes.sessionReconnect, SmartSync> = async (c) =>
  c.json(await told(c.env, c.get('actor'), 'reconnect'), 200)

/** Asks the links of the caller that declare this event. Each lane decides by itself whether its rows are old enough. */
async function told(env: SmartSyncEnv, actor: Actor, trigger: 'login' | 'reconnect'): Promise<Started> {
  const user = actor.user ?? ''
  const listening = userLinks.filter((link) => link.schedule[trigger] !== undefined)
  const links = await existing(database(env), listening, user)
  const ask = (link: LinkDeclaration) =>
    askScope(env.LANE, link, user, { trigger, full: false, actor: actor.name }).catch((error) => ({
      link: link.name,
      scope: user,
      answer: 'skipped' as const,
      reason: whyNot(link, error),
    }))
  return { started: await Promise.all(links.map(ask)), timestamp: new Date().toISOString() }
}

/** An app's event is not refused because one lane is busy: the cron's next check does what it would have done. */
function whyNot(link: LinkDeclaration, error: unknown): string {
  console.error(JSON.stringify({ event: 'session.not_asked', link: link.name, error: String(error) }))
  const why = error instanceof Refusal ? error.message : 'It could not be asked.'
  return `${why} The next check brings it up to date.`
}
