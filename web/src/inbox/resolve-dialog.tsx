import { useState } from 'preact/hooks'
import { isGuardKind } from '../../../sync/protocol/sheet-conflicts.ts'
import { resolveConflict } from '../data/inbox.ts'
import { type Merged, MergeFields, mergedValues, mergeStart } from './merge-fields.tsx'
import { PlanDialog } from './plan-dialog.tsx'
import { noteSettled } from './settled.ts'
import { PLAN, type Settlement, type SyncConflict } from './shapes.ts'
import { usePlan } from './use-plan.ts'
import { plain, rowName, type StrategyName, strategyText, wayOf } from './words.ts'

/** Settles one conflict by a strategy: its value, notes, what it would change, and then the change. */
export function ResolveDialog(props: {
  conflict: SyncConflict
  strategy: StrategyName
  onDone: () => void
  onClose: () => void
}) {
  const { conflict, strategy, onDone, onClose } = props
  const can = conflict.strategies.find((one) => one.strategy === strategy)
  const isNamed = strategy !== 'merge' && (can?.needsValue ?? false)
  const [value, setValue] = useState(can?.suggestion == null ? '' : String(can.suggestion))
  const [merged, setMerged] = useState<Merged>(() => mergeStart(conflict))
  const [notes, setNotes] = useState('')

  const isGuard = conflict.link !== undefined && isGuardKind(conflict.kind)
  const isReady =
    strategy === 'merge'
      ? Object.keys(mergedValues(conflict, merged)).length > 0
      : !isNamed || value.trim() !== ''
  const how: Settlement = {
    strategy,
    ...(isNamed && { newValue: typed(value, conflict) }),
    ...(strategy === 'merge' && { values: mergedValues(conflict, merged) }),
  }
  const done = doneText(conflict, strategy, value)
  const plan = usePlan(
    isReady ? JSON.stringify(how) : '',
    // Notes change nothing of what is planned.
    isReady
      ? (planned) => resolveConflict(conflict._id, planned === PLAN ? how : { ...how, notes }, planned)
      : null,
    () => {
      noteSettled([conflict._id], done)
      onDone()
    },
  )
  const text = strategyText(strategy, conflict)
  return (
    <PlanDialog
      title={`${text}: ${nameOf(conflict)}`}
      verb={isNamed ? 'Rename' : strategy === 'merge' ? 'Merge' : text}
      plan={plan}
      empty={`No row here: what stands stays, and the ${conflict.link ? 'sheet' : 'device'} takes it over.`}
      onClose={onClose}
    >
      {isGuard && <p>{conflict.notes}</p>}
      {conflict.link && strategy !== 'merge' && <p class="quiet">{wayOf(conflict.kind, strategy)?.hint}.</p>}
      {isNamed && (
        <label class="field">
          <span class="field-name">New {plain(conflict.field ?? 'value')}</span>
          <input
            value={value}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            required
            onInput={(event) => setValue(event.currentTarget.value)}
          />
          <small>“{String(conflict.localValue)}” is taken by another row</small>
        </label>
      )}
      {strategy === 'merge' && <MergeFields conflict={conflict} merged={merged} onChange={setMerged} />}
      <label class="field">
        <span class="field-name">Notes (optional)</span>
        <input
          value={notes}
          maxLength={2_000}
          autocomplete="off"
          onInput={(event) => setNotes(event.currentTarget.value)}
        />
      </label>
    </PlanDialog>
  )
}

/** As the column has it: digits stay a number where it was one. */
function typed(text: string, { localValue }: Pick<SyncConflict, 'localValue'>): string | number {
  const number = Number(text)
  return typeof localValue === 'number' && text.trim() !== '' && Number.isFinite(number) ? number : text
}

function doneText(conflict: SyncConflict, strategy: StrategyName, value: string): string {
  const can = conflict.strategies.find((one) => one.strategy === strategy)
  const name = nameOf(conflict)
  const way = conflict.link ? wayOf(conflict.kind, strategy) : undefined
  if (way) return `Settled: ${way.done}`
  if (strategy !== 'merge' && can?.needsValue) return `Settled: ${name} is now ${value}`
  if (strategy === 'merge') return `Settled: ${name} was merged`
  if (conflict.kind === 'merge' || conflict.kind === 'unique')
    return strategy === 'keep_local'
      ? `Settled: the local edit of ${name} was kept`
      : `Settled: what stands here of ${name} was kept`
  return `Settled: ${strategyText(strategy, conflict)}, ${name}`
}

/** What a guard holds is a whole table. */
const nameOf = (conflict: SyncConflict) =>
  conflict.link && isGuardKind(conflict.kind) ? plain(conflict.collection) : rowName(conflict)
