import type { Row } from '../../db/database.ts'
import type { LinkDeclaration, List, Schedule } from '../../sync/engine/declare.ts'
import { rollingBound } from '../../sync/engine/list-state.ts'
import { listOf, scheduleOf } from '../../sync/engine/run-frame.ts'

/** A link with what an operator set over what it declares. */
export interface Settled {
  readonly link: LinkDeclaration
  readonly list: List
  readonly schedule: Schedule
  /** Calls that the remote takes at once */
  readonly concurrency: number
}

/** The same, with the state of every scope that ever ran, and the scopes that are synced. */
export interface Listed extends Settled {
  readonly states: readonly Row[]
  readonly active: readonly string[]
}

/** What an operator set, over what the link declares. */
export function settle(link: LinkDeclaration, settings: ReadonlyMap<string, object>): Settled {
  const own = settings.get(link.config?.schedule ?? '') ?? {}
  const connection = settings.get(link.config?.connection ?? '') ?? {}
  const { concurrency = 1 } = connection as { concurrency?: number }
  const declared = link.list ?? { probe: 'rolling', probePages: 1 }
  return {
    link,
    list: listOf(declared, { ...connection, ...own }),
    schedule: scheduleOf(link.schedule, own),
    concurrency,
  }
}

/** `rolling`: within so many checks, and milliseconds, any change is found; null while the list's length is not known. */
export function boundOf({ list, schedule }: Settled, state: Row | undefined) {
  if (list.probe !== 'rolling' || state?.pages == null) return null
  const checks = rollingBound(Number(state.pages), list.probePages)
  return { checks, ms: checks * schedule.check }
}

/**
 * Which share of the remote's time the checks of all scopes take, each at its own interval, where nothing has changed; full
 * readings come on top. `pace`: what the last runs took, waiting included; without calls there is nothing to go by.
 */
export function forecastOf(listed: readonly Listed[], pace: { readonly ms: number; readonly calls: number }) {
  const scopes = listed.reduce((sum, { active }) => sum + active.length, 0)
  if (pace.calls === 0) return { scopes, call_ms: null, share: null }
  const call = pace.ms / pace.calls
  const busy = listed.flatMap((each) =>
    each.active.map((scope) => {
      const state = each.states.find((row) => row.scope === scope)
      return (callsOf(each.list, state) * call) / each.schedule.check / each.concurrency
    }),
  )
  return { scopes, call_ms: Math.round(call), share: busy.reduce((sum, share) => sum + share, 0) }
}

/** Calls of a check that finds nothing: a stamp, the first page, or the first, the last and some in between. */
function callsOf({ probe, probePages }: List, state: Row | undefined): number {
  if (probe !== 'rolling') return 1
  const most = probePages + 2
  return state?.pages == null ? most : Math.max(1, Math.min(most, Number(state.pages)))
}
