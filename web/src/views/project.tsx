import type { Project } from '../../../sync/protocol/smart-sync.ts'
import { getAccounts, getProjectGrowth, getProjectRuns, getProjects } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { activeRuns } from '../data/runs.ts'
import { count } from '../format.ts'
import { AccountsTable } from '../parts/accounts-table.tsx'
import { Crumbs, Heading } from '../parts/heading.tsx'
import { MetricGrid } from '../parts/metric-grid.tsx'
import { Empty } from '../parts/notice.tsx'
import { Progress } from '../parts/progress.tsx'
import { lastPart, partSummary } from '../parts/run-words.ts'
import { Lines, Shown } from '../parts/shown.tsx'
import { StatusBadge } from '../parts/status.tsx'
import { SyncButton } from '../parts/sync-button.tsx'
import { SyncResult } from '../parts/sync-outcome.tsx'
import { Ago } from '../parts/time.tsx'
import { Warnings } from '../parts/warnings.tsx'

/** Warnings shown here; the run's page has them all. */
const WARNINGS = 5

export function ProjectView({ id }: { id: string }) {
  const projects = useRead(getProjects)
  const project = projects.value?.find((candidate) => candidate.id === id)
  return (
    <>
      <Crumbs links={[['/', 'Overview']]} />
      <div class="title-row">
        <Heading title={project?.name ?? 'Project'} />
        {project?.active && <SyncButton project={id} name={project.name} isLarge />}
      </div>
      <Shown held={projects} skeleton={<Lines n={1} />}>
        {() =>
          project ? (
            <p class="quiet under-title">
              Tab {project.tab} · days begin in {project.time_zone} ·{' '}
              {project.write_back ? 'merged numbers are written back to the sheet' : 'the sheet is read only'}
              {!project.active && ' · not active: it is not synced'}
            </p>
          ) : (
            <Empty icon="search" title="No such project">
              <p>
                Nothing with the id <code>{id}</code> is there for you. <a href="/">Go to the overview</a>.
              </p>
            </Empty>
          )
        }
      </Shown>
      <SyncResult />
      {(project || !projects.value) && <Content id={id} project={project} />}
    </>
  )
}

function Content({ id, project }: { id: string; project: Project | undefined }) {
  const growth = useRead(getProjectGrowth(id))
  const accounts = useRead(getAccounts(id))
  return (
    <>
      <div class="two">
        <section class="panel" aria-labelledby="totals">
          <h2 id="totals">Totals and growth</h2>
          {project ? (
            <MetricGrid
              totals={project.totals}
              growth={growth.value}
              caption={`${project.name}: totals and growth`}
            />
          ) : (
            <div class="skeleton">
              <Lines n={6} />
            </div>
          )}
        </section>
        <section class="panel" aria-labelledby="last-run">
          <h2 id="last-run">Latest run</h2>
          <LatestRun id={id} />
        </section>
      </div>
      <section aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        <Shown held={accounts} skeleton={<Lines n={Math.min(project?.accounts ?? 10, 30)} height={2.5} />}>
          {(rows) => <AccountsTable project={id} accounts={rows} />}
        </Shown>
      </section>
    </>
  )
}

function LatestRun({ id }: { id: string }) {
  const runs = useRead(getProjectRuns(id))
  const active = activeRuns.value.find((run) => run.parts?.includes(id) ?? true)
  return (
    <Shown held={runs} skeleton={<Lines n={4} />}>
      {(all) => {
        const last = lastPart(all, id)
        if (active) return <Progress run={active} />
        if (!last) return <p class="quiet">No recent run has this project.</p>
        const { run, part } = last
        const more = part.warnings.length - WARNINGS
        return (
          <>
            <p>
              <a class="last-sync" href={`/runs/${run.id}`}>
                <StatusBadge status={part.status} /> <Ago time={run.finished_at ?? run.enqueued_at} />
              </a>
            </p>
            <p class="quiet">{partSummary(part)}</p>
            {part.reason && (
              <p>
                {part.reason} {part.mend}
              </p>
            )}
            {part.warnings.length > 0 && (
              <>
                <h3>{count(part.warnings.length, 'warning')}</h3>
                <Warnings warnings={part.warnings.slice(0, WARNINGS)} />
                {more > 0 && <a href={`/runs/${run.id}`}>{more} more in the run</a>}
              </>
            )}
          </>
        )
      }}
    </Shown>
  )
}
