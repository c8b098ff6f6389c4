import type { Run } from '../../../sync/protocol/runs.ts'
import { capital, count, exact } from '../format.ts'
import { placeOf } from './run-words.ts'
import { StatusBadge, toneOf } from './status.tsx'

/** How far a run is: one segment a part, in the part's tone; the words say the same. */
export function Progress({ run }: { run: Run }) {
  const { parts, counts, waits } = run.report
  if (placeOf(run))
    return (
      <div class="progress">
        <PageBar run={run} />
        <p class="progress-text">
          <StatusBadge status={run.status} />
          <span>{pageWords(run)}</span>
          {waits && <span>{capital(waits)}</span>}
        </p>
      </div>
    )
  const passed = parts.filter((part) => part.status !== 'waiting').length
  const text =
    run.status === 'queued' || parts.length === 0
      ? pageWords(run)
      : `${passed} of ${count(parts.length, 'part')} · ${exact(counts.read)} rows read · ${exact(counts.written)} written`
  return (
    <div class="progress">
      <div
        class="progress-bar"
        role="progressbar"
        aria-label={`Progress of run ${run.id}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(1, parts.length)}
        aria-valuenow={passed}
        aria-valuetext={text}
      >
        {parts.map((part) => (
          <span key={part.id} class={`segment tone-${toneOf(part.status)} is-${part.status}`} />
        ))}
        {parts.length === 0 && <span class="segment is-waiting" />}
      </div>
      <p class="progress-text">
        <StatusBadge status={run.status} />
        <span>{text}</span>
      </p>
    </div>
  )
}

/** How far a run is in a list that it reads page by page. */
export function PageBar({ run }: { run: Run }) {
  const { page, pages } = placeOf(run) ?? { page: 0, pages: 1 }
  return (
    <div
      class={`page-bar ${run.report.waits ? 'is-paused' : ''}`}
      role="progressbar"
      aria-label={`Progress of run ${run.id}`}
      aria-valuemin={0}
      aria-valuemax={pages}
      aria-valuenow={page}
      aria-valuetext={pageWords(run)}
    >
      <span style={{ width: `${(page / pages) * 100}%` }} />
    </div>
  )
}

/** `Page 12 of 285 · 240 rows read · 3 written` */
export function pageWords(run: Run): string {
  const place = placeOf(run)
  const { read, written } = run.report.counts
  if (run.status === 'queued') return 'Waiting for its turn in the lane'
  if (!place) return 'Asking the remote whether it has changed'
  return `Page ${exact(place.page)} of ${exact(place.pages)} · ${count(read, 'row')} read · ${exact(written)} written`
}
