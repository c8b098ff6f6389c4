import type { Run } from '../../../sync/protocol/runs.ts'
import { count, exact } from '../format.ts'
import { StatusBadge, toneOf } from './status.tsx'

/** How far a run is: one segment a part, in the part's tone; the words say the same. */
export function Progress({ run }: { run: Run }) {
  const { parts, counts } = run.report
  const passed = parts.filter((part) => part.status !== 'waiting').length
  const text =
    run.status === 'queued'
      ? 'Waiting for its turn in the lane'
      : parts.length === 0
        ? 'Asking the remote whether it has changed'
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
