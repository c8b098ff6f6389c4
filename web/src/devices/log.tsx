import { getLogs, type SyncLog } from '../data/devices.ts'
import { duration } from '../format.ts'
import { Icon, type IconName } from '../parts/icons.tsx'
import { Empty, Failure } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'
import { usePages } from '../parts/use-pages.ts'
import { countsText } from './counts.ts'

const LOOKS = {
  running: ['running', 'Running', 'busy'],
  completed: ['done', 'Done', 'good'],
  failed: ['failed', 'Failed', 'bad'],
} as const satisfies Record<SyncLog['status'], readonly [IconName, string, string]>

/** Syncs that moved something, newest first. */
export function Log() {
  const pages = usePages(getLogs, ({ id }) => id)
  return (
    <>
      <Shown held={pages.held} skeleton={<Lines n={5} height={3} />}>
        {() =>
          pages.all.length === 0 ? (
            <Empty icon="runs" title="No sync yet">
              <p>Syncs of devices that moved something are listed here.</p>
            </Empty>
          ) : (
            <ul class="rows">
              {pages.all.map((log) => (
                <Line key={log.id} log={log} />
              ))}
            </ul>
          )
        }
      </Shown>
      {pages.problem && <Failure problem={pages.problem} />}
      {pages.isMore && (
        <p class="log-more">
          <button type="button" class="button" onClick={pages.more}>
            Older syncs
          </button>
        </p>
      )}
    </>
  )
}

function Line({ log }: { log: SyncLog }) {
  const [icon, text, tone] = LOOKS[log.status]
  return (
    <li class="device">
      <span class={`badge tone-${tone}`}>
        <Icon name={icon} class={log.status === 'running' ? 'spin' : ''} />
        {text}
      </span>
      <span class="row-main">
        <span class="row-title">
          {log.device ?? 'All devices that were on line'}
          {log.trigger === 'manual' && <span class="quiet">, asked for by hand</span>}
        </span>
        <span class="quiet">
          {log.error ?? (log.status === 'running' ? 'Under way' : countsText(log))}
          {' · '}
          <Ago time={log.startTime} />
          {log.durationSeconds !== null && `, ${duration(log.durationSeconds * 1000)}`}
        </span>
      </span>
    </li>
  )
}
