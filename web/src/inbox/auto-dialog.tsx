import { autoResolve } from '../data/inbox.ts'
import { capital, count } from '../format.ts'
import { PlanDialog } from './plan-dialog.tsx'
import { noteSettled } from './settled.ts'
import type { AutoResolved, SyncConflict } from './shapes.ts'
import { usePlan } from './use-plan.ts'
import { rowName, type StrategyName, sentence, strategyText } from './words.ts'

/** At most so many at once: what a lane settles in one commit. The rest is for the next time. */
const MOST = 1_000

/** What the rules would settle and what they would leave, each with its reason; then it is done. */
export function AutoDialog(props: {
  conflicts: readonly SyncConflict[]
  onDone: () => void
  onClose: () => void
}) {
  const { conflicts, onDone, onClose } = props
  const plan = usePlan<AutoResolved>(
    'auto',
    (planned) => autoResolve(MOST, planned),
    ({ resolved, skipped, failed, results }) => {
      const done = results.flatMap(({ status, conflict_id }) => (status === 'resolved' ? conflict_id : []))
      const left = skipped + failed
      noteSettled(done, `${count(resolved, 'conflict')} settled${left > 0 ? `, ${left} left to you` : ''}`)
      onDone()
    },
  )
  const results = plan.answer?.results ?? []
  return (
    <PlanDialog
      title="Auto-resolve"
      verb="Settle these"
      plan={plan}
      empty="No row here changes."
      onClose={onClose}
    >
      <p class="quiet">
        A new local row is renamed, one whose rival is gone stands, an older edit gives way to a newer one
        here. Anything else is left to you.
      </p>
      {plan.answer && (
        <>
          <Settled results={results.filter(({ status }) => status === 'resolved')} conflicts={conflicts} />
          <Left results={results.filter(({ status }) => status !== 'resolved')} conflicts={conflicts} />
        </>
      )}
    </PlanDialog>
  )
}

interface Part {
  readonly results: AutoResolved['results']
  readonly conflicts: readonly SyncConflict[]
}

/** Rows of a table shown, and names of those that are left: there may be a thousand. */
const SHOWN = 50
const NAMES = 6

function Settled({ results, conflicts }: Part) {
  if (results.length === 0) return <p class="auto">The rules settle none of them.</p>
  return (
    <section class="auto" aria-label="Would be settled">
      <h3>
        Would be settled <span class="quiet">{results.length}</span>
      </h3>
      <table>
        <thead class="hidden">
          <tr>
            <th scope="col">Conflict</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {results.slice(0, SHOWN).map(({ conflict_id, strategy, reason }) => {
            const conflict = conflicts.find(({ _id }) => _id === conflict_id)
            return (
              <tr key={conflict_id}>
                <th scope="row">{conflict ? `${rowName(conflict)}: ${sentence(conflict)}` : conflict_id}</th>
                <td>{strategy && conflict ? strategyText(strategy as StrategyName, conflict) : ''}</td>
                <td class="quiet">{capital(reason)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {results.length > SHOWN && <p class="quiet">and {results.length - SHOWN} more</p>}
    </section>
  )
}

/** What is left, by the reason: one sentence for many. */
function Left({ results, conflicts }: Part) {
  if (results.length === 0) return null
  const nameOf = (id: string) => {
    const conflict = conflicts.find(({ _id }) => _id === id)
    return conflict ? rowName(conflict) : id
  }
  return (
    <section class="reasons" aria-label="Would be left to you">
      <h3>
        Would be left to you <span class="quiet">{results.length}</span>
      </h3>
      <ul>
        {[...Map.groupBy(results, ({ reason }) => reason)].map(([reason, of]) => (
          <li key={reason}>
            {capital(reason)}
            <span class="block quiet">
              {of
                .slice(0, NAMES)
                .map(({ conflict_id }) => nameOf(conflict_id))
                .join(', ')}
              {of.length > NAMES && ` and ${of.length - NAMES} more`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
