import type * as z from 'zod'
import type { AutoResolveInput } from '../../../sync/protocol/conflicts.ts'
import type { Conflict, HistoryEntry } from '../../../sync/protocol/records.ts'
import type {
  AutoResolved,
  Planned,
  Resolved,
  Settlement,
  SyncConflict,
  Undoing,
  Undone,
} from '../inbox/shapes.ts'
import { type Answer, type Get, get, getConflict, send } from './api.ts'

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

export const resolveConflict = (conflict: string, how: Settlement, planned: Planned) =>
  send<Resolved>('POST', `/api/sync/conflicts/${id(conflict)}/resolve`, { ...how, ...planned })

/** The oldest open conflicts by the rules, at most so many. */
export const autoResolve = (max: number, planned: z.input<typeof AutoResolveInput>) =>
  send<AutoResolved>('POST', `/api/sync/conflicts/auto-resolve?max=${max}`, planned)

export const undo = (what: Undoing, planned: Planned) =>
  send<Undone>('POST', '/api/undo', { ...what, ...planned })

const id = encodeURIComponent
