import { computed, effect, signal } from '@preact/signals'
import type { LiveEvent } from '../../../sync/protocol/runs.ts'
import { getRecentRuns } from './api.ts'
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

/** Listens to these lanes, polls while that is not possible; the answer stops both. */
export function startLive(names: readonly string[]): () => void {
  lanes.value = new Map(names.map((name) => [name, 'connecting']))
  const sockets = names.map((name) => listenTo(name))
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
    for (const socket of sockets) socket.close()
    stopPolling()
    clearTimeout(hint)
    hint = undefined
    removeEventListener('online', seen)
    removeEventListener('offline', seen)
    document.removeEventListener('visibilitychange', seen)
  }
}

function listenTo(name: string): LaneSocket {
  let wasLost = false
  const mark = (state: 'open' | 'lost') => {
    lanes.value = new Map(lanes.peek()).set(name, state)
  }
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

function take(event: LiveEvent): void {
  if (event.type === 'run') {
    learn([event.run])
    return
  }
  hint ??= setTimeout(() => {
    hint = undefined
    refresh((path) => !path.includes('/runs'))
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
