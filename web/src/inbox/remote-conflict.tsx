import type { Conflict } from '../../../sync/protocol/records.ts'
import { isGuard, isTied, SHEET_ANSWER } from '../../../sync/protocol/sheet-conflicts.ts'
import { getProjects } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { Fact } from '../parts/fact.tsx'
import { Notice } from '../parts/notice.tsx'
import { When } from '../parts/time.tsx'
import { GuardWays, guardWays } from './guard-ways.tsx'
import { ConflictSides } from './remote-sides.tsx'
import { ConflictBadge } from './remote-words.tsx'

/** A conflict of a sheet or the ERP: it closes by itself when it is corrected there, and some are settled here as well. */
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
      {conflict.resolved_at === null && guardWays(conflict).length > 0 && (
        <>
          {isAdmin.value ? <GuardWays held={{ ...conflict, ways: guardWays(conflict) }} /> : <NotYours />}
          {isTied(conflict) && !isGuard(conflict) && <p class="quiet under-ways">{SHEET_ANSWER}</p>}
        </>
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

function NotYours() {
  return (
    <Notice tone="quiet" title="Not yours to settle here">
      <p>An admin does, or whoever edits the sheet.</p>
    </Notice>
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
          {table === 'accounts' && column ? (
            <a href={`/accounts/${encodeURIComponent(key)}`}>{key}</a>
          ) : isTied(conflict) && !isGuard(conflict) ? (
            <a href={`/history/${table}/${encodeURIComponent(key)}`}>{key}</a>
          ) : (
            key
          )}
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
