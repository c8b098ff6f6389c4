import { type Call, callOf } from './call.ts'
import { damaged, isDamage } from './damage.ts'
import { createFaults, type FaultAction, isShaping } from './faults.ts'
import { crashPage, loginPage, redirect } from './html.ts'
import { createPerson } from './person.ts'
import { createSessions, tokenIn } from './sessions.ts'
import { createStore } from './store.ts'
import { createWork, dialects } from './work.ts'

export interface ErpOptions {
  /** Milliseconds since 1970 */
  readonly clock: () => number
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Milliseconds that every answer takes; 0 where absent */
  readonly latency?: number
  /** Milliseconds for making an order; the latency where absent */
  readonly createLatency?: number
  /** Idle time after which a session ends; 20 minutes where absent */
  readonly sessionMs?: number
  /** Requests under way at once; 1 where absent */
  readonly concurrency?: number
  /** Lists that tell a change stamp; products where absent */
  readonly stamps?: readonly string[]
  readonly users?: readonly { readonly user: string; readonly password: string }[]
  /** A login ends the user's older sessions */
  readonly oneSessionPerUser?: boolean
}

/** A call as it was seen. */
export interface RecordedCall {
  readonly method: string
  /** With its query */
  readonly path: string
  /** Whose session it came with */
  readonly user: string | null
  /** Arrival, by the emulator's clock */
  readonly at: number
  /** Until the answer, by the emulator's clock */
  readonly ms: number
  /** 0: under way, or the connection died without an answer */
  readonly status: number
}

export type Erp = ReturnType<typeof createErp>

/** What systems of that age default to. */
const SESSION_MS = 20 * 60_000

/** A legacy ERP: one set of data, two dialects, one thing at a time. */
export function createErp(options: ErpOptions) {
  const { clock, random, sleep, concurrency = 1, stamps = ['products'] } = options
  const { sessionMs = SESSION_MS, oneSessionPerUser = false } = options
  let latency = options.latency ?? 0
  let underWay = 0
  let overruns = 0
  let mostAtOnce = 0
  const calls: RecordedCall[] = []
  const store = createStore()
  const faults = createFaults()
  const sessions = createSessions({ clock, random, sessionMs, oneSessionPerUser })
  for (const { user, password } of options.users ?? []) sessions.addUser(user, password)
  const perform = createWork({ store, sessions, clock, stamps })
  const setLatency = (ms: number) => {
    latency = ms
  }

  /** Answers a request of any origin; rejects as `fetch` does where the connection dies or the caller gives up. */
  async function fetch(request: Request): Promise<Response> {
    request.signal.throwIfAborted()
    const call = callOf(request, sessions.touch(tokenIn(request)))
    const { method, target: path, user, dialect } = call
    const at = clock()
    const record = { method, path, user, at, ms: 0, status: 0 }
    calls.push(record)
    underWay += 1
    mostAtOnce = Math.max(mostAtOnce, underWay)
    const full = underWay > concurrency
    if (full) overruns += 1
    const work = full ? Promise.resolve(dialects[dialect].busy()) : answer(call, request)
    const givenUp = Promise.withResolvers<never>()
    const giveUp = () => givenUp.reject(request.signal.reason)
    request.signal.addEventListener('abort', giveUp, { once: true })
    const answered = Promise.race([work, givenUp.promise])
    const end = () => {
      underWay -= 1
    }
    // Who turns away from a page frees the ERP; what was posted goes on.
    void (method === 'GET' ? answered : work).then(end, end)
    try {
      const response = await answered
      record.status = response.status
      return response
    } finally {
      record.ms = clock() - at
      request.signal.removeEventListener('abort', giveUp)
    }
  }

  async function answer(call: Call, request: Request): Promise<Response> {
    const body = call.method === 'GET' ? '' : await request.text()
    const token = tokenIn(request)
    const time = call.asked.type === 'create' ? (options.createLatency ?? latency) : latency
    if (time > 0) await sleep(time)
    await faults.wait(call)
    if (call.method === 'GET') request.signal.throwIfAborted()
    const fault = faults.strike(call)
    if (fault && 'delay' in fault) await sleep(fault.delay)
    if (fault && 'before' in fault) fault.before()
    const instead = fault && standIn(call, fault)
    if (instead) return instead
    const response = perform(call, { body, token, shaping: fault && isShaping(fault) ? fault : null })
    return fault && isDamage(fault) ? damaged(response, fault) : response
  }

  return {
    fetch,
    /** `calls.length = 0` forgets them. */
    calls,
    faults: { add: faults.add, hold: faults.hold, clear: faults.clear },
    person: createPerson({ store, sessions, clock, setLatency }),
    /** The data, not who is signed in; `restore` takes it back. */
    snapshot: store.snapshot,
    restore: store.restore,
    /** Requests that were one too many */
    get overruns() {
      return overruns
    },
    /** Requests under way at once, those turned away included */
    get mostAtOnce() {
      return mostAtOnce
    },
    get latency() {
      return latency
    },
    get users(): readonly string[] {
      return sessions.users()
    },
  }
}

/** An answer in place of the work; null for faults of another kind. */
function standIn({ dialect, target }: Call, fault: FaultAction): Response | null {
  if ('status' in fault) return dialects[dialect].bare(fault.status, fault.body)
  if ('html' in fault) return crashPage()
  if ('loginPage' in fault) return loginPage()
  if ('errorText' in fault) return dialects[dialect].errorText(fault.errorText)
  return 'redirectLoop' in fault ? redirect(target) : null
}
