import type { Conflict } from '../../../sync/protocol/records.ts'
import { getConflicts, getOpenConflicts } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { ConflictBadge, conflictTitle } from '../parts/conflict-words.tsx'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'
import { place } from '../router.ts'

/** Edits that no merge rule may settle: the open ones, or all. */
export function ConflictsView() {
  const { query } = place.value
  const isAll = query.has('all')
  return (
    <>
      <Heading title="Conflicts" />
      <p class="quiet under-title">
        Two edits that no merge rule may settle. Everything else goes on syncing around them.
      </p>
      <nav class="choices" aria-label="Which conflicts">
        <a href="/conflicts" aria-current={isAll ? undefined : 'page'}>
          Open
        </a>
        <a href="/conflicts?all" aria-current={isAll ? 'page' : undefined}>
          All
        </a>
      </nav>
      {isAll ? <All before={query.get('before')} /> : <Open />}
    </>
  )
}

function Open() {
  const held = useRead(getOpenConflicts)
  return (
    <Shown held={held} skeleton={<Lines n={6} height={3.25} />}>
      {(conflicts) =>
        conflicts.length > 0 ? (
          <Rows conflicts={conflicts} />
        ) : (
          <Empty icon="done" title="No open conflicts">
            <p>Every edit so far was settled by a rule, and is in the history of its row.</p>
          </Empty>
        )
      }
    </Shown>
  )
}

function All({ before }: { before: string | null }) {
  const held = useRead(getConflicts(before))
  const older = new URLSearchParams(held.next?.split('?')[1]).get('before')
  return (
    <>
      <Shown held={held} skeleton={<Lines n={6} height={3.25} />}>
        {(conflicts) =>
          conflicts.length > 0 ? (
            <Rows conflicts={conflicts} />
          ) : (
            <Empty icon="done" title="No conflicts">
              <p>There was none so far.</p>
            </Empty>
          )
        }
      </Shown>
      {older && (
        <nav class="pager" aria-label="Pages of conflicts">
          <a class="button" href={`/conflicts?all&before=${encodeURIComponent(older)}`}>
            Older
            <Icon name="forward" />
          </a>
        </nav>
      )}
    </>
  )
}

function Rows({ conflicts }: { conflicts: readonly Conflict[] }) {
  return (
    <ul class="rows">
      {conflicts.map((conflict) => (
        <li key={conflict.id}>
          <a class="row" href={`/conflicts/${encodeURIComponent(conflict.id)}`}>
            <ConflictBadge conflict={conflict} />
            <span class="row-main">
              <span class="row-title">{conflictTitle(conflict)}</span>
              <span class="quiet">{conflict.detail}</span>
            </span>
            <span class="row-end">
              <Ago time={conflict.opened_at} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}
