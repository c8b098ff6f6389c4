import type { Run } from '../../../sync/protocol/runs.ts'
import { placeOf } from '../parts/run-words.ts'

/** Pages that a run has to have read before their pace says anything. */
const ENOUGH = 3

/**
 * Milliseconds that are left, at the pace of the pages that this run has read; null: too few to tell. The page's number
 * alone would lie where a run goes on at page 200: what it read is counted in rows.
 */
export function leftOf(run: Run, now: number): number | null {
  const place = placeOf(run)
  if (!place || !run.started_at) return null
  const read = place.rows > 0 ? (run.report.counts.read * place.pages) / place.rows : place.page
  const done = Math.min(Math.max(read, 0), place.pages)
  if (done < ENOUGH - 0.5) return null
  const each = Math.max(0, now - Date.parse(run.started_at)) / done
  return each * (place.pages - place.page)
}

/** `about 4 min left`. A check may end before the list does, and says `at most`. */
export function leftInWords(run: Run, now: number): string {
  const left = leftOf(run, now)
  if (left === null) return 'estimating…'
  const about = `${run.full ? 'about' : 'at most about'} ${roughly(left)} left`
  return left < 5 * MINUTE ? about : `${about}, until ${clock.format(now + left)}`
}

const MINUTE = 60_000
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** In one unit, in steps that don't jump about. */
function roughly(ms: number): string {
  if (ms < 10_000) return '10 s'
  if (ms < 55_000) return `${Math.ceil(ms / 10_000) * 10} s`
  if (ms < 89 * MINUTE) return `${Math.max(1, Math.round(ms / MINUTE))} min`
  return `${(ms / (60 * MINUTE)).toFixed(1).replace('.0', '')} h`
}
