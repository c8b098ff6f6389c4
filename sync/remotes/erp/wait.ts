import { LONGEST_WAIT, USUAL_WAIT } from './limits.ts'

/**
 * Milliseconds that an answer asks to wait: `Retry-After` is in seconds or a date. null: a 503 that names none, which is
 * an ERP that is out of service rather than one that is busy.
 */
export function waitOf(header: string | null, status: number, now: number): number | null {
  const text = header?.trim() ?? ''
  const asked = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  if (Number.isNaN(asked)) return status === 429 ? USUAL_WAIT : null
  return Math.min(LONGEST_WAIT, Math.max(0, asked))
}
