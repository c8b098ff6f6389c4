import { useEffect, useRef, useState } from 'preact/hooks'
import { announce } from '../data/announce.ts'
import { resolveConflict } from '../data/inbox.ts'
import { count } from '../format.ts'
import { applyMany, type Deps, type Job, type Outcome, planMany } from './bulk.ts'
import { Bar, Done, Planned } from './bulk-steps.tsx'
import { noteSettled } from './settled.ts'
import type { SyncConflict } from './shapes.ts'

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
