import type * as z from 'zod'
import type {
  AutoResolveAnswer,
  PlanAnswer,
  ResolveAnswer,
  ResolveInput,
  SyncConflict,
  UndoInput,
} from '../../../sync/protocol/conflicts.ts'
import type { PlanView } from '../../../sync/protocol/plan.ts'
import type { Answer } from '../data/answer.ts'

// What settling and undoing send and are answered; nothing here asks for anything.

export type { PlanView, SyncConflict }
/** How somebody would settle a conflict: the body of a resolution without what makes it a plan. */
export type Settlement = Omit<z.input<typeof ResolveInput>, 'dry_run' | 'expect'>
/** What is to be undone. */
export type Undoing = Omit<z.input<typeof UndoInput>, 'dry_run' | 'expect'>
export type Resolved = z.infer<typeof ResolveAnswer>
export type AutoResolved = z.infer<typeof AutoResolveAnswer>
export type Undone = z.infer<typeof PlanAnswer>

/** Plan only, or apply the plans of these digests and nothing else. */
export type Planned =
  | { readonly dry_run: true }
  | { readonly dry_run: false; readonly expect: Record<string, string> }

export const PLAN = { dry_run: true } as const
export const applying = (plans: readonly PlanView[]): Planned => ({
  dry_run: false,
  expect: Object.fromEntries(plans.map(({ lane, digest }) => [lane, digest])),
})

/** What it would come to now, where the world moved since the plan was shown; null: that is not what went wrong. */
export function movedPlans(answer: Answer<unknown>): readonly PlanView[] | null {
  if (answer.ok) return null
  const { type, plan, plans } = answer.problem
  return type === 'urn:tidemark:problem:moved' ? (plans ?? (plan ? [plan] : [])) : null
}
