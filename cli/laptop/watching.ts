import type { DeviceSettings } from '../../sync/protocol/device.ts'
import { Refusal } from '../failure.ts'
import type { Eyes } from './eyes.ts'
import { isNews, type Outcome } from './report.ts'
import { SETTINGS, SETTINGS_AGE } from './settings.ts'
import { socketsTo } from './sockets.ts'
import type { SyncReport } from './sync.ts'

export interface WatchDeps {
  readonly now: () => number
  /** Resolves after so many milliseconds, or at once when `stop` is aborted */
  readonly wait: (ms: number, stop: AbortSignal) => Promise<void>
  readonly sync: (file: string) => Promise<SyncReport>
  readonly eyes: (file: string, nudge: () => void) => Eyes
  /** What an operator wants of this file, as it was told last */
  readonly settings: (file: string) => Promise<DeviceSettings>
  /** Asks the server what an operator wants, for these files. False: it could not be asked */
  readonly refresh: (files: readonly string[]) => Promise<boolean>
  /** Tells the server what syncs came to, of this nudge where there was one. It never fails, and nobody waits for it */
  readonly report: (outcomes: readonly Outcome[], nudge?: string) => void
  /** Hears of a lane's commits, also when the socket opens, for what was missed before; `nudge`: somebody asks for a sync */
  readonly listen: (lane: string, hear: (nudge?: string) => void) => { isOver(): boolean; close(): void }
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
  /** Before a failed sync is tried again for the first time, doubled each time up to the network's turn */
  retry: 1_000,
  /** Between two syncs, where nobody says otherwise */
  every: 300_000,
  /** Before settings are asked for again that could not be */
  settings: 60_000,
} as const

/**
 * Keeps files in sync until it is stopped.
 *
 *   in step ──a change, a hint, N minutes, a nudge──→ syncing ──→ in step
 *                                              ├─ no answer ──→ offline ──each 30 s: is it there?──→ syncing
 *                                              └─ another failure ──→ again after 1, 2, 4 s; told when `maxRetries` tries
 *                                                                     have failed, and again after 30 s
 *
 * Where an operator switched syncing by itself off, only a nudge starts a sync. `everyMs` null: as the operator says.
 * One heartbeat does it all, so that a machine that slept needs no case of its own but being told.
 */
export async function watchFiles(
  files: readonly string[],
  everyMs: number | null,
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
  let online = true
  let last = deps.now()
  let checked = last
  let asked = Number.NEGATIVE_INFINITY
  const wanted = () => {
    for (const one of watched.values()) one.due = true
    nudge.resolve()
  }
  const nudged = (lane: string, id: string) => {
    for (const one of watched.values())
      if (one.eyes.lanes.includes(lane) && !one.heard.includes(id)) {
        one.heard = [...one.heard.slice(-HEARD), id]
        one.nudges.add(id)
        one.notBefore = 0
      }
    asked = Number.NEGATIVE_INFINITY
    nudge.resolve()
  }
  const sockets = socketsTo(deps, { news: wanted, nudged })
  const setOnline = (is: boolean) => {
    if (is !== online) deps.tell({ type: is ? 'online' : 'offline' })
    online = is
  }

  try {
    while (!stop.aborted && watched.size > 0) {
      const at = deps.now()
      const slept = at - last > WATCH.slept
      // Moments that were kept are to come, where the clock was put back.
      const isBack = at < last
      if (slept) deps.tell({ type: 'woke' })
      if (slept || isBack) {
        sockets.hangUp()
        for (const one of watched.values()) one.notBefore = 0
        wanted()
      }
      if (slept || isBack || at - checked >= WATCH.network) {
        checked = at
        const wasOnline = online
        setOnline(await deps.isThere())
        if (online && !wasOnline) wanted()
      }
      if (online)
        sockets.keep(
          [...watched.values()].flatMap(({ eyes }) => eyes.lanes),
          at,
        )
      if (online && (at - asked >= SETTINGS_AGE || at < asked)) {
        const isTold = await deps.refresh([...watched.keys()])
        asked = isTold ? at : at - SETTINGS_AGE + WATCH.settings
        for (const [file, one] of watched) one.settings = await deps.settings(file)
      }
      const outcomes = new Map<Watched, Outcome>()
      for (const [file, one] of watched) {
        if (stop.aborted) return
        if (!(await lookAt(file, one, deps))) {
          one.eyes.close()
          watched.delete(file)
          continue
        }
        const minutes = one.settings.syncIntervalMinutes
        const every = everyMs ?? (minutes === null ? WATCH.every : minutes * 60_000)
        if (deps.now() - one.synced >= every) one.due = true
        const isDue = one.nudges.size > 0 || (one.due && one.settings.autoSyncEnabled)
        if (!online || !isDue || one.away || deps.now() < one.notBefore) continue
        const { isThere, outcome } = await syncOne(file, one, deps)
        setOnline(isThere)
        if (outcome) outcomes.set(one, outcome)
      }
      tellOf(outcomes, deps)
      last = deps.now()
      const over = new AbortController()
      await Promise.race([nudge.promise, deps.wait(WATCH.look, AbortSignal.any([stop, over.signal]))])
      over.abort()
      nudge = Promise.withResolvers<void>()
    }
  } finally {
    sockets.hangUp()
    for (const { eyes } of watched.values()) eyes.close()
  }
}

