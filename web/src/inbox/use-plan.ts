import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Answer } from '../data/answer.ts'
import { isInboxPath } from '../data/inbox.ts'
import { refresh } from '../data/reads.ts'
import { applying, movedPlans, PLAN, type PlanView } from './shapes.ts'

/** Asks for a change: planned, or applied as it was planned. */
export type Ask<T extends { readonly plans: readonly PlanView[] }> = (
  planned: typeof PLAN | ReturnType<typeof applying>,
) => Promise<Answer<T>>

/**
 * Where a change stands that is shown before it is made.
 *
 *   asking → planned → applying → (done)
 *      ↘ refused ↙        ↘ planned, `before` says what was shown until then (the world moved)
 */
export interface Plan<T> {
  readonly step: 'waiting' | 'asking' | 'planned' | 'applying' | 'refused'
  readonly answer?: T
  readonly plans: readonly PlanView[]
  /** What was shown before the world moved */
  readonly before?: readonly PlanView[]
  readonly problem?: Problem
}

/** Typing asks for a plan when it pauses for this long, in milliseconds */
const PAUSE = 300

/**
 * Plans whatever `name` stands for, anew each time it changes; `ask` null: there is nothing to plan yet. `apply` does what is
 * shown, or shows what it would come to by now.
 */
export function usePlan<T extends { readonly plans: readonly PlanView[] }>(
  name: string,
  ask: Ask<T> | null,
  onDone: (answer: T) => void,
): Plan<T> & { readonly apply: () => void; readonly again: () => void } {
  const [plan, setPlan] = useState<Plan<T>>({ step: ask ? 'asking' : 'waiting', plans: [] })
  const current = useRef(0)
  const isFirst = useRef(true)
  const latest = useRef(ask)
  latest.current = ask

  const look = useCallback(async () => {
    const turn = ++current.current
    if (!latest.current) return setPlan({ step: 'waiting', plans: [] })
    const answer = await latest.current(PLAN)
    if (turn !== current.current) return
    // Whatever stands in the way is news: somebody else may have settled it.
    if (!answer.ok) refresh(isInboxPath)
    setPlan(
      answer.ok
        ? { step: 'planned', answer: answer.value, plans: answer.value.plans }
        : { step: 'refused', problem: answer.problem, plans: [] },
    )
  }, [])

  useEffect(() => {
    current.current++
    setPlan((old) => ({ ...old, step: latest.current ? 'asking' : 'waiting' }))
    const timer = setTimeout(look, isFirst.current || name === '' ? 0 : PAUSE)
    isFirst.current = false
    return () => clearTimeout(timer)
  }, [name, look])
  useEffect(
    () => () => {
      current.current++
    },
    [],
  )

  async function apply() {
    if (plan.step !== 'planned' || !ask) return
    const turn = ++current.current
    setPlan({ ...plan, step: 'applying' })
    const answer = await ask(applying(plan.plans))
    if (answer.ok) onDone(answer.value)
    if (turn !== current.current || answer.ok) return
    const now = movedPlans(answer)
    if (!now) {
      refresh(isInboxPath)
      return setPlan({ ...plan, step: 'refused', problem: answer.problem })
    }
    setPlan({ ...plan, step: 'planned', plans: now, before: plan.plans })
  }
  return { ...plan, apply, again: look }
}
