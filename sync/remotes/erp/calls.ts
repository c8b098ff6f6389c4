import type { Clock, Places } from '../../engine/ports.ts'
import type { Fetch } from '../google/fetch.ts'
import { http, type Reader } from './http.ts'
import { CALL_TIMEOUT, COME_BACK, LEASE, LEASE_MARGIN, MOST_TRIES, PATIENCE } from './limits.ts'
import { broken, busy, type Called, type Expired, refused } from './outcome.ts'
import { type Signed, signIn } from './sign-in.ts'

export interface ErpOptions {
  /** Where the ERP is: `https://erp.example`; null: not set up */
  readonly origin: string | null
  readonly fetch: Fetch
  readonly clock: Clock
  readonly places: Places
  /** Cookies by login, where they outlive this instance. Losing one costs a login. */
  readonly sessions: {
    get(login: string): Promise<string | null>
    put(login: string, cookie: string | null): Promise<void>
  }
  /** Opens a sealed password. Throws in words. */
  readonly unseal: (sealed: string) => Promise<string>
  /** Milliseconds for one HTTP call */
  readonly timeout?: number
}

export type Dialect = 'json' | 'html'

/** On whose behalf, and how, calls are made. */
export interface Caller {
  readonly dialect: Dialect
  /** Name in the ERP, its sealed password, and who that is in messages */
  readonly login: string
  readonly sealed: string
  readonly user: string
  readonly priority: number
  /** Calls that the ERP takes at once */
  readonly most: number
  readonly waits: (reason: string | null) => void
  readonly called: (kind: string) => void
}

/** One call, before it has a session. */
export interface Asked {
  /** What it is counted as */
  readonly kind: string
  readonly path: string
  /** Sent by POST; absent: GET */
  readonly body?: { readonly type: string; readonly text: string }
  /** Alone at the gate, for so long; milliseconds */
  readonly exclusive?: { readonly lease: number; readonly timeout: number }
}

export type Calls = ReturnType<typeof erpCalls>

/** One door to the ERP: a place at its gate, a session, a time limit, and failures as values. */
export function erpCalls(options: ErpOptions) {
  const { clock, places, sessions, timeout = CALL_TIMEOUT } = options
  const wire = http(options)
  /** Logins under way: whoever needs the same one waits for it, for some ERPs end the older session */
  const signingIn = new Map<string, Promise<Called<Signed>>>()

  async function call<T>(caller: Caller, asked: Asked, read: Reader<T>): Promise<Called<T>> {
    const { origin } = options
    if (origin === null || !URL.canParse(origin))
      return refused('Nobody said where the ERP is', 'Set ERP_ORIGIN to its address (https://…).', true)
    const { lease = LEASE, timeout: most = timeout } = asked.exclusive ?? {}
    const place = {
      priority: caller.priority,
      exclusive: asked.exclusive !== undefined,
      most: caller.most,
      lease,
      patience: PATIENCE,
    }
    let answer: Called<T> | null = null
    try {
      await places.inside(place, caller.waits, async (until) => {
        const end = Math.min(until, clock.now() + lease) - LEASE_MARGIN
        const send: Send = (path, kind, init, reader) => {
          const left = Math.min(most, end - clock.now())
          if (left > 0) caller.called(kind)
          return wire.send(addressOf(origin, path), { init, most: left, reader })
        }
        answer = await inSession(caller, asked, send, read)
      })
    } catch (error) {
      // The gate broke when the place was given back: the answer is here all the same, and may be an order's.
      if (answer === null) throw error
    }
    return answer ?? busy(clock.now() + COME_BACK, 'Others were in the ERP all the time; no place was free')
  }

  type Send = <R>(
    path: string,
    kind: string,
    init: RequestInit,
    reader: Reader<R>,
  ) => Promise<Called<R> | Expired>

  /** With the stored session; where that is over, with the one that somebody else got meanwhile, or a new login. One login a call. */
  async function inSession<T>(caller: Caller, asked: Asked, send: Send, read: Reader<T>): Promise<Called<T>> {
    const tried = new Set<string>()
    let cookie = await sessions.get(caller.login)
    let loggedIn = false
    let reason = ''
    while (tried.size < MOST_TRIES) {
      if (cookie === null || tried.has(cookie)) {
        if (loggedIn) break
        loggedIn = true
        const signed = await login(caller, send)
        if (!signed.ok) return signed
        cookie = signed.value.cookie
      }
      const init = {
        headers: { cookie, ...(asked.body && { 'content-type': asked.body.type }) },
        ...(asked.body && { method: 'POST', body: asked.body.text }),
      }
      const answer = await send(asked.path, asked.kind, init, read)
      if (!('expired' in answer)) return answer
      reason = answer.reason
      tried.add(cookie)
      cookie = await sessions.get(caller.login)
    }
    if (cookie !== null && tried.has(cookie)) await sessions.put(caller.login, null)
    return {
      ...broken(`The ERP took the login of ${caller.user} and still ${reason}`),
      away: true,
      sent: false,
    }
  }

  function login(caller: Caller, send: Send): Promise<Called<Signed>> {
    const { login: name } = caller
    const running = signingIn.get(name)
    if (running) return running
    const started = signIn(caller, options.unseal, async (path, init, reader) => {
      const answer = await send(path, 'login', init, reader)
      if (!('expired' in answer)) return answer.ok ? answer : { ...answer, away: true, sent: false }
      return { ...broken(`The ERP's login ${answer.reason}`), away: true, sent: false }
    })
      .then(async (signed) => {
        if (signed.ok) await sessions.put(name, signed.value.cookie)
        return signed
      })
      .finally(() => signingIn.delete(name))
    signingIn.set(name, started)
    return started
  }

  return { call }
}

/** Joined as text: a path that begins with two slashes would name another host, which would be handed the session. */
const addressOf = (origin: string, path: string): URL => new URL(new URL(origin).origin + path)
