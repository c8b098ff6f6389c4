import { useEffect } from 'preact/hooks'
import type { PartReport, Run } from '../../../sync/protocol/runs.ts'
import { getProjects, getRun } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { isActive, latest, learn } from '../data/runs.ts'
import { capital, count, exact } from '../format.ts'
import { Fact } from '../parts/fact.tsx'
import { Crumbs, Heading } from '../parts/heading.tsx'
import { Notice } from '../parts/notice.tsx'
import { Progress } from '../parts/progress.tsx'
import { keptBy, partSummary, tookOf, triggerOf } from '../parts/run-words.ts'
import { Lines, Shown } from '../parts/shown.tsx'
import { StatusBadge } from '../parts/status.tsx'
import { now, When } from '../parts/time.tsx'
import { Warnings } from '../parts/warnings.tsx'

/** One run: what it was asked for, what it did, part by part, and what a person should look at. Live while it runs. */
export function RunView({ id }: { id: string }) {
  const held = useRead(getRun(id))
  const read = held.value
  useEffect(() => {
    if (read) learn([read])
  }, [read])
  return (
    <>
      <Crumbs links={[['/runs', 'Runs']]} />
      <Heading title={`Run ${id}`}>
        Run <code class="id">{id}</code>
      </Heading>
      <Shown held={held} skeleton={<Lines n={8} />}>
        {(run) => <Content run={latest(run)} />}
      </Shown>
    </>
  )
}

function Content({ run }: { run: Run }) {
  const { report } = run
  return (
    <>
      <p class="under-title">
        <StatusBadge status={run.status} />
      </p>
      {isActive(run) && (
        <div class="panel">
          <Progress run={run} />
        </div>
      )}
      {report.reason && (
        <Notice tone={run.status === 'failed' ? 'bad' : 'warn'} title={report.reason}>
          <dl class="facts">
            <Fact term="What was kept">{keptBy(run)}</Fact>
            {report.mend && <Fact term="What to do">{report.mend}</Fact>}
          </dl>
        </Notice>
      )}
      <dl class="strip is-counts">
        {COUNTS.map((name) => (
          <div key={name}>
            <dt>{capital(name)}</dt>
            <dd>{exact(report.counts[name])}</dd>
          </div>
        ))}
      </dl>
      <section class="panel" aria-labelledby="about">
        <h2 id="about">About this run</h2>
        <dl class="about">
          <Fact term="Asked for">
            {capital(triggerOf(run))}, {run.actor}
          </Fact>
          <Fact term="Link">
            {run.link}, scope {run.scope}
          </Fact>
          <Fact term="Lane">{run.lane}</Fact>
          <Fact term="Reads">{run.full ? 'Everything' : 'What has changed'}</Fact>
          <Fact term="Queued">
            <When time={run.enqueued_at} />
          </Fact>
          <Fact term="Began">{run.started_at ? <When time={run.started_at} /> : 'Not yet'}</Fact>
          <Fact term="Ended">{run.finished_at ? <When time={run.finished_at} /> : 'Not yet'}</Fact>
          <Fact term="Took">{tookOf(run, now.value) || 'Not begun'}</Fact>
        </dl>
      </section>
      {report.warnings.length > 0 && (
        <section class="panel" aria-labelledby="warnings">
          <h2 id="warnings">{count(report.warnings.length, 'warning')} of the whole run</h2>
          <Warnings warnings={report.warnings} />
        </section>
      )}
      {report.parts.length > 0 && (
        <section aria-labelledby="parts">
          <h2 id="parts">{count(report.parts.length, 'part')}</h2>
          <ul class="parts">
            {report.parts.map((part) => (
              <Part key={part.id} part={part} said={report.reason} />
            ))}
          </ul>
        </section>
      )}
      {report.warnings_cut > 0 && (
        <p class="quiet">{count(report.warnings_cut, 'more warning')} not kept: a report holds 200.</p>
      )}
    </>
  )
}

const COUNTS = ['read', 'merged', 'written', 'skipped', 'rejected', 'conflicts', 'deleted', 'calls'] as const

/** `said`: the run's own reason, which needs no repeating. */
function Part({ part, said }: { part: PartReport; said: string | undefined }) {
  // Parts of the sheet's link are projects; those of other links are what these read.
  const isProject = useRead(getProjects).value?.some((project) => project.id === part.id)
  return (
    <li class="panel part">
      <div class="part-head">
        <h3>{isProject ? <a href={`/projects/${part.id}`}>{part.name}</a> : part.name}</h3>
        <StatusBadge status={part.status} />
        <span class="quiet">{partSummary(part)}</span>
      </div>
      {part.reason && part.reason !== said && (
        <p>
          {part.reason} {part.mend}
        </p>
      )}
      {part.warnings.length > 0 && <Warnings warnings={part.warnings} />}
    </li>
  )
}
