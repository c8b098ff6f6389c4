import type { DeviceMutation } from '../../sync/protocol/device.ts'
import { type Copy, type Effect, type Entry, merged, newCopy } from '../../web/review/src/outbox.ts'
import { type Reply, sync } from '../../web/review/src/sync.ts'
import type { Crash, DeviceServer } from './device-world.ts'

type Row = Record<string, string | number | null>

/** What happens to one request, or to the device that sent it. */
export type Fault =
  | { readonly type: 'none' | 'request lost' | 'answer lost' | 'killed before' | 'killed after' | 'twice' }
  | { readonly type: 'server dies'; readonly crash: Crash }
  /** An earlier request of this device arrives once more, late */
  | { readonly type: 'echo'; readonly back: number }

/** A device that follows docs/protocol.md with the decisions of the phone's page; its store is this object. */
export interface Replica {
  readonly user: string
  copy: Copy
  entries: Entry[]
  readonly rows: Map<string, Row>
  /** Row -> the reading of everything that showed it last */
  readonly readings: Map<string, number>
  readonly clock: { offset: number }
  ids: number
  readonly sent: string[]
}

export const newReplica = (user: string, incarnation: string, offset: number): Replica => ({
  user,
  copy: newCopy('listings', incarnation),
  entries: [],
  rows: new Map(),
  readings: new Map(),
  clock: { offset },
  ids: 0,
  sent: [],
})

/** What a person or program of the device sees: the server's rows with what is not sent yet. */
export function seen({ rows, entries }: Replica): Map<string, Row> {
  const all = new Map([...rows].map(([key, row]) => [key, { ...row }]))
  for (const { state, mutation } of entries) {
    if (state !== 'waiting' && state !== 'sending') continue
    if (mutation.op === 'delete') all.delete(mutation.key)
    else all.set(mutation.key, { ...all.get(mutation.key), ...mutation.values })
  }
  return all
}

/** Records an edit, with what the server's row said of the columns. */
export function edit(replica: Replica, mutation: DeviceMutation): void {
  const row = seen(replica).get(mutation.key)
  const base = Object.fromEntries(
    Object.keys(mutation.values ?? {}).map((column) => [column, row?.[column] ?? null]),
  )
  replica.entries.push({
    id: ++replica.ids,
    state: 'waiting',
    mutation: mutation.op === 'update' ? { ...mutation, base } : mutation,
  })
}

const KILLED = 'killed'

/** One sync, in which requests meet these faults in turn; then there are none. False: it did not come to its end. */
export async function syncReplica(
  replica: Replica,
  server: DeviceServer,
  faults: Fault[],
  draw: () => string,
): Promise<boolean> {
  const ask = async (method: string, path: string, body?: string, crash?: Crash) =>
    server.ask(replica.user, method, path, body, crash)
  try {
    const outcome = await sync({
      isOnline: () => true,
      now: () => server.world.clock.now() + replica.clock.offset,
      draw,
      async change(_read, decide) {
        const change = decide(structuredClone({ copy: replica.copy, entries: replica.entries }))
        replica.copy = change.copy
        replica.entries = merged(replica.entries, change.entries)
        for (const effect of change.effects) apply(replica, effect)
        return structuredClone({ copy: replica.copy, entries: replica.entries })
      },
      async send(request) {
        const body = request.method === 'POST' ? request.body : undefined
        if (body !== undefined) replica.sent.push(body)
        const fault = faults.shift() ?? { type: 'none' }
        if (fault.type === 'request lost') return AWAY
        if (fault.type === 'killed before') throw KILLED
        if (fault.type === 'twice') await ask(request.method, request.path, body)
        if (fault.type === 'echo' && replica.sent.length > 0)
          await ask('POST', '/api/push', replica.sent[fault.back % replica.sent.length])
        const crash = fault.type === 'server dies' ? fault.crash : undefined
        const answer = await ask(request.method, request.path, body, crash)
        if (fault.type === 'killed after') throw KILLED
        if (answer === null || fault.type === 'answer lost') return AWAY
        return replyOf(answer)
      },
    })
    return outcome.type === 'done'
  } catch (error) {
    if (error !== KILLED) throw error
    return false
  }
}

const AWAY: Reply = { type: 'away', detail: 'no answer' }

async function replyOf(answer: Response): Promise<Reply> {
  const text = await answer.text()
  if (answer.status === 200) return { type: 'answer', answer: JSON.parse(text) }
  const problem = JSON.parse(text) as { type: string; expected?: number; detail: string }
  if (problem.type.endsWith(':gap')) return { type: 'gap', expected: problem.expected ?? 0 }
  if (problem.type.endsWith(':forked')) return { type: 'forked' }
  throw new Error(`${answer.status}: ${text}`)
}

function apply({ rows, readings }: Replica, effect: Effect): void {
  if (effect.type === 'page') {
    for (const cells of effect.table.rows) {
      const named = effect.table.columns.map((column, i) => [column, cells[i] ?? null])
      rows.set(String(cells[0]), Object.fromEntries(named))
      readings.set(String(cells[0]), effect.reading)
    }
    for (const key of effect.table.deleted) rows.delete(key)
    return
  }
  if (effect.type === 'sweep') {
    for (const key of rows.keys())
      if ((readings.get(key) ?? effect.reading) < effect.reading && !effect.keep.includes(key))
        rows.delete(key)
    return
  }
  const { mutation, result } = effect
  const key = result?.key ?? mutation.key
  if (result?.status === 'conflict') {
    const row = rows.get(key)
    if (row) Object.assign(row, result.set)
    return
  }
  if (mutation.op === 'delete') rows.delete(key)
  else rows.set(key, { ...rows.get(key), id: key, ...mutation.values, ...result?.set })
}
