import type {
  Answer,
  Clock,
  Pacer,
  Page,
  Part,
  Remote,
  RemoteColumn,
  RemoteContext,
} from '../../sync/engine/ports.ts'
import {
  type CachedToken,
  googleSheets,
  type TokenCache,
} from '../../sync/remotes/google-sheets/google-sheets.ts'
import { createGoogle, type GoogleOptions, generateServiceAccount } from '../emulators/google/index.ts'

const { credentials, account } = generateServiceAccount()
export const email = credentials.client_email
const privateKey = credentials.private_key
export const book = 'book-of-tests'

const count = (header: string, ...aliases: string[]): RemoteColumn => ({ header, aliases, type: 'count' })

/** Columns of an account, as a link would declare them. */
const columns: Readonly<Record<string, RemoteColumn>> = {
  profile_url: { header: 'Profile URL', aliases: ['url', 'link'], type: 'url', required: true },
  username: { header: 'Username', aliases: ['user', 'name'], type: 'text' },
  followers: count('Followers', 'subscribers', 'subs'),
  likes: count('Likes'),
  comments: count('Comments'),
  videos: count('Videos', 'posts'),
  views: count('Views'),
  pin: { header: 'Pin', aliases: ['pins'], type: 'pins' },
}

export type World = ReturnType<typeof createWorld>

/** One spreadsheet at an emulated Google, and a run's worth of what the engine would tell the remote. */
export function createWorld(
  options: GoogleOptions & { readonly key?: string; readonly timeout?: number } = {},
) {
  let now = Date.parse('2026-03-02T10:00:05Z')
  const clock: Clock = { now: () => now }
  const google = createGoogle({ clock: clock.now, sleep: async () => {}, accounts: [account], ...options })
  const penalties: { gate: string; kind: string; until: number }[] = []
  const asked: string[] = []
  let closed: { kind: string; until: number } | null = null
  const pacer: Pacer = {
    async permit(_gate, kind) {
      asked.push(kind)
      const at = closed?.kind === kind && now < closed.until ? closed.until : null
      return at === null ? { granted: true } : { granted: false, at }
    },
    async penalise(gate, kind, until) {
      penalties.push({ gate, kind, until })
    },
  }
  const tokenCache: TokenCache & { token: CachedToken | null } = {
    token: null,
    async get() {
      return this.token
    },
    async put(token) {
      this.token = token
    },
  }
  const open = (): Remote =>
    googleSheets({
      credentials: { email, privateKey: options.key ?? privateKey },
      origin: 'http://google.test',
      fetch: google.fetch,
      clock,
      random: () => 0.5,
      pacer,
      gate: `google:${email}`,
      tokenCache,
      timeout: options.timeout ?? 2_000,
    })

  return {
    google,
    person: google.person,
    clock,
    pacer,
    penalties,
    asked,
    tokenCache,
    open,
    remote: open(),
    at: (time: number) => {
      now = time
    },
    wait: (ms: number) => {
      now += ms
    },
    close: (kind: string, until: number) => {
      closed = { kind, until }
    },
    /** Calls by kind since the last look, tokens left out */
    calls: () => {
      const kinds = google.calls.filter(({ kind }) => kind !== 'token').map(({ api }) => api)
      google.calls.length = 0
      return kinds
    },
  }
}

export const part = (id: string, tab = id): Part => ({
  id,
  name: `Project ${id}`,
  timeZone: 'UTC',
  options: { tab, write_back: 1 },
})

/** What the engine keeps for one run; `memory` outlives it. */
export function createRun(parts: readonly Part[], memory: { value: unknown } = { value: null }) {
  const called: string[] = []
  const context: RemoteContext = {
    target: { spreadsheet_id: book },
    columns,
    parts,
    subjects: [],
    settings: {},
    ahead: 1,
    waits: () => undefined,
    get memory() {
      return memory.value
    },
    remember: (value) => {
      memory.value = JSON.parse(JSON.stringify(value))
    },
    keep: async () => true,
    scratch: new Map(),
    priority: 5,
    called: (kind) => void called.push(kind),
  }
  return { context, called, memory }
}

/** The value of an answer that must have one. */
export function must<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`${answer.failure.type}: ${answer.failure.reason}`)
  return answer.value
}

/** Reads one tab in a fresh run. */
export async function readTab(world: World, tab: string): Promise<Page> {
  const only = part(tab)
  return must(await world.remote.read(createRun([only]).context, only, null))
}

/** A spreadsheet with one tab of these rows, shared with the service account. */
export function createBook(
  world: World,
  tabs: Readonly<Record<string, readonly (readonly (string | number | boolean | null)[])[]>>,
  more: { readonly locale?: string; readonly role?: 'writer' | 'reader' } = {},
): void {
  world.person.create({
    id: book,
    title: 'Accounts',
    ...(more.locale && { locale: more.locale }),
    sheets: Object.entries(tabs).map(([title, rows]) => ({ title, rows: rows.map((row) => [...row]) })),
  })
  world.person.share(book, { email, role: more.role ?? 'writer' })
}
