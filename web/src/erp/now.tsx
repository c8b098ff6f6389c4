import { useState } from 'preact/hooks'
import type { ErpStatus } from '../../../sync/protocol/erp.ts'
import type { Run } from '../../../sync/protocol/runs.ts'
import { capital, count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { PageBar, pageWords } from '../parts/progress.tsx'
import { placeOf, triggerOf } from '../parts/run-words.ts'
import { Ago, now } from '../parts/time.tsx'
import { leftInWords } from './estimate.ts'
import { GateFacts } from './gate.tsx'
import { laneName, runName } from './words.ts'

/** Lanes shown at first; the rest waits behind a button. */
const SHOWN = 6

/** A line a lane with the runs in it: what runs and how long still, what waits and for what; and who is at the gate. */
export function Now({ status, runs }: { status: ErpStatus; runs: readonly Run[] }) {
  const [isAll, setAll] = useState(false)
  const lanes = lanesOf(runs)
  const shown = isAll ? lanes : lanes.slice(0, SHOWN)
  return (
    <section class="panel erp-now" aria-labelledby="erp-now">
      <h2 id="erp-now">What runs and what waits</h2>
      {lanes.length === 0 ? (
        <p class="quiet">
          <NothingRuns status={status} />
        </p>
      ) : (
        <ul class="erp-lanes">
          {shown.map(([lane, own]) => (
            <Lane key={lane} lane={lane} runs={own} />
          ))}
        </ul>
      )}
      {lanes.length > SHOWN && (
        <button type="button" class="button" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
          {isAll ? 'Show fewer' : `Show ${count(lanes.length - SHOWN, 'more lane')}`}
        </button>
      )}
      <GateFacts status={status} />
    </section>
  )
}

function Lane({ lane, runs }: { lane: string; runs: readonly Run[] }) {
  const running = runs.filter(({ status }) => status === 'running')
  const queued = runs.filter(({ status }) => status === 'queued')
  return (
    <li>
      <h3>{laneName(lane)}</h3>
      <div class="erp-lane-runs">
        {running.map((run) => (
          <Running key={run.id} run={run} />
        ))}
        {queued.map((run) => (
          <p key={run.id} class="erp-queued quiet">
            <Icon name="queued" />
            <span>
              <a href={`/runs/${run.id}`}>{runName(run)}</a> queued {triggerOf(run)},{' '}
              <Ago time={run.enqueued_at} />
              {run.report.waits && ` · ${run.report.waits}`}
            </span>
          </p>
        ))}
      </div>
    </li>
  )
}

function Running({ run }: { run: Run }) {
  const { waits } = run.report
  const left = placeOf(run) ? leftInWords(run, Math.max(now.value, Date.now())) : ''
  return (
    <div class="erp-run">
      <p class="erp-run-title">
        <span>
          <a href={`/runs/${run.id}`}>{runName(run)}</a>{' '}
          <span class="quiet">
            {run.full && 'all pages, '}
            {triggerOf(run)}
          </span>
        </span>
        <span class="quiet">{left}</span>
      </p>
      <PageBar run={run} />
      <p class="erp-run-words">
        <span>{pageWords(run)}</span>
        {waits && (
          <span class="tone-busy">
            <Icon name="paused" /> {capital(waits)}
          </span>
        )}
      </p>
    </div>
  )
}

function NothingRuns({ status }: { status: ErpStatus }) {
  const due = status.systems
    .flatMap(({ link, scopes }) =>
      scopes.flatMap(({ scope, active, next_due_at }) =>
        active && next_due_at ? [{ link, scope, next_due_at }] : [],
      ),
    )
    .sort((a, b) => (a.next_due_at < b.next_due_at ? -1 : 1))[0]
  if (!due) return <>Nothing runs, and nothing waits.</>
  return (
    <>
      Nothing runs, and nothing waits. Next: {runName(due)}{' '}
      {Date.parse(due.next_due_at) <= Math.max(now.value, Date.now()) ? (
        'any moment'
      ) : (
        <Ago time={due.next_due_at} />
      )}
      .
    </>
  )
}

/** Runs by lane: lanes in which something runs first, then by the age of their first run. */
function lanesOf(runs: readonly Run[]): [string, Run[]][] {
  const lanes = new Map<string, Run[]>()
  for (const run of runs) lanes.set(run.lane, [...(lanes.get(run.lane) ?? []), run])
  const isIdle = (own: readonly Run[]) => (own.some(({ status }) => status === 'running') ? 0 : 1)
  return [...lanes].sort(
    ([, a], [, b]) => isIdle(a) - isIdle(b) || ((a[0]?.id ?? '') < (b[0]?.id ?? '') ? -1 : 1),
  )
}