interface Watched {
  readonly eyes: Eyes
  due: boolean
  away: boolean
  synced: number
  notBefore: number
  /** Tries that failed since one that didn't */
  failures: number
  settings: DeviceSettings
  /** Syncs that somebody asked for, and that were not reported yet */
  readonly nudges: Set<string>
  /** The last ones that were asked for: each lane of the file tells of the same one */
  heard: readonly string[]
}
const newWatched = (eyes: Eyes): Watched => ({
  eyes,
  due: true,
  away: false,
  synced: 0,
  notBefore: 0,
  failures: 0,
  settings: SETTINGS,
  nudges: new Set(),
  heard: [],
})

const HEARD = 100

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

/** `outcome`: it came to an end, good or bad; a failure that is tried again soon is none. */
async function syncOne(
  file: string,
  one: Watched,
  { sync, settings, tell, now }: WatchDeps,
): Promise<{ isThere: boolean; outcome?: Outcome }> {
  const began = now()
  one.due = false
  one.synced = began
  try {
    const report = await sync(file)
    one.settings = await settings(file)
    one.notBefore = 0
    one.failures = 0
    tell({ type: 'synced', file, report })
    return { isThere: true, outcome: { began, ended: now(), report, error: null } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    one.due = true
    if (error.problem.type === 'urn:tidemark:cli:unreachable') {
      one.notBefore = 0
      return { isThere: false }
    }
    const tried = one.failures++
    if (tried < one.settings.maxRetries) {
      one.notBefore = now() + Math.min(WATCH.network, WATCH.retry * 2 ** tried)
      return { isThere: true }
    }
    one.notBefore = now() + WATCH.network
    tell({ type: 'failed', file, error })
    return {
      isThere: true,
      outcome: {
        began,
        ended: now(),
        report: null,
        error: `${error.problem.title}: ${error.problem.detail}`,
      },
    }
  }
}

/** Whoever asked for a sync is answered, news or not; of the others only those that did something are told. */
function tellOf(outcomes: ReadonlyMap<Watched, Outcome>, { report }: WatchDeps): void {
  const asked = new Set([...outcomes.keys()].flatMap(({ nudges }) => [...nudges]))
  for (const id of asked)
    report(
      [...outcomes].filter(([{ nudges }]) => nudges.has(id)).map(([, outcome]) => outcome),
      id,
    )
  const others = [...outcomes].filter(([{ nudges }, outcome]) => nudges.size === 0 && isNews(outcome))
  if (others.length > 0) report(others.map(([, outcome]) => outcome))
  for (const { nudges } of outcomes.keys()) nudges.clear()
}
