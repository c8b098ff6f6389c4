import type * as z from 'zod'
import type {
  AutoResolveAnswer,
  AutoResolveInput,
  PlanAnswer,
  PlanView,
  ResolveAnswer,
  ResolveInput,
  SyncConflict,
  UndoInput,
} from '../../../sync/protocol/collections.ts'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Conflict, HistoryEntry } from '../../../sync/protocol/records.ts'
import { type Answer, type Get, get, getConflict, send } from './api.ts'

export type { PlanView, SyncConflict }
/** How somebody would settle a conflict: the body of a resolution without what makes it a plan. */
export type Settlement = Omit<z.input<typeof ResolveInput>, 'dry_run' | 'expect'>
/** What is to be undone. */
export type Undoing = Omit<z.input<typeof UndoInput>, 'dry_run' | 'expect'>
export type Resolved = z.infer<typeof ResolveAnswer>
export type AutoResolved = z.infer<typeof AutoResolveAnswer>
export type Undone = z.infer<typeof PlanAnswer>

/** Open conflicts come a thousand at a time: they are searched and grouped here. */
const OPEN = 1_000
const SETTLED = 100

export const getOpen = get<SyncConflict[]>(`/api/sync/conflicts?resolved=false&limit=${OPEN}`)
export const getSettled = get<SyncConflict[]>(`/api/sync/conflicts?resolved=true&limit=${SETTLED}`)
/** One that devices have with each other, or one of a sheet or the ERP: a link to it does not say which. */
export type AnyConflict =
  | { readonly of: 'device'; readonly conflict: SyncConflict }
  | { readonly of: 'remote'; readonly conflict: Conflict }

export function getAnyConflict(conflict: string): Get<AnyConflict> {
  const path = `/api/sync/conflicts/${id(conflict)}`
  const load = async (): Promise<Answer<AnyConflict>> => {
    const answer = await send<SyncConflict>('GET', path)
    if (answer.ok) return { ...answer, value: { of: 'device', conflict: answer.value } }
    if (answer.problem.status !== 404) return answer
    const other = await getConflict(conflict).load()
    return other.ok ? { ...other, value: { of: 'remote', conflict: other.value } } : other
  }
  return { path, load }
}

export const getRowHistory = (table: string, key: string) =>
  get<HistoryEntry[]>(`/api/history?table=${id(table)}&key=${id(key)}&limit=50`)

/** Reads that a resolution or an undo changes. */
export const isInboxPath = (path: string) => /^\/api\/(sync\/conflicts|conflicts|history)\b/.test(path)

/** Plan only, or apply the plans of these digests and nothing else. */
type Planned =
  | { readonly dry_run: true }
  | { readonly dry_run: false; readonly expect: Record<string, string> }

export const PLAN = { dry_run: true } as const
export const applying = (plans: readonly PlanView[]): Planned => ({
  dry_run: false,
  expect: Object.fromEntries(plans.map(({ lane, digest }) => [lane, digest])),
})

export const resolveConflict = (conflict: string, how: Settlement, planned: Planned) =>
  send<Resolved>('POST', `/api/sync/conflicts/${id(conflict)}/resolve`, { ...how, ...planned })

/** The oldest open conflicts by the rules, at most so many. */
export const autoResolve = (max: number, planned: z.input<typeof AutoResolveInput>) =>
  send<AutoResolved>('POST', `/api/sync/conflicts/auto-resolve?max=${max}`, planned)

export const undo = (what: Undoing, planned: Planned) =>
  send<Undone>('POST', '/api/undo', { ...what, ...planned })

/** What it would come to now, where the world moved since the plan was shown; null: that is not what went wrong. */
export function movedPlans(answer: Answer<unknown>): readonly PlanView[] | null {
  if (answer.ok) return null
  const { type, plan, plans } = answer.problem as Problem & { plan?: PlanView; plans?: PlanView[] }
  return type === 'urn:tidemark:problem:moved' ? (plans ?? (plan ? [plan] : [])) : null
}

const id = encodeURIComponent
