import { useEffect, useRef, useState } from 'preact/hooks'
import { announce } from '../data/announce.ts'
import { resolveConflict } from '../data/inbox.ts'
import { count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { applyMany, type Deps, type Job, type Outcome, planMany } from './bulk.ts'
import { PlanList } from './plan-list.tsx'
import { noteSettled } from './settled.ts'
import type { SyncConflict } from './shapes.ts'
import { rowName, sentence } from './words.ts'

/**
 *   looking → planned → applying → done (some failed)
 *                           └────→ (all done: the dialog closes)
 */
type Step =
  | { readonly type: 'looking' | 'applying'; readonly done: number; readonly of: number }
  | { readonly type: 'planned'; readonly jobs: readonly Job[] }
  | { readonly type: 'done'; readonly outcomes: readonly Outcome[] }

/** Settles many conflicts alike: what that would change, how far it is, and what it could not do. */
export function BulkDialog(props: {
  conflicts: readonly SyncConflict[]
  strategy: 'keep_local' | 'keep_remote'
  onDone: () => void
  onClose: () => void
}) {
  const { conflicts, strategy, onDone, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const stopped = useRef(false)
  const [notes, setNotes] = useState('')
  const [step, setStep] = useState<Step>({ type: 'looking', done: 0, of: conflicts.length })
  const verb = strategy === 'keep_remote' ? 'Keep what stands here' : 'Keep the local edits'

  const deps = (type: 'looking' | 'applying', of: number): Deps => ({
    resolve: resolveConflict,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onProgress: (done) => {
      if (!stopped.current) setStep({ type, done, of })
    },
    isStopped: () => stopped.current,
  })
  useEffect(() => {
    dialog.current?.showModal()
    planMany(conflicts, strategy, deps('looking', conflicts.length)).then((jobs) => {
      if (!stopped.current) setStep({ type: 'planned', jobs })
    })
    return () => {
      stopped.current = true
    }
  }, [])

  async function apply(jobs: readonly Job[]) {
    const able = jobs.filter((job) => !('reason' in job))
    setStep({ type: 'applying', done: 0, of: able.length })
    const outcomes = await applyMany(able, notes, deps('applying', able.length))
    const done = outcomes.filter(({ reason }) => reason === null).map(({ conflict }) => conflict._id)
    const left = [
      ...jobs.flatMap((job) => ('reason' in job ? job : [])),
      ...outcomes.filter(({ reason }) => reason !== null),
    ]
    noteSettled(
      done,
      `${count(done.length, 'conflict')} settled${left.length > 0 ? `, ${left.length} left open` : ''}`,
    )
    if (left.length === 0) onDone()
    else if (!stopped.current)
      setStep({ type: 'done', outcomes: [...outcomes.filter(({ reason }) => reason === null), ...left] })
  }

  return (
    <dialog
      ref={dialog}
      class="dialog is-wide"
      aria-labelledby="bulk-title"
      onClose={step.type === 'done' ? onDone : onClose}
    >
      <h2 id="bulk-title">
        {verb}: {count(conflicts.length, 'conflict')}
      </h2>
      {(step.type === 'looking' || step.type === 'applying') && <Bar {...step} />}
      {step.type === 'planned' && (
        <Planned
          jobs={step.jobs}
          verb={verb}
          notes={notes}
          onNotes={setNotes}
          onCancel={() => dialog.current?.close()}
          onApply={() => apply(step.jobs)}
        />
      )}
      {step.type === 'done' && <Done outcomes={step.outcomes} onClose={() => dialog.current?.close()} />}
      {(step.type === 'looking' || step.type === 'applying') && (
        <div class="dialog-actions">
          <button
            type="button"
            class="button"
            onClick={() => {
              stopped.current = true
              announce('Stopped')
              dialog.current?.close()
            }}
          >
            {step.type === 'looking' ? 'Cancel' : 'Stop'}
          </button>
        </div>
      )}
    </dialog>
  )
}

function Bar({ type, done, of }: { type: 'looking' | 'applying'; done: number; of: number }) {
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

function Planned(props: {
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

function Done({ outcomes, onClose }: { outcomes: readonly Outcome[]; onClose: () => void }) {
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
