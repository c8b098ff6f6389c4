import { computed, effect, signal } from '@preact/signals'
import type { LiveEvent } from '../../../sync/protocol/runs.ts'
import { getRecentRuns } from './api.ts'
import { isErpLane, isErpPath } from './erp-names.ts'
import { hasTrouble, refresh } from './reads.ts'
import { activeRuns, learn } from './runs.ts'
import { type LaneSocket, listen } from './socket.ts'
import { syncing } from './sync.ts'

/** Without a socket: how often to ask while a run is under way, and otherwise, in milliseconds. Never below 5 s. */
const POLL = { busy: 5_000, idle: 30_000 } as const
/** Commits come many a second during a run; what is on the page is read again at most this often. */
const HINTS = 5_000

/** The lane closes sockets of a revoked token with this code. */
const REVOKED = 4001

const isOnline = signal(navigator.onLine)
const lanes = signal<ReadonlyMap<string, 'connecting' | 'open' | 'lost'>>(new Map())

/** `idle`: there is no lane to listen to. */
export type Connection = 'idle' | 'connecting' | 'live' | 'polling' | 'offline'

/** How the page hears of changes. */
export const connection = computed<Connection>(() => {
  if (!isOnline.value) return 'offline'
  const states = [...lanes.value.values()]
  if (states.length === 0) return 'idle'
  if (states.includes('lost')) return 'polling'
  return states.includes('connecting') ? 'connecting' : 'live'
})

/** Polls while nothing can be heard, and catches up when the page is seen again; the answer stops both. */
export function startLive(): () => void {
  const stopPolling = effect(() => {
    const isBusy = activeRuns.value.length > 0 || syncing.value !== null
    const timer = setInterval(poll, isBusy ? POLL.busy : POLL.idle)
    return () => clearInterval(timer)
  })
  const seen = () => {
    isOnline.value = navigator.onLine
    if (navigator.onLine && document.visibilityState === 'visible') refresh()
  }
  addEventListener('online', seen)
  addEventListener('offline', seen)
  document.addEventListener('visibilitychange', seen)
  return () => {
    stopPolling()
    clearTimeout(hint)
    hint = undefined
    removeEventListener('online', seen)
    removeEventListener('offline', seen)
    document.removeEventListener('visibilitychange', seen)
  }
}

/** Listens to these lanes until the answer is called. A lane that several parts of the page want has one socket. */
export function hear(names: readonly string[]): () => void {
  for (const name of names) {
    const known = heard.get(name)
    if (known) known.wanted++
    else heard.set(name, { socket: listenTo(name), wanted: 1 })
  }
  return () => {
    for (const name of names) {
      const known = heard.get(name)
      if (known) known.wanted--
    }
    // Whoever wants it again at once, in a longer list for example, keeps the socket.
    queueMicrotask(closeUnwanted)
  }
}

const heard = new Map<string, { readonly socket: LaneSocket; wanted: number }>()

function closeUnwanted(): void {
  const left = new Map(lanes.peek())
  for (const [name, { socket, wanted }] of heard) {
    if (wanted > 0) continue
    socket.close()
    heard.delete(name)
    left.delete(name)
  }
  if (left.size < lanes.peek().size) lanes.value = left
}

function listenTo(name: string): LaneSocket {
  let wasLost = false
  const mark = (state: 'connecting' | 'open' | 'lost') => {
    lanes.value = new Map(lanes.peek()).set(name, state)
  }
  mark('connecting')
  return listen(name, {
    event: take,
    open() {
      mark('open')
      // What happened meanwhile was not heard.
      if (wasLost) refresh()
      wasLost = false
    },
    lost(code) {
      mark('lost')
      wasLost = true
      // The next read says that nobody is signed in, and the door closes.
      if (code === REVOKED) refresh()
    },
  })
}

let hint: ReturnType<typeof setTimeout> | undefined
/** Whose lanes moved since the page was last read again */
let moved = { erp: false, rest: false }

function take(event: LiveEvent): void {
  if (event.type === 'run') {
    learn([event.run])
    return
  }
  if (isErpLane(event.lane)) moved.erp = true
  else moved.rest = true
  hint ??= setTimeout(() => {
    const { erp, rest } = moved
    moved = { erp: false, rest: false }
    hint = undefined
    refresh((path) => (isErpPath(path) ? erp : rest && !path.includes('/runs')))
  }, HINTS)
}

/** What a tick does: tries again what failed, and asks for runs where nobody tells of them. */
async function poll(): Promise<void> {
  const state = connection.peek()
  if (document.visibilityState === 'hidden' || state === 'offline') return
  if (hasTrouble() || state === 'idle') await refresh()
  if (state === 'live' || state === 'idle') return
  const answer = await getRecentRuns.load()
  if (answer.ok) learn(answer.value)
}
