/** What a call is counted as. */
export type Kind = 'read' | 'write' | 'drive' | 'youtube' | 'stats' | 'token'

/** Which calls a fault meets; an absent member matches all. */
export interface Match {
  readonly method?: string
  /** Against path and query, `/v4/spreadsheets/abc?fields=…` */
  readonly path?: RegExp
  /** `sheets.values.batchGet`, `drive.files.get`, … */
  readonly api?: string
  readonly kind?: Kind | readonly Kind[]
}

export type FaultAction =
  /** Refused with Google's error shape for that status; nothing is applied */
  | StatusFault
  /** Slow. Beyond 180 s Google gives up with 504; `when: 'after'` means the work was done all the same */
  | { readonly delayMs: number; readonly when?: 'before' | 'after' }
  /** Applied; the connection breaks in the middle of the answer */
  | { readonly cut: true }
  /** Applied; no answer arrives */
  | { readonly lost: true }
  /** No answer arrives, or an error of that status; applied only when `land()` is called */
  | { readonly late: true; readonly status?: number }
  /** Not applied; the connection is refused */
  | { readonly drop: true }
  /** A proxy's HTML page (502) in place of JSON; nothing is applied */
  | { readonly html: true; readonly status?: number }
  /** Waits for `release()`, `clear()` or the caller's abort, then goes on as usual */
  | { readonly hang: true }

export interface StatusFault {
  readonly status: number
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Fault {
  readonly match?: Match
  /** Ends after that many calls; without it the fault stays */
  readonly times?: number
  /** Lets that many matching calls pass first */
  readonly skip?: number
  /** 0 to 1, drawn from the emulator's random source */
  readonly probability?: number
  readonly do: FaultAction
}

/** A barrier that matching calls wait at. */
export interface Hold {
  /** How many calls wait now */
  readonly waiting: number
  /** Resolves when so many calls wait */
  arrived(count?: number): Promise<void>
  /** Lets all (or the first `count`) go on, and later ones pass */
  release(count?: number): void
}

export interface CallShape {
  readonly method: string
  readonly target: string
  readonly api: string
  readonly kind: Kind
}

/** Where in a call something happens. */
export type Moment = 'before' | 'after'

interface Barrier {
  readonly match: Match
  readonly at: Moment
  waiting: (() => void)[]
  watchers: { count: number; resolve: () => void }[]
  open: boolean
}

/** The script of what goes wrong. Holds come first, then the first fault that matches and fires. */
export function createFaults(random: () => number) {
  let scripted: { id: number; fault: Fault; left: number; skip: number }[] = []
  let barriers: Barrier[] = []
  let isDown = false
  let serial = 0
  const flying: (() => void)[] = []

  /** Adds a fault; returns its id. */
  function add(fault: Fault): number {
    serial += 1
    scripted.push({ id: serial, fault, left: fault.times ?? Number.POSITIVE_INFINITY, skip: fault.skip ?? 0 })
    return serial
  }

  function remove(id: number): void {
    scripted = scripted.filter((entry) => entry.id !== id)
  }

  /** All of Google answers 503 while down. */
  function down(value: boolean): void {
    isDown = value
  }

  /** Makes matching calls wait, before their work or after it with the answer held back. */
  function hold(match: Match = {}, at: Moment = 'before'): Hold {
    const barrier: Barrier = { match, at, waiting: [], watchers: [], open: false }
    barriers.push(barrier)
    return {
      get waiting() {
        return barrier.waiting.length
      },
      arrived: (count = 1) =>
        new Promise((resolve) => {
          barrier.watchers.push({ count, resolve })
          notify(barrier)
        }),
      release: (count) => release(barrier, count),
    }
  }

  function release(barrier: Barrier, count?: number): void {
    if (count === undefined) {
      barrier.open = true
      barriers = barriers.filter((b) => b !== barrier)
    }
    for (const go of barrier.waiting.splice(0, count ?? barrier.waiting.length)) go()
  }

  function notify(barrier: Barrier): void {
    const ready = barrier.watchers.filter((w) => barrier.waiting.length >= w.count)
    barrier.watchers = barrier.watchers.filter((w) => !ready.includes(w))
    for (const { resolve } of ready) resolve()
  }

  /** Lets all waiting calls go: holds and hangs. */
  function releaseAll(): void {
    for (const barrier of barriers.slice()) release(barrier)
  }

  /** Ends every fault and hold, and comes up again. */
  function clear(): void {
    scripted = []
    isDown = false
    releaseAll()
  }

  /** Waits at the barriers for this moment of a call; rejects with the caller's abort. */
  async function wait(call: CallShape, at: Moment, signal?: AbortSignal): Promise<void> {
    for (const barrier of barriers.slice()) {
      if (barrier.open || barrier.at !== at || !matches(barrier.match, call)) continue
      await stand(barrier, signal)
    }
  }

  function stand(barrier: Barrier, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        barrier.waiting = barrier.waiting.filter((go) => go !== leave)
        reject(signal?.reason)
      }
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', abort, { once: true })
      barrier.waiting.push(leave)
      notify(barrier)
    })
  }

  /** Hangs until released. */
  function hang(signal?: AbortSignal): Promise<void> {
    const barrier: Barrier = { match: { api: '' }, at: 'before', waiting: [], watchers: [], open: false }
    barriers.push(barrier)
    return stand(barrier, signal)
  }

  /** What goes wrong with this call, if anything; uses up one of the fault's times. */
  function strike(call: CallShape): FaultAction | null {
    if (isDown) return { status: 503 }
    for (const entry of scripted) {
      if (entry.left <= 0 || !matches(entry.fault.match ?? {}, call)) continue
      if (entry.skip > 0) {
        entry.skip -= 1
        continue
      }
      const { probability } = entry.fault
      if (probability !== undefined && random() >= probability) continue
      entry.left -= 1
      return entry.fault.do
    }
    return null
  }

  /** Keeps the work of a call that is applied late. */
  const fly = (work: () => void): void => void flying.push(work)

  /** Applies what is late, in the order in which it was sent. */
  function land(): void {
    for (const work of flying.splice(0)) work()
  }

  /** The script as it stands, for showing. */
  function list() {
    return scripted
      .filter((entry) => entry.left > 0)
      .map(({ id, fault, left }) => ({
        id,
        ...fault,
        match: { ...fault.match, ...(fault.match?.path && { path: fault.match.path.source }) },
        ...(Number.isFinite(left) && { left }),
      }))
  }

  return {
    add,
    remove,
    down,
    hold,
    release: releaseAll,
    clear,
    wait,
    hang,
    strike,
    fly,
    land,
    list,
    get isDown() {
      return isDown
    },
  }
}

function matches(match: Match, call: CallShape): boolean {
  const { method, path, api, kind } = match
  if (method !== undefined && method !== call.method) return false
  if (api !== undefined && api !== call.api) return false
  if (kind !== undefined && !(typeof kind === 'string' ? kind === call.kind : kind.includes(call.kind)))
    return false
  // A RegExp with the g or y flag remembers where it stood; search() doesn't.
  return path === undefined || call.target.search(path) >= 0
}
