import { useState } from 'preact/hooks'
import type { Conflict } from '../../../sync/protocol/records.ts'
import { resolveConflict } from '../data/inbox.ts'
import { useFocusAfter } from './focus.ts'
import { PlanDialog } from './plan-dialog.tsx'
import { noteSettled } from './settled.ts'
import { usePlan } from './use-plan.ts'

const WAYS = {
  keep_remote: [
    'Keep the rows',
    'They stay here, and this is not asked again while the same rows are missing',
  ],
  keep_local: ['Let them go', 'They are deleted here too; that can be undone'],
} as const
type Way = keyof typeof WAYS

/** An admin's word on deletions that are more than the guard lets go. */
export function GuardWays({ conflict }: { conflict: Conflict }) {
  const [way, setWay] = useState<Way | null>(null)
  const focusAfter = useFocusAfter(way !== null)
  return (
    <section aria-labelledby="ways">
      <h2 id="ways">What to do</h2>
      <ul class="ways">
        {(Object.keys(WAYS) as Way[]).map((each) => (
          <li key={each}>
            <button type="button" class="way" onClick={() => setWay(each)}>
              <span class="way-name">{WAYS[each][0]}</span>
              <span class="quiet">{WAYS[each][1]}</span>
            </button>
          </li>
        ))}
      </ul>
      {way && (
        <Ask
          conflict={conflict}
          way={way}
          onDone={() => {
            setWay(null)
            focusAfter('')
          }}
          onClose={() => setWay(null)}
        />
      )}
    </section>
  )
}

function Ask(props: { conflict: Conflict; way: Way; onDone: () => void; onClose: () => void }) {
  const { conflict, way, onDone, onClose } = props
  const [title] = WAYS[way]
  const plan = usePlan(
    way,
    (planned) => resolveConflict(conflict.id, { strategy: way }, planned),
    () => {
      noteSettled(
        [conflict.id],
        way === 'keep_local' ? 'Settled: the rows are gone' : 'Settled: the rows stay',
      )
      onDone()
    },
  )
  return (
    <PlanDialog title={title} verb={title} plan={plan} empty="No row: they all stay." onClose={onClose} />
  )
}
