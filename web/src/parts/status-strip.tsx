import type { RunStatus } from '../../../sync/protocol/runs.ts'
import { getSyncStatus, type SyncStatus } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { exact } from '../format.ts'
import { Fact } from './fact.tsx'
import { Icon } from './icons.tsx'
import { Notice } from './notice.tsx'
import { Shown } from './shown.tsx'
import { StatusBadge } from './status.tsx'
import { Ago } from './time.tsx'

/** Four answers at a glance: is it well, when next, can the sheet be read, does anything wait for a person. */
export function StatusStrip() {
  const held = useRead(getSyncStatus)
  return (
    <Shown held={held} skeleton={<Waiting />}>
      {(status) => (
        <>
          <dl class="strip">
            <Fact term="Last run">
              <LastRun run={status.last_run} />
            </Fact>
            <Fact term="Next due">
              {status.next_due ? <Ago time={status.next_due} /> : <span class="quiet">Not scheduled</span>}
            </Fact>
            <Fact term="Google Sheets">
              <Reach reachable={status.sheets_reachable} />
            </Fact>
            <Fact term="Conflicts">
              {status.open_conflicts > 0 ? (
                <a class="badge tone-warn" href="/conflicts">
                  <Icon name="conflict" />
                  {exact(status.open_conflicts)} open
                </a>
              ) : (
                <span>None open</span>
              )}
            </Fact>
          </dl>
          {status.sheets_trouble && (
            <Notice tone="warn" title="Google Sheets can't be read">
              <p>{status.sheets_trouble}</p>
              <p>Syncs go on with what the database and the parsers have. No number was lost.</p>
            </Notice>
          )}
        </>
      )}
    </Shown>
  )
}

/** The strip with its terms, before the answers. */
function Waiting() {
  return (
    <dl class="strip">
      {['Last run', 'Next due', 'Google Sheets', 'Conflicts'].map((term) => (
        <Fact key={term} term={term}>
          {' '}
        </Fact>
      ))}
    </dl>
  )
}

function LastRun({ run }: { run: SyncStatus['last_run'] }) {
  if (!run) return <span class="quiet">None yet</span>
  return (
    <a class="last-sync" href={`/runs/${run.id}`}>
      <StatusBadge status={run.status as RunStatus} />
      {run.finished_at && <Ago time={run.finished_at} />}
    </a>
  )
}

function Reach({ reachable }: { reachable: boolean | null }) {
  if (reachable === null) return <span class="quiet">Not asked yet</span>
  return reachable ? (
    <span class="badge tone-good">
      <Icon name="done" />
      Reachable
    </span>
  ) : (
    <span class="badge tone-warn">
      <Icon name="degraded" />
      Not reachable
    </span>
  )
}
