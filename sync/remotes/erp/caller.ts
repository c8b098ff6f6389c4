import type { RemoteContext } from '../../engine/ports.ts'
import type { Caller, Dialect } from './calls.ts'

/** Who calls, from what a link's target and settings say. A target without a login is a bug of its declaration. */
export const callerOf = (context: RemoteContext): Caller => ({
  dialect: dialectOf(context),
  login: textIn(context, 'login'),
  sealed: textIn(context, 'sealed'),
  user: textIn(context, 'user'),
  priority: context.priority,
  most: context.ahead,
  waits: (reason) => context.waits(reason),
  called: (kind) => context.called(kind),
})

/** Which of the ERP's lists this link reads. */
export const listOf = (context: RemoteContext): string => textIn(context, 'list')

export const dialectOf = ({ settings }: RemoteContext): Dialect =>
  settings.dialect === 'html' ? 'html' : 'json'

function textIn({ target }: RemoteContext, name: string): string {
  const value = target[name]
  if (typeof value !== 'string') throw new Error(`the link's target has no ${name}`)
  return value
}
