import type * as z from 'zod'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Conflict, HistoryEntry } from '../../../sync/protocol/records.ts'
import type { Run } from '../../../sync/protocol/runs.ts'
import type {
  Account,
  Growth,
  MetricName,
  Project,
  SmartSyncAccepted,
  SmartSyncAnswer,
  Snapshot,
  SyncStatusAnswer,
} from '../../../sync/protocol/smart-sync.ts'
import type { Answer } from './answer.ts'

export type { Answer }

/** The types that the wire names by their schemas only. */
export type SyncStatus = z.infer<typeof SyncStatusAnswer>
export type SyncAccepted = z.infer<typeof SmartSyncAccepted>

/** Who is signed in, as GET /api/session answers. */
export interface Session {
  readonly role: 'admin' | 'user' | 'device' | 'hook'
  readonly user: string | null
  readonly name: string
}

/** One thing that can be read; the path is its name in the cache. */
export interface Get<T> {
  readonly path: string
  readonly load: () => Promise<Answer<T>>
}

export const get = <T>(path: string): Get<T> => ({ path, load: () => send<T>('GET', path) })
const id = encodeURIComponent

/** Rows of the largest page that the API gives. */
const PAGE = 1_000

export const getProjects = everyPage<Project>(`/api/projects?limit=${PAGE}`)
export const getSyncStatus = get<SyncStatus>('/api/admin/sync_status')
export const getOpenConflicts = everyPage<Conflict>(`/api/conflicts?limit=${PAGE}`)
/** Resolved ones too, newest first; `before`: where the last page ended. */
export const getConflicts = (before: string | null) =>
  get<Conflict[]>(`/api/conflicts?open=false&limit=50${before ? `&before=${id(before)}` : ''}`)
export const getConflict = (conflict: string) => get<Conflict>(`/api/conflicts/${id(conflict)}`)
export const getRecentRuns = get<Run[]>('/api/runs?limit=20')
export const getRuns = (before: string | null) =>
  get<Run[]>(`/api/runs?limit=50${before ? `&before=${id(before)}` : ''}`)
export const getProjectRuns = (project: string) => get<Run[]>(`/api/runs?project_id=${id(project)}&limit=10`)
export const getRun = (run: string) => get<Run>(`/api/runs/${id(run)}`)
export const getAccounts = (project: string) =>
  everyPage<Account>(`/api/projects/${id(project)}/accounts?limit=${PAGE}`)
export const getProjectGrowth = (project: string) => get<Growth>(`/api/projects/${id(project)}/growth`)
export const getAccount = (account: string) => get<Account>(`/api/accounts/${id(account)}`)
export const getAccountGrowth = (account: string) => get<Growth>(`/api/accounts/${id(account)}/growth`)
export const getSnapshots = (account: string) =>
  get<Snapshot[]>(`/api/accounts/${id(account)}/snapshots?days=90`)
export const getHistory = (account: string) =>
  get<HistoryEntry[]>(`/api/history?table=accounts&key=${id(account)}`)
export const getMore = <T>(path: string) => get<T[]>(path)

export const readSession = () => send<Session>('GET', '/api/session')
export const openSession = (secret: { code: string } | { token: string }) =>
  send<Session>('POST', '/api/session', secret)
export const closeSession = () => send<null>('DELETE', '/api/session')

/** A code that pairs one device, and the link with it in its fragment. */
export interface PairingCode {
  readonly code: string
  readonly url: string
  readonly expires_at: string
}

export const makeCode = (of: { user_id: string; name: string }) =>
  send<PairingCode>('POST', '/api/codes', { role: 'device', ...of })

/** 200 with results, or 202 with the ids of runs that go on. */
export const startSync = (project: string | null) =>
  send<SmartSyncAnswer | SyncAccepted>(
    'POST',
    `/api/admin/smart_sync${project ? `?project_id=${id(project)}` : ''}`,
  )
export const putPin = (
  account: string,
  metric: MetricName,
  pin: { value: number; note: string; until?: string },
) => send<Account>('PUT', `/api/accounts/${id(account)}/pins/${metric}`, pin)
export const deletePin = (account: string, metric: MetricName) =>
  send<Account>('DELETE', `/api/accounts/${id(account)}/pins/${metric}`)

/** Called when the server says that nobody is signed in. */
export const onSignedOut = { call: () => {} }

/** One request; whatever goes wrong is a problem that people can read. */
export async function send<T>(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    text = await response.text()
  } catch {
    return { ok: false, problem: unreachable(method) }
  }
  const value = parse(text)
  if (response.ok && (value !== undefined || text === ''))
    return {
      ok: true,
      value: (value ?? null) as T,
      status: response.status,
      next: nextOf(response.headers.get('link')),
    }
  if (response.status === 401) onSignedOut.call()
  return { ok: false, problem: isProblem(value) ? value : garbled(response.status, method) }
}

/** A list read to its end. A page that fails fails the whole: half a list would look like lost rows. */
function everyPage<T>(path: string): Get<T[]> {
  const load = async (): Promise<Answer<T[]>> => {
    const all: T[] = []
    for (let next: string | null = path; next; ) {
      const answer: Answer<T[]> = await send<T[]>('GET', next)
      if (!answer.ok) return answer
      all.push(...answer.value)
      next = answer.next === next ? null : answer.next
    }
    return { ok: true, value: all, status: 200, next: null }
  }
  return { path, load }
}

/** The target of rel="next" in a Link header, as a path of this origin. */
function nextOf(header: string | null): string | null {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(header ?? '')?.[1]
  if (!target) return null
  const url = new URL(target, location.origin)
  return url.pathname + url.search
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (value: unknown): value is Problem =>
  value !== null && typeof value === 'object' && 'detail' in value && 'mend' in value

/** The type of a problem that this page states itself because no answer came. */
const UNREACHABLE = 'urn:tidemark:problem:unreachable'

const keptBy = (method: string) =>
  method === 'GET'
    ? 'Everything: reading changes nothing.'
    : 'What was there before. Whether this change arrived is not known.'
const mendOf = (method: string) =>
  method === 'GET' ? 'Nothing: this page tries again by itself.' : 'Try again: repeating it does no harm.'

const unreachable = (method: string): Problem => ({
  type: UNREACHABLE,
  title: 'No answer',
  status: 0,
  detail: navigator.onLine ? 'Tidemark did not answer.' : 'This device is offline.',
  kept: keptBy(method),
  mend: navigator.onLine ? mendOf(method) : 'Connect to a network.',
})

const garbled = (status: number, method: string): Problem => ({
  type: 'urn:tidemark:problem:unexpected',
  title: 'Unexpected answer',
  status,
  detail: `Tidemark answered ${status} without saying why.`,
  kept: keptBy(method),
  mend: `${mendOf(method)} If it stays, the log of the gateway says more.`,
})
