import { useEffect, useRef } from 'preact/hooks'
import { count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import type { Job, Outcome } from './bulk.ts'
import { PlanList } from './plan-list.tsx'
import type { SyncConflict } from './shapes.ts'
import { rowName, sentence } from './words.ts'

// The steps of settling many at once, as they are shown.

export function Bar({ type, done, of }: { type: 'looking' | 'applying'; done: number; of: number }) {
  const text = `${type === 'looking' ? 'Looking what this would change' : 'Settling'}: ${done} of ${of}`
  return (
    <>
      <div
        class="page-bar"
        role="progressbar"
        aria-label={type === 'looking' ? 'Looking' : 'Settling'}
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={done}
      >
        <span style={{ width: `${(100 * done) / Math.max(1, of)}%` }} />
      </div>
      <p class="quiet">{text}</p>
    </>
  )
}

export function Planned(props: {
  jobs: readonly Job[]
  verb: string
  notes: string
  onNotes: (notes: string) => void
  onCancel: () => void
  onApply: () => void
}) {
  const { jobs, verb, notes, onNotes, onCancel, onApply } = props
  const able = jobs.flatMap((job) => ('plans' in job ? job : []))
  const unable = jobs.flatMap((job) => ('reason' in job ? job : []))
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onApply()
      }}
    >
      <section class="plan-box" aria-label="What this would change">
        <p class="plan-title">
          {able.length === 1 ? '1 would be settled' : `${able.length} would be settled`}
        </p>
        <PlanList
          plans={able.flatMap(({ plans }) => plans)}
          empty="No row here changes: what stands stays, and the devices take it over."
        />
      </section>
      {unable.length > 0 && <Reasons title={`${unable.length} can’t be settled so`} of={unable} />}
      <label class="field">
        <span class="field-name">Notes (optional)</span>
        <input
          value={notes}
          maxLength={2_000}
          autocomplete="off"
          onInput={(e) => onNotes(e.currentTarget.value)}
        />
      </label>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        {able.length > 0 && (
          <button ref={first} type="submit" class="button is-primary">
            {verb}
          </button>
        )}
      </div>
    </form>
  )
}

export function Done({ outcomes, onClose }: { outcomes: readonly Outcome[]; onClose: () => void }) {
  const left = outcomes.flatMap(({ conflict, reason }) => (reason === null ? [] : { conflict, reason }))
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  return (
    <>
      <p class="badge tone-good">
        <Icon name="done" />
        {count(outcomes.length - left.length, 'conflict')} settled
      </p>
      <Reasons title={`${left.length} left open`} of={left} />
      <div class="dialog-actions">
        <button ref={button} type="button" class="button is-primary" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  )
}

function Reasons(props: { title: string; of: readonly { conflict: SyncConflict; reason: string }[] }) {
  return (
    <section class="reasons" aria-label={props.title}>
      <h3>{props.title}</h3>
      <ul>
        {props.of.map(({ conflict, reason }) => (
          <li key={conflict._id}>
            <strong>{rowName(conflict)}</strong> <span class="quiet">{sentence(conflict)}</span>
            <span class="block">{reason}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
