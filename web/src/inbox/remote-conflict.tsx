import type { ComponentChildren } from 'preact'
import type { Conflict } from '../../../sync/protocol/records.ts'
import { getProjects } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { When } from '../parts/time.tsx'
import { GuardWays } from './guard-ways.tsx'
import { ConflictSides } from './remote-sides.tsx'
import { ConflictBadge } from './remote-words.tsx'

/** A conflict of a sheet or the ERP: it closes by itself when it is corrected there. */
export function RemoteConflict({ conflict }: { conflict: Conflict }) {
  return (
    <>
      <p class="under-title">
        <ConflictBadge isOpen={conflict.resolved_at === null} />{' '}
        <span class="quiet">
          since <When time={conflict.opened_at} />
          {conflict.run_id && (
            <>
              {' · '}
              <a href={`/runs/${conflict.run_id}`}>found by this run</a>
            </>
          )}
        </span>
      </p>
      <p class="lead">{conflict.detail}</p>
      <ConflictSides conflict={conflict} />
      {conflict.kind === 'deletion_guard' && conflict.resolved_at === null && isAdmin.value && (
        <GuardWays conflict={conflict} />
      )}
      {conflict.recommendations.length > 0 && (
        <section class="panel" aria-labelledby="recommended">
          <h2 id="recommended">Recommended</h2>
          <ul class="plain">
            {conflict.recommendations.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </section>
      )}
      {conflict.resolution && (
        <section class="panel" aria-labelledby="resolution">
          <h2 id="resolution">Resolution</h2>
          <p>
            {conflict.resolution}
            {conflict.resolved_at && (
              <>
                , <When time={conflict.resolved_at} />
              </>
            )}
          </p>
        </section>
      )}
      <Where conflict={conflict} />
    </>
  )
}

function Where({ conflict }: { conflict: Conflict }) {
  const { key, table, column, part } = conflict
  const project = useRead(getProjects).value?.find((candidate) => candidate.id === part)
  return (
    <section class="panel" aria-labelledby="where">
      <h2 id="where">Where</h2>
      <dl class="about">
        {/* A column's conflict names its row by id; others name what the remote's rows have in common. */}
        <Fact term="Row">
          {table === 'accounts' && column ? <a href={`/accounts/${encodeURIComponent(key)}`}>{key}</a> : key}
        </Fact>
        <Fact term="Link">
          {conflict.link}, scope {conflict.scope}
        </Fact>
        <Fact term="Lane">{conflict.lane}</Fact>
        {part && (
          <Fact term={project ? 'Project' : 'Part'}>
            {project ? <a href={`/projects/${part}`}>{project.name}</a> : part}
          </Fact>
        )}
      </dl>
    </section>
  )
}

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
