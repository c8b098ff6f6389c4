import { Refusal } from '../failure.ts'
import type { Eyes } from './eyes.ts'
import type { SyncReport } from './sync.ts'

export interface WatchDeps {
  readonly now: () => number
  /** Resolves after so many milliseconds, or at once when `stop` is aborted */
  readonly wait: (ms: number, stop: AbortSignal) => Promise<void>
  readonly sync: (file: string) => Promise<SyncReport>
  readonly eyes: (file: string, nudge: () => void) => Eyes
  /** Hears of a lane's commits; `hint` also when the socket opens, for what was missed before */
  readonly listen: (lane: string, hint: () => void) => { isOver(): boolean; close(): void }
  /** Whether the server's machine answers at all; it costs the server nothing */
  readonly isThere: () => Promise<boolean>
  readonly tell: (told: Told) => void
}

export type Told =
  | { readonly type: 'synced'; readonly file: string; readonly report: SyncReport }
  | { readonly type: 'failed'; readonly file: string; readonly error: Refusal }
  | { readonly type: 'offline' | 'online' | 'woke' }
  | { readonly type: 'away' | 'back' | 'detached'; readonly file: string }

const WATCH = {
  /** Between two looks at the files: a change leaves within two seconds */
  look: 1_000,
  /** After the first event of a file, before it is looked at */
  settle: 100,
  /** Between two looks at the network, and before a failed sync is tried again */
  network: 30_000,
  /** A look that comes later than this was not slept through by us alone: the machine slept */
  slept: 15_000,
  /** Before a lost socket is opened again, doubled each time up to the network's turn */
  socket: 1_000,
} as const

/**
 * Keeps files in sync until it is stopped.
 *
 *   in step ──a change, a hint, N minutes──→ syncing ──→ in step
 *                                              ├─ no answer ──→ offline ──each 30 s: is it there?──→ syncing
 *                                              └─ another failure ──→ again after 30 s
 *
 * One heartbeat does it all, so that a machine that slept needs no case of its own but being told.
 */
export async function watchFiles(
  files: readonly string[],
  everyMs: number,
  stop: AbortSignal,
  deps: WatchDeps,
): Promise<void> {
  let nudge = Promise.withResolvers<void>()
  let settling = false
  /** One write makes several events, and looking at a file may make one too. */
  const touched = () => {
    if (settling) return
    settling = true
    void deps.wait(WATCH.settle, stop).then(() => {
      settling = false
      nudge.resolve()
    })
  }
  const watched = new Map(files.map((file) => [file, newWatched(deps.eyes(file, touched))]))
  const sockets = new Map<string, Socket>()
  let online = true
  let last = deps.now()
  let checked = last
  const wanted = () => {
    for (const one of watched.values()) one.due = true
    nudge.resolve()
  }
  const setOnline = (is: boolean) => {
    if (is !== online) deps.tell({ type: is ? 'online' : 'offline' })
    online = is
  }

  try {
    while (!stop.aborted && watched.size > 0) {
      const at = deps.now()
      const slept = at - last > WATCH.slept
      if (slept) {
        deps.tell({ type: 'woke' })
        hangUp(sockets)
        wanted()
      }
      if (slept || at - checked >= WATCH.network) {
        checked = at
        const wasOnline = online
        setOnline(await deps.isThere())
        if (online && !wasOnline) wanted()
      }
      if (online) keepSockets(sockets, [...watched.values()], at, deps, wanted)
      for (const [file, one] of watched) {
        if (stop.aborted) return
        if (!(await lookAt(file, one, deps))) {
          one.eyes.close()
          watched.delete(file)
          continue
        }
        if (deps.now() - one.synced >= everyMs) one.due = true
        if (online && one.due && !one.away && deps.now() >= one.notBefore)
          setOnline(await syncOne(file, one, deps))
      }
      last = deps.now()
      const over = new AbortController()
      await Promise.race([nudge.promise, deps.wait(WATCH.look, AbortSignal.any([stop, over.signal]))])
      over.abort()
      nudge = Promise.withResolvers<void>()
    }
  } finally {
    hangUp(sockets)
    for (const { eyes } of watched.values()) eyes.close()
  }
}

interface Watched {
  readonly eyes: Eyes
  due: boolean
  away: boolean
  synced: number
  notBefore: number
}
const newWatched = (eyes: Eyes): Watched => ({ eyes, due: true, away: false, synced: 0, notBefore: 0 })

/** False: there is nothing to watch any more. */
async function lookAt(file: string, one: Watched, { tell }: WatchDeps): Promise<boolean> {
  const sight = await one.eyes.look()
  if (sight === 'detached') {
    tell({ type: 'detached', file })
    return false
  }
  if ((sight === 'away') !== one.away) tell({ type: sight === 'away' ? 'away' : 'back', file })
  one.away = sight === 'away'
  if (sight === 'changed') {
    one.due = true
    one.notBefore = 0
  }
  return true
}

/** False: the server could not be reached. */
async function syncOne(file: string, one: Watched, { sync, tell, now }: WatchDeps): Promise<boolean> {
  one.due = false
  one.synced = now()
  try {
    const report = await sync(file)
    one.notBefore = 0
    tell({ type: 'synced', file, report })
    return true
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    one.due = true
    one.notBefore = now() + WATCH.network
    if (error.problem.type !== 'urn:tidemark:cli:unreachable') {
      tell({ type: 'failed', file, error })
      return true
    }
    one.notBefore = 0
    return false
  }
}

interface Socket {
  live: ReturnType<WatchDeps['listen']>
  tried: number
  openAt: number
}

/** A socket for each lane; one that was lost is opened again, after a while that grows. */
function keepSockets(
  sockets: Map<string, Socket>,
  watched: readonly Watched[],
  at: number,
  { listen }: WatchDeps,
  wanted: () => void,
): void {
  for (const lane of new Set(watched.flatMap(({ eyes }) => eyes.lanes))) {
    const known = sockets.get(lane)
    if (known && (!known.live.isOver() || at < known.openAt)) continue
    const tried = (known?.tried ?? 0) + 1
    const pause = Math.min(WATCH.network, WATCH.socket * 2 ** tried)
    const socket: Socket = { tried, openAt: at + pause, live: listen(lane, heard) }
    sockets.set(lane, socket)
    function heard(): void {
      socket.tried = 0
      wanted()
    }
  }
}

function hangUp(sockets: Map<string, Socket>): void {
  for (const { live } of sockets.values()) live.close()
  sockets.clear()
}
