import type { Call } from './call.ts'
import type { ListName } from './lists.ts'

/** Which calls a fault meets; an absent member matches all. `list` and `page` mean pages of a list and nothing else. */
export interface Match {
  /** A text: the whole path, with or without its query. A pattern: searched in path and query */
  readonly path?: string | RegExp
  readonly list?: ListName
  readonly page?: number
  readonly method?: string
  /** Whose session the call comes with */
  readonly user?: string
}

/** Faults of a page's rows. The page is a proper one otherwise. */
export type Shaping =
  | { readonly noRows: true }
  /** The rows of the page before */
  | { readonly repeat: true }
  /** So many of the last rows are missing */
  | { readonly shorter: number }
  | { readonly total: number }
  /** The first row twice, with another name */
  | { readonly duplicate: true }
  /** Other values in the first row */
  | { readonly garbage: Readonly<Record<string, unknown>> }
  /** A text of 1 MB in the first row's field */
  | { readonly huge: string }
  | { readonly keyless: true }
  | { readonly pagesForever: true }

/** Faults that stand in place of the answer; nothing is done. */
export type Instead =
  | { readonly status: number; readonly body?: string }
  | { readonly html: true }
  | { readonly loginPage: true }
  | { readonly errorText: string }
  | { readonly redirectLoop: true }

/** Faults of the answer on its way; all is done. */
export type Damage =
  | { readonly empty: true }
  | { readonly truncated: number }
  | { readonly endless: true }
  | { readonly cut: number }
  | { readonly lost: true }

export type FaultAction =
  | Shaping
  | Instead
  | Damage
  /** Milliseconds */
  | { readonly delay: number }
  /** Called just before the answer is made */
  | { readonly before: () => void }

export interface Fault {
  readonly match: Match
  /** 1 where absent */
  readonly times?: number
  /** Lets so many matching calls pass first */
  readonly after?: number
  readonly do: FaultAction
}

/** A barrier that matching calls wait at. */
export interface Hold {
  /** Resolves when a call waits */
  arrived(): Promise<void>
  /** Lets all go on, and later ones pass */
  release(): void
}

interface Barrier {
  readonly match: Match
  readonly arrived: PromiseWithResolvers<void>
  readonly released: PromiseWithResolvers<void>
}

/** The script of what goes wrong: the first fault that matches and has times left. */
export function createFaults() {
  let scripted: { readonly fault: Fault; left: number; pass: number }[] = []
  const barriers = new Set<Barrier>()

  function add(fault: Fault): void {
    scripted.push({ fault, left: fault.times ?? 1, pass: fault.after ?? 0 })
  }

  function hold(match: Match): Hold {
    const barrier: Barrier = {
      match,
      arrived: Promise.withResolvers(),
      released: Promise.withResolvers(),
    }
    barriers.add(barrier)
    return {
      arrived: () => barrier.arrived.promise,
      release: () => {
        barriers.delete(barrier)
        barrier.released.resolve()
      },
    }
  }

  /** Waits at the holds that match. */
  async function wait(call: Call): Promise<void> {
    for (const barrier of [...barriers]) {
      if (!matches(barrier.match, call)) continue
      barrier.arrived.resolve()
      await barrier.released.promise
    }
  }

  /** What goes wrong with this call, if anything; uses up one of its times. */
  function strike(call: Call): FaultAction | null {
    for (const entry of scripted) {
      if (!matches(entry.fault.match, call) || !fits(entry.fault.do, call)) continue
      if (entry.pass > 0) {
        entry.pass -= 1
        continue
      }
      entry.left -= 1
      if (entry.left <= 0) scripted = scripted.filter((other) => other !== entry)
      return entry.fault.do
    }
    return null
  }

  /** Ends every fault and lets every held call go. */
  function clear(): void {
    scripted = []
    for (const { released } of barriers) released.resolve()
    barriers.clear()
  }

  return { add, hold, wait, strike, clear }
}

const shapings = [
  'noRows',
  'repeat',
  'shorter',
  'total',
  'duplicate',
  'garbage',
  'huge',
  'keyless',
  'pagesForever',
]

export function isShaping(action: FaultAction): action is Shaping {
  return shapings.some((name) => name in action)
}

/** Rows are only in pages, which only those see who are signed in: any other call doesn't use a fault of rows up. */
function fits(action: FaultAction, { asked, user }: Call): boolean {
  return !isShaping(action) || (asked.type === 'list' && user !== null)
}

function matches(match: Match, { method, path, target, asked, user }: Call): boolean {
  if (match.method !== undefined && match.method !== method) return false
  if (match.user !== undefined && match.user !== user) return false
  if (match.list !== undefined && !(asked.type === 'list' && asked.list === match.list)) return false
  if (match.page !== undefined && !(asked.type === 'list' && asked.page === match.page)) return false
  if (typeof match.path === 'string') return match.path === path || match.path === target
  // A RegExp with the g or y flag remembers where it stood; search() doesn't.
  return match.path === undefined || target.search(match.path) >= 0
}
