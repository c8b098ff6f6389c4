import type { Run } from '../../../sync/protocol/runs.ts'
import type { Project } from '../../../sync/protocol/smart-sync.ts'
import { getProjectGrowth } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { count } from '../format.ts'
import { Icon } from './icons.tsx'
import { MetricGrid } from './metric-grid.tsx'
import { lastPart } from './run-words.ts'
import { StatusBadge } from './status.tsx'
import { SyncButton } from './sync-button.tsx'
import { Ago } from './time.tsx'

/** One project at a glance. `runs`: recent ones, newest first; undefined while they are read. */
export function ProjectCard({ project, runs }: { project: Project; runs: readonly Run[] | undefined }) {
  const growth = useRead(getProjectGrowth(project.id)).value
  return (
    <article class="card" aria-labelledby={`project-${project.id}`}>
      <header class="card-head">
        <div>
          <h3 id={`project-${project.id}`}>
            <a class="card-link" href={`/projects/${project.id}`}>
              {project.name}
              <Icon name="forward" />
            </a>
          </h3>
          <p class="quiet">
            {count(project.accounts, 'account')}
            {project.tab !== project.name && ` · tab ${project.tab}`}
          </p>
        </div>
        {project.active ? (
          <SyncButton project={project.id} name={project.name} />
        ) : (
          <span class="badge tone-quiet">Not active</span>
        )}
      </header>
      <MetricGrid totals={project.totals} growth={growth} caption={`${project.name}: totals and growth`} />
      <footer class="card-foot">{runs && <LastSync runs={runs} project={project.id} />}</footer>
    </article>
  )
}

/** What the newest finished run said of the project. */
function LastSync({ runs, project }: { runs: readonly Run[]; project: string }) {
  const last = lastPart(runs, project)
  if (!last) return <span class="quiet">No recent run</span>
  const { run, part } = last
  const facts = [
    part.updated > 0 && `${count(part.updated, 'account')} updated`,
    part.warnings.length > 0 && count(part.warnings.length, 'warning'),
  ].filter(Boolean)
  return (
    <a class="last-sync" href={`/runs/${run.id}`}>
      <StatusBadge status={part.status} />
      <span>
        <Ago time={run.finished_at ?? run.enqueued_at} />
        {facts.length > 0 && ` · ${facts.join(' · ')}`}
      </span>
    </a>
  )
}
