import type { Project } from '../../../sync/protocol/smart-sync.ts'
import { getProjects, getRecentRuns } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { activeRuns } from '../data/runs.ts'
import { isAdmin } from '../data/session.ts'
import { Heading } from '../parts/heading.tsx'
import { Empty } from '../parts/notice.tsx'
import { Progress } from '../parts/progress.tsx'
import { ProjectCard } from '../parts/project-card.tsx'
import { triggerOf } from '../parts/run-words.ts'
import { Lines, Shown } from '../parts/shown.tsx'
import { StatusStrip } from '../parts/status-strip.tsx'
import { SyncButton } from '../parts/sync-button.tsx'
import { SyncResult } from '../parts/sync-outcome.tsx'
import { Ago } from '../parts/time.tsx'

export function Overview() {
  const projects = useRead(getProjects)
  const active = activeRuns.value
  return (
    <>
      <div class="title-row">
        <Heading title="Overview" />
        {projects.value?.length !== 0 && <SyncButton project={null} isLarge />}
      </div>
      <SyncResult />
      {isAdmin.value && (projects.value || !projects.problem) && <StatusStrip />}
      {active.length > 0 && (
        <section class="panel" aria-label="Runs under way">
          {active.map((run) => (
            <div key={run.id} class="active-run">
              <p class="active-title">
                <a href={`/runs/${run.id}`}>Run</a> {triggerOf(run)}, <Ago time={run.enqueued_at} />
              </p>
              <Progress run={run} />
            </div>
          ))}
        </section>
      )}
      <h2>Projects</h2>
      <Shown held={projects} skeleton={<CardsSkeleton />}>
        {(all) => (all.length === 0 ? <NoProjects /> : <Cards projects={all} />)}
      </Shown>
    </>
  )
}

function Cards({ projects }: { projects: readonly Project[] }) {
  const runs = useRead(getRecentRuns)
  return (
    <ul class="cards">
      {projects.map((project) => (
        <li key={project.id}>
          <ProjectCard project={project} runs={runs.value} />
        </li>
      ))}
    </ul>
  )
}

function NoProjects() {
  return (
    <Empty icon="overview" title="No projects yet">
      <p>
        A project is one tab of the spreadsheet.{' '}
        {isAdmin.value ? (
          <>
            Name the spreadsheet with <code>PUT /api/workspaces/main</code> and each tab with{' '}
            <code>PUT /api/projects/…</code> (see the <a href="/docs">API reference</a>); the next sync fills
            them.
          </>
        ) : (
          'As soon as an admin gives you one, it appears here.'
        )}
      </p>
    </Empty>
  )
}

function CardsSkeleton() {
  return (
    <div class="cards">
      {[0, 1].map((i) => (
        <div key={i} class="card">
          <Lines n={8} />
        </div>
      ))}
    </div>
  )
}
