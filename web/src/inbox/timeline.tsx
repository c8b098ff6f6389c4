import { useState } from 'preact/hooks'
import type { HistoryEntry } from '../../../sync/protocol/records.ts'
import { getRowHistory } from '../data/inbox.ts'
import { isAdmin } from '../data/session.ts'
import { scalar } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Empty, Failure } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'
import { usePages } from '../parts/use-pages.ts'
import { useFocusAfter } from './focus.ts'
import { type Happening, happenings } from './timeline-groups.ts'
import { headline, iconOf, leadOf, place, spoken, why } from './timeline-words.ts'
import { UndoDialog } from './undo-dialog.tsx'
import { plain } from './words.ts'

/** What happened to a row, newest first: who, when, from where, what became of what and why; each can be undone. */
export function Timeline({ table, row }: { table: string; row: string }) {
  const pages = usePages(getRowHistory(table, row), entryName)
  const [undoing, setUndoing] = useState<{ of: Happening; title: string } | null>(null)
  const focusAfter = useFocusAfter(undoing !== null)
  // A row that its device alone has was never here.
  if (pages.held.problem?.status === 404 && !pages.held.value) return <NothingHere />
  return (
    <>
      <Shown held={pages.held} skeleton={<Lines n={5} height={2.5} />}>
        {() =>
          pages.all.length === 0 ? (
            <NothingHere />
          ) : (
            <ol class="timeline">
              {happenings(pages.all).map((of) => (
                <Line
                  key={`${of.entries[0]?.lane}.${of.entries[0]?.version}`}
                  of={of}
                  onUndo={(title) => setUndoing({ of, title })}
                />
              ))}
            </ol>
          )
        }
      </Shown>
      {pages.problem && <Failure problem={pages.problem} />}
      {pages.isMore && (
        <button type="button" class="button" onClick={pages.more}>
          Older changes
        </button>
      )}
      {undoing?.of.undoing && (
        <UndoDialog
          what={undoing.of.undoing}
          title={undoing.title}
          onDone={() => focusAfter('')}
          onClose={() => setUndoing(null)}
        />
      )}
    </>
  )
}

const NothingHere = () => (
  <Empty icon="queued" title="Nothing is recorded here yet">
    <p>The row is on its device only, or is older than the history that is kept.</p>
  </Empty>
)

function Line({ of, onUndo }: { of: Happening; onUndo: (title: string) => void }) {
  const { entries, undoing } = of
  const lead = leadOf(entries)
  if (!lead) return null
  const text = headline(entries)
  return (
    <li class={`op-${lead.op}`}>
      <span class="op">
        <Icon name={iconOf(entries)} />
      </span>
      <div class="happening">
        <p class="happening-title">{text}</p>
        <p class="quiet">
          <Ago time={lead.at} /> · {place(lead.origin)}
          {lead.run_id && (
            <>
              {' · '}
              <a href={`/runs/${lead.run_id}`}>its run</a>
            </>
          )}
        </p>
        <ul class="happening-values">
          {entries.flatMap((entry) =>
            spoken(entry).map((change) => (
              <li key={`${entry.version}.${entry.op}.${change.column}`}>
                <span class="quiet">{plain(change.column)}</span> <Values op={entry.op} change={change} />
                {why(change.rule) && <span class="why">{why(change.rule)}</span>}
              </li>
            )),
          )}
        </ul>
        {undoing && isAdmin.value && (
          <button
            type="button"
            class="button undo-this"
            aria-label={`Undo this${undoing.run ? ' run' : ''}: ${text}`}
            onClick={() => onUndo(`Undo: ${text}`)}
          >
            <Icon name="undo" />
            Undo this{undoing.run ? ' run' : ''}
          </button>
        )}
      </div>
    </li>
  )
}

function Values({ op, change }: { op: HistoryEntry['op']; change: HistoryEntry['changes'][number] }) {
  const { before, after } = change
  if (op === 'refuse')
    return (
      <>
        <s>{scalar(after)}</s> <span class="why">not taken</span>
      </>
    )
  if (op === 'delete') return <s>{scalar(before)}</s>
  if (op === 'insert' || before === null || before === after) return <b>{scalar(after)}</b>
  return (
    <>
      <s>{scalar(before)}</s> <Icon name="update" class="becomes" />
      <span class="hidden"> became </span> <b>{scalar(after)}</b>
    </>
  )
}

const entryName = ({ lane, version, op, changes }: HistoryEntry) =>
  `${lane}.${version}.${op}.${changes.map(({ column }) => column).join()}`
