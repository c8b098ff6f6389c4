import type { Run } from '../../../sync/protocol/runs.ts'
import { getRuns } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { activeRuns, latest } from '../data/runs.ts'
import { capital } from '../format.ts'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/notice.tsx'
import { summary, tookOf, triggerOf } from '../parts/run-words.ts'
import { Lines, Shown } from '../parts/shown.tsx'
import { StatusBadge } from '../parts/status.tsx'
import { Ago, now } from '../parts/time.tsx'
import { place } from '../router.ts'

/** All runs, newest first; live ones on top of the first page as soon as they are heard of. */
export function RunsView() {
  const before = place.value.query.get('before')
  const held = useRead(getRuns(before))
  return (
    <>
      <Heading title={before ? 'Older runs' : 'Runs'} />
      <Shown held={held} skeleton={<Lines n={10} height={3.25} />}>
        {(runs) => <RunList runs={before ? runs : withNews(runs)} isFirst={!before} />}
      </Shown>
      <nav class="pager" aria-label="Pages of runs">
        {before && (
          <a class="button" href="/runs">
            <Icon name="back" />
            Newest
          </a>
        )}
        {held.next && (
          <a class="button" href={`/runs?${held.next.split('?')[1] ?? ''}`}>
            Older
            <Icon name="forward" />
          </a>
        )}
      </nav>
    </>
  )
}

function RunList({ runs, isFirst }: { runs: readonly Run[]; isFirst: boolean }) {
  if (runs.length === 0)
    return (
      <Empty icon="runs" title={isFirst ? 'No runs yet' : 'No older runs'}>
        <p>{isFirst ? 'The first sync, by hand or on schedule, appears here.' : 'These were all.'}</p>
      </Empty>
    )
  return (
    <ul class="rows">
      {runs.map(latest).map((run) => (
        <li key={run.id}>
          <a class="row" href={`/runs/${run.id}`}>
            <StatusBadge status={run.status} />
            <span class="row-main">
              <span class="row-title">
                {capital(triggerOf(run))}{' '}
                <span class="quiet">
                  {run.actor} · {run.link}
                </span>
              </span>
              <span class="quiet">{summary(run)}</span>
            </span>
            <span class="row-end">
              <Ago time={run.enqueued_at} />
              <span class="quiet">{tookOf(run, now.value)}</span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}

const withNews = (runs: readonly Run[]): Run[] => [
  ...activeRuns.value.filter((active) => runs.every((run) => run.id !== active.id)).reverse(),
  ...runs,
]
