import { createAuth } from './auth.ts'
import { refusalFor } from './failure.ts'
import { createFront, type Route } from './front.ts'
import { emptyWorld, type ServiceAccount, type SpreadsheetFile, type Store, type World } from './model.ts'
import { createPerson } from './person.ts'
import { createQuota, googleLimits, type Limits } from './quota.ts'
import { type ApiContext, sheetsRoute } from './sheets-api.ts'

export interface GoogleOptions {
  /** Milliseconds since 1970; tokens, quotas and times of change go by it */
  readonly clock?: () => number
  /** In [0, 1): sheet ids and faults with a probability */
  readonly random?: () => number
  /** How delays are waited; the default waits in real time */
  readonly sleep?: (ms: number) => Promise<void>
  /** Where they should differ from Google's; Infinity lifts one */
  readonly limits?: Partial<Limits>
  readonly accounts?: readonly ServiceAccount[]
}

export type Google = ReturnType<typeof createGoogle>

/**
 * An emulated Google: token endpoint, Sheets v4 and Drive v3 behind `fetch`, the people who edit the spreadsheets as
 * `person`, a script of `faults`, the `calls` that were made, and its whole state as plain JSON.
 */
export function createGoogle(options: GoogleOptions = {}) {
  const clock = options.clock ?? Date.now
  const random = options.random ?? Math.random
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)))
  const store: Store = { world: emptyWorld }
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  const front = createFront({ clock, random, sleep, answered: changed })
  const auth = createAuth(store, clock)
  const quota = createQuota(store, clock, { ...googleLimits, ...options.limits })
  for (const account of options.accounts ?? []) auth.register(account)

  function save(file: SpreadsheetFile): void {
    const saved = { ...file, version: file.version + 1, modifiedTime: clock() }
    store.world = { ...store.world, files: { ...store.world.files, [file.spreadsheetId]: saved } }
    changed()
  }

  const context: ApiContext = { store, auth, quota, clock, random, save }

  function route(method: string, url: URL): Route {
    const found = sheetsRoute(context, method, url.pathname)
    if (found) return found
    if (method === 'POST' && url.pathname === '/token') return tokenRoute
    return unknownRoute
  }

  const tokenRoute: Route = {
    api: 'token',
    kind: 'token',
    dialect: 'token',
    answer: ({ url, body }) => auth.exchange(new URLSearchParams(body), url.origin),
  }

  /** Answers as Google would. Takes what `fetch` takes, so it can stand in as a client's fetch implementation. */
  async function fetch(input: Request | URL | string, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init)
    return front.serve(route(request.method, new URL(request.url)), request)
  }

  return {
    fetch,
    person: createPerson({ store, clock, random, save }),
    faults: front.faults,
    /** Every call so far, in order of their answers; empty it with `calls.length = 0` */
    calls: front.calls,
    front,
    auth,
    quota,
    /** Makes a service account known by its public key */
    register: auth.register,
    /** An access token without the signing, for tests that make thousands of worlds */
    grant: (email: string, scopes: readonly string[] = allScopes) => auth.issue(email, scopes),
    /** Tells of every changed file and answered call; returns how to stop it */
    watch: (watcher: () => void): (() => void) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    /** Files, accounts, tokens and quotas as plain JSON; faults and calls are not part of it. Costs nothing. */
    snapshot: (): World => store.world,
    /** Goes back to a snapshot, or to one that went through JSON */
    restore: (world: World): void => {
      store.world = world
    },
  }
}

const allScopes = [
  'https://www.googleapis.com/auth/spreadsheets',
  'https://www.googleapis.com/auth/drive.metadata.readonly',
  'https://www.googleapis.com/auth/youtube.readonly',
]

const unknownRoute: Route = {
  api: 'unknown',
  kind: 'read',
  dialect: 'sheets',
  answer: ({ request, url }) => {
    throw refusalFor(404, `The emulator has nothing at ${request.method} ${url.pathname}.`)
  },
}
