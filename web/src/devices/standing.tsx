import type { ComponentChildren } from 'preact'
import { getDevicesStatus } from '../data/devices.ts'
import { useRead } from '../data/reads.ts'
import { capital, duration, exact } from '../format.ts'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'

/** How syncing stands, in four facts. */
export function Standing() {
  const held = useRead(getDevicesStatus)
  return (
    <Shown held={held} skeleton={<Lines n={1} height={5} />}>
      {(status) => (
        <dl class="standing">
          <Fact term="Now">
            {status.isSyncing ? 'Syncing' : status.isOnline ? 'Devices are on line' : 'No device is on line'}
          </Fact>
          <Fact
            term="Last sync"
            more={
              status.lastSyncStatus &&
              `${capital(status.lastSyncStatus)}${status.lastSyncDuration === null ? '' : `, ${duration(status.lastSyncDuration * 1000)}`}`
            }
          >
            {status.lastSyncTime ? <Ago time={status.lastSyncTime} /> : 'Never'}
          </Fact>
          <Fact term="Syncs">{exact(status.totalSyncsCompleted)}</Fact>
          <Fact term="Conflicts" more={`${exact(status.totalConflicts)} in all`}>
            {status.unresolvedConflicts > 0 ? (
              <a href="/conflicts">{exact(status.unresolvedConflicts)} wait for you</a>
            ) : (
              'None is open'
            )}
          </Fact>
        </dl>
      )}
    </Shown>
  )
}

function Fact(props: { term: string; more?: string | null; children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.term}</dt>
      <dd>
        <strong>{props.children}</strong>
        {props.more && <span class="quiet">{props.more}</span>}
      </dd>
    </div>
  )
}
