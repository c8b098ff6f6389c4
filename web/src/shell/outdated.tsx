import { connection } from '../data/live.ts'
import { outdated, refresh } from '../data/reads.ts'
import { dateTime } from '../format.ts'
import { Notice } from '../parts/notice.tsx'

/** One banner for all values that could not be read again. */
export function Outdated() {
  const trouble = outdated.value
  if (connection.value === 'offline')
    return (
      <Notice tone="warn" icon="offline" title="This device is offline">
        <p>
          What is shown was read {trouble ? `at ${dateTime(trouble.since)}` : 'before'} and stays. Syncs go on
          without this page; it catches up as soon as there is a network.
        </p>
      </Notice>
    )
  if (!trouble) return null
  return (
    <Notice tone="warn" title="What is shown may be out of date">
      <p>
        {trouble.problem.detail} What is shown was read at {dateTime(trouble.since)} and stays; nothing was
        changed. {trouble.problem.mend}
      </p>
      <button type="button" class="button" onClick={() => refresh()}>
        Try again
      </button>
    </Notice>
  )
}
