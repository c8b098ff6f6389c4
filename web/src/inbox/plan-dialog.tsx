import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Facts } from '../parts/notice.tsx'
import { PlanList } from './plan-list.tsx'
import type { PlanView } from './shapes.ts'
import type { Plan } from './use-plan.ts'

/** Shows what a change would come to, and makes it as it is shown or not at all. */
export function PlanDialog(props: {
  title: string
  /** The button that makes the change */
  verb: string
  plan: Plan<{ readonly plans: readonly PlanView[] }> & {
    readonly apply: () => void
    readonly again: () => void
  }
  /** What is said where no row changes */
  empty: ComponentChildren
  onClose: () => void
  /** Fields that the plan follows from */
  children?: ComponentChildren
}) {
  const { title, verb, plan, empty, onClose, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const { step, problem, before } = plan
  return (
    <dialog ref={dialog} class="dialog is-wide" aria-labelledby="plan-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          plan.apply()
        }}
      >
        <h2 id="plan-title">{title}</h2>
        {children}
        <section class="plan-box" aria-label="What this would change" aria-live="polite">
          {before && step !== 'refused' && (
            <p class="plan-moved" role="alert">
              Something changed since you looked. Nothing was done yet; by now it would come to this:
            </p>
          )}
          {step === 'refused' && problem ? (
            <div class="dialog-problem">
              <Facts problem={problem} />
            </div>
          ) : step === 'waiting' ? (
            <p class="quiet">Say the value, and this shows what would change.</p>
          ) : plan.answer ? (
            <div class={step === 'asking' ? 'is-stale' : ''}>
              <p class="plan-title">This would change</p>
              <PlanList plans={plan.plans} before={before} empty={empty} />
            </div>
          ) : (
            <p class="quiet">Looking what this would change…</p>
          )}
        </section>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          {step === 'refused' ? (
            <button type="button" class="button is-primary" onClick={plan.again}>
              Look again
            </button>
          ) : (
            <button
              type="submit"
              class="button is-primary"
              autofocus={!children}
              aria-disabled={step !== 'planned'}
            >
              {step === 'applying' ? 'Working…' : verb}
            </button>
          )}
        </div>
      </form>
    </dialog>
  )
}
