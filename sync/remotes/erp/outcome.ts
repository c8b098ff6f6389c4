import type { Answer, RemoteFailure } from '../../engine/ports.ts'
import { LONGEST_QUOTE } from './limits.ts'

/** What came of a call. */
export type Called<T> = { readonly ok: true; readonly value: T } | Trouble

export interface Trouble {
  readonly ok: false
  readonly failure: RemoteFailure
  /** It says something about the ERP (network, login, busy), not about what was asked for */
  readonly away: boolean
  /** What was asked for may have been done */
  readonly sent: boolean
}

/** The ERP wants a login first, so it did nothing. */
export interface Expired {
  readonly expired: true
  readonly reason: string
}

/** Characters of an answer that are looked at for a reason */
const SEEN = 4_000

const AGAIN = 'Nothing to do: it is tried again. If it lasts, open the ERP and look there.'

/** The same for the engine, which knows nothing of sessions. */
export const answerOf = <T>(called: Called<T>): Answer<T> =>
  called.ok ? called : { ok: false, failure: called.failure }

/** The ERP answered, and not what it should: it says nothing about other calls. */
export const broken = (reason: string, mend = AGAIN): Trouble => ({
  ok: false,
  failure: { type: 'unavailable', reason, mend },
  away: false,
  sent: true,
})

/** It will not pass until a person acts. */
export const refused = (reason: string, mend: string, away = false): Trouble => ({
  ok: false,
  failure: { type: 'refused', reason, mend },
  away,
  sent: false,
})

/** No answer, or not all of it. */
export const unreachable = (reason: string, sent: boolean): Trouble => ({
  ok: false,
  failure: {
    type: 'unavailable',
    reason,
    mend: 'Nothing to do: it is tried again. If it lasts, check that the ERP is up and that ERP_ORIGIN is its address.',
  },
  away: true,
  sent,
})

export const busy = (at: number, reason: string): Trouble => ({
  ok: false,
  failure: { type: 'busy', at, reason },
  away: true,
  sent: false,
})

/** The first words of what was seen, for a reason: no tags, no control characters. */
export function quote(text: string): string {
  const plain = text
    .slice(0, SEEN)
    .replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, ' ')
    .replace(/<[^>]*>?/g, ' ')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
  const characters = [...plain]
  return characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : plain
}
