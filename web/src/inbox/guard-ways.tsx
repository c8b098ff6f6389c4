import { useState } from 'preact/hooks'
import type { Conflict } from '../../../sync/protocol/records.ts'
import { type SheetWay, waysOf } from '../../../sync/protocol/sheet-conflicts.ts'
import { resolveConflict } from '../data/inbox.ts'
import { useFocusAfter } from './focus.ts'
import { PlanDialog } from './plan-dialog.tsx'
import { noteSettled } from './settled.ts'
import { usePlan } from './use-plan.ts'

/** Rows that a sheet lost which is only read: nothing is written back to it. */
const ROWS_GONE: readonly SheetWay[] = [
  {
    strategy: 'keep_remote',
    name: 'Keep the rows',
    hint: 'They stay here, and this is not asked again while the same rows are missing',
    done: 'the rows stay',
  },
  {
    strategy: 'keep_local',
    name: 'Let them go',
    hint: 'They are deleted here too; that can be undone',
    done: 'the rows are gone',
  },
]

/** The ways to settle a conflict of a sheet; none: it closes by itself when it is corrected there. */
export const guardWays = (conflict: Conflict): readonly SheetWay[] =>
  waysOf(conflict) ?? (conflict.kind === 'deletion_guard' ? ROWS_GONE : [])

/** What waits for an admin's word: a conflict, and the ways out of it. */
export interface HeldBack {
  readonly id: string
  readonly detail: string
  readonly ways: readonly SheetWay[]
}

/** An admin's word on what a guard holds, or on what a sheet and the database say differently. `isIn`: a card, under its heading */
export function GuardWays({ held, isIn }: { held: HeldBack; isIn?: true }) {
  const [way, setWay] = useState<SheetWay | null>(null)
  const focusAfter = useFocusAfter(way !== null)
  const list = (
    <ul class="ways">
      {held.ways.map((each) => (
        <li key={each.strategy}>
          <button type="button" class="way" aria-haspopup="dialog" onClick={() => setWay(each)}>
            <span class="way-name">{each.name}</span>
            <span class="quiet">{each.hint}</span>
          </button>
        </li>
      ))}
    </ul>
  )
  return (
    <>
      {isIn ? (
        list
      ) : (
        <section aria-labelledby="ways">
          <h2 id="ways">What to do</h2>
          {list}
        </section>
      )}
      {way && (
        <Ask
          held={held}
          way={way}
          onDone={() => {
            setWay(null)
            focusAfter('')
          }}
          onClose={() => setWay(null)}
        />
      )}
    </>
  )
}

function Ask(props: { held: HeldBack; way: SheetWay; onDone: () => void; onClose: () => void }) {
  const { held, way, onDone, onClose } = props
  const { strategy, name, hint, done } = way
  const plan = usePlan(
    strategy,
    (planned) => resolveConflict(held.id, { strategy }, planned),
    () => {
      noteSettled([held.id], `Settled: ${done}`)
      onDone()
    },
  )
  return (
    <PlanDialog
      title={name}
      verb={name}
      plan={plan}
      empty="No row here: they all stay as they are."
      onClose={onClose}
    >
      <p>{held.detail}</p>
      <p class="quiet">{hint}.</p>
    </PlanDialog>
  )
}
