import { type AutoResolved, autoResolve, type SyncConflict } from '../data/inbox.ts'
import { capital, count } from '../format.ts'
import { PlanDialog } from './plan-dialog.tsx'
import { noteSettled } from './settled.ts'
import { usePlan } from './use-plan.ts'
import { rowName, sentence, strategyText } from './words.ts'

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
          <Results
            title="Would be settled"
            results={results.filter(({ status }) => status === 'resolved')}
            conflicts={conflicts}
          />
          <Results
            title="Would be left to you"
            results={results.filter(({ status }) => status !== 'resolved')}
            conflicts={conflicts}
          />
        </>
      )}
    </PlanDialog>
  )
}

function Results(props: {
  title: string
  results: AutoResolved['results']
  conflicts: readonly SyncConflict[]
}) {
  const { title, results, conflicts } = props
  if (results.length === 0) return null
  return (
    <section class="auto" aria-label={title}>
      <h3>
        {title} <span class="quiet">{results.length}</span>
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
          {results.map(({ conflict_id, strategy, reason }) => {
            const conflict = conflicts.find(({ _id }) => _id === conflict_id)
            return (
              <tr key={conflict_id}>
                <th scope="row">{conflict ? `${rowName(conflict)}: ${sentence(conflict)}` : conflict_id}</th>
                <td>{strategy && conflict ? strategyText(strategy as never, conflict) : ''}</td>
                <td class="quiet">{capital(reason)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
