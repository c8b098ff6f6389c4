import type { Database, SqlValue, Statement } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import { type PlaceMemory, peek, type RemotePlace } from '../../sync/engine/peek.ts'
import type { Remote } from '../../sync/engine/ports.ts'
import type { SlotsView } from '../../sync/engine/slots.ts'
import type {
  ActionAnswer,
  ActionRequest,
  ChangeAnswer,
  ChangeRequest,
  LaneRpc,
} from '../../sync/protocol/lane.ts'
import type { GatewayEnv } from '../../workers/gateway/env.ts'
import gateway from '../../workers/gateway/index.ts'
import { makeToken } from '../../workers/gateway/tokens.ts'
import type { PushPullEnv } from '../../workers/push-pull/env.ts'
import pushPull from '../../workers/push-pull/index.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'
import { bothWayLinks } from '../../workers/shared/names.ts'
import type { SmartSyncEnv } from '../../workers/smart-sync/env.ts'
import smartSync from '../../workers/smart-sync/index.ts'
import {
  type Durable,
  drain,
  durable,
  type FakeRemote,
  fakeRemote,
  instance,
  rows,
  syncRequest,
  type TestClock,
  testClock,
  testIds,
} from '../engine/world.ts'

export const ORIGIN = 'https://tidemark.example'

export const PEOPLE = {
  admin: { role: 'admin', user: null },
  hook: { role: 'hook', user: null },
  ann: { role: 'user', user: 'ann' },
  bob: { role: 'user', user: 'bob' },
  annsDevice: { role: 'device', user: 'ann' },
  bobsDevice: { role: 'device', user: 'bob' },
} as const
export type Who = keyof typeof PEOPLE

/** 32 bytes as base64url. */
export const ERP_KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'

/** The three Workers with HTTP doors, wired as on Cloudflare, over SQLite and real lanes in this process. */
export interface Doors {
  readonly file: Durable['file']
  readonly database: RecordedDatabase
  readonly lanes: TestLanes
  readonly sheet: FakeRemote
  readonly env: GatewayEnv
  readonly inner: SmartSyncEnv
  readonly pushPull: PushPullEnv
  /** Delivery ids that were handed to the queue */
  readonly offered: string[]
  /** Products whose pictures were handed to the queue; `broken` refuses them */
  readonly pictures: { readonly offered: string[]; broken: boolean }
  /** Answers that push-pull keeps, by address; `broken`: its cache fails */
  readonly kept: { readonly answers: Map<string, Response>; broken: boolean }
  /** What lies in R2, by key */
  readonly bucket: Map<string, Uint8Array>
  /** What the gate says; null: it does not answer */
  readonly gate: { view: SlotsView | null; readonly asked: string[] }
  /** Work that goes on behind answers */
  later(): Promise<void>
  /** How often a key may still pass the rate limit; absent: for ever. And every key that it was asked about */
  readonly pace: { readonly left: Map<string, number>; readonly asked: string[] }
  readonly secrets: Readonly<Record<Who, string>>
  /** One request through the gateway */
  call(who: Who | null, method: string, path: string, more?: Call): Promise<Answer>
}

export interface Call {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  json<T>(): T
}

/** A database that counts its batches, and fails when it is told to. */
export interface RecordedDatabase extends Database {
  readonly batches: (readonly Statement[])[]
  broken: Error | null
}

/** Lanes that really sync and push, record what they are asked, and fail as scripted. */
export interface TestLanes extends LaneNamespace {
  readonly calls: { readonly lane: string; readonly method: string; readonly given: unknown }[]
  /** Errors in place of the next calls of a lane */
  readonly fail: Map<string, unknown[]>
  /** Runs stay queued: nobody runs the alarm */
  stuck: boolean
  /** Tokens that hold a live socket of a lane */
  readonly listening: Map<string, string[]>
  /** What devices do that are asked to sync: the lane that told them, and the sync's id */
  nudged: (lane: string, id: string) => Promise<void>
  /** What becomes of proposals; null: what the lane makes of them */
  change: ((lane: string, request: ChangeRequest) => Promise<ChangeAnswer>) | null
  /** What becomes of actions */
  act: (lane: string, action: ActionRequest) => Promise<ActionAnswer>
  core(lane: string): LaneCore
}

const PROJECTS = [
  ['annie', 'w1', 'Ann films', 1, 'ann'],
  ['bobby', 'w1', 'Bob secret', 1, 'bob'],
  ['nobody', 'w1', 'Nobody owns this', 1, null],
  ['asleep', 'w1', 'Ann rests', 0, 'ann'],
  ['other', 'w2', 'Cleo elsewhere', 1, 'cleo'],
] as const

/** Rows of the sheet, by project. What is bob's and nobody's must not be seen by ann: `SECRETS`. */
const TABS = {
  annie: [
    {
      profile_url: 'https://youtube.com/@ann',
      platform: 'youtube',
      username: 'ann',
      followers: 100,
      views: 7,
    },
    { profile_url: 'https://x.com/ann', platform: 'x', username: 'ann', followers: 50 },
  ],
  bobby: [{ profile_url: 'https://youtube.com/@bobsecret', platform: 'youtube', followers: 777_777 }],
  nobody: [{ profile_url: 'https://youtube.com/@nobodyssecret', platform: 'youtube', followers: 888_888 }],
  other: [{ profile_url: 'https://youtube.com/@cleosecret', platform: 'youtube', followers: 999_999 }],
}
/** Texts that only stand in rows which ann may not see. */
export const SECRETS = ['bobby', 'Bob secret', 'bobsecret', '777777', 'nobodyssecret', '888888', 'cleosecret']

/** Two workspaces with their first sync done, and a token for everybody. */
export async function openDoors(
  /** Lane -> its remote, where it is another than the sheet in memory */
  others: (clock: TestClock) => Readonly<Record<string, Remote>> = () => ({}),
): Promise<Doors> {
  const world = durable(testClock(Date.now()))
  const sheet = fakeRemote()
  const other = others(world.clock)
  const { file } = world
  file.exec(`INSERT INTO workspaces VALUES ('w1', 'One', 'sheet-1-id'), ('w2', 'Two', 'sheet-2-id')`)
  const insert = file.prepare(
    `INSERT INTO projects (id, workspace_id, name, active, tab, owner) VALUES (?1, ?2, ?3, ?4, ?3, ?5)`,
  )
  for (const project of PROJECTS) insert.run(...project)
  for (const [part, list] of Object.entries(TABS)) sheet.tabs.set(part, structuredClone(list))

  const database = recorded(world.database)
  const lanes = testLanes({ ...world, database }, (lane) => other[lane] ?? sheet)
  for (const [lane, scope] of Object.entries({ 'workspace:w1': 'w1', 'workspace:w2': 'w2' })) {
    const stub = lanes.getByName(lane)
    const answer = await stub.request(lane, syncRequest({ scope, actor: 'first sync' }))
    if (answer.type === 'skipped') throw new Error(answer.reason)
    await stub.settled(lane, [answer.runId], 1)
  }

  const offered: string[] = []
  const pictures = { offered: [] as string[], broken: false }
  const bucket = new Map<string, Uint8Array>()
  const kept: Doors['kept'] = { answers: new Map(), broken: false }
  const gate: Doors['gate'] = {
    view: { inside: [], waiting: [], closedUntil: 0, exclusive: null },
    asked: [],
  }
  const behind: Promise<unknown>[] = []
  const context = { waitUntil: (work: Promise<unknown>) => void behind.push(work) } as Parameters<
    typeof pushPull.fetch
  >[2]
  const bindings = { DB: {} as D1Database, LANE: lanes, database }
  const pushPullEnv: PushPullEnv = {
    ...bindings,
    cache: fakeCache(kept),
    IMAGES: fakeBucket(bucket),
    IMAGE_QUEUE: {
      send: async () => undefined,
      sendBatch: async (messages: Iterable<{ body: { productId: string } }>) => {
        if (pictures.broken) throw new Error('the queue is away')
        for (const { body } of messages) pictures.offered.push(body.productId)
      },
    } as unknown as PushPullEnv['IMAGE_QUEUE'],
  }
  const events = {
    send: async ({ deliveryId }: { deliveryId: string }) => void offered.push(deliveryId),
  } as unknown as SmartSyncEnv['EVENTS']
  const inner: SmartSyncEnv = {
    ...bindings,
    EVENTS: events,
    GATE: {
      getByName: (name) => ({
        look: async (kind) => {
          gate.asked.push(`${name} ${kind}`)
          if (gate.view === null) throw new Error('the gate is away')
          return gate.view
        },
      }),
    },
    WEBHOOK_KEY: 'the key of all webhooks',
    ERP_KEY,
  }
  const pace = { left: new Map<string, number>(), asked: [] as string[] }
  const env: GatewayEnv = {
    ...bindings,
    SMART_SYNC: worker((request) => smartSync.fetch(request, inner)),
    PUSH_PULL: worker((request) => pushPull.fetch(request, pushPullEnv, context)),
    RATE_LIMIT: { limit: async ({ key }) => ({ success: passes(pace, key) }) },
  }
  const secrets = {} as Record<Who, string>
  for (const [who, of] of Object.entries(PEOPLE)) {
    const made = await makeToken(database, { ...of, name: who, kind: 'token', expiresAt: null }, Date.now())
    secrets[who as Who] = made.secret
  }
  lanes.calls.length = 0
  database.batches.length = 0

  return {
    file,
    database,
    lanes,
    sheet,
    env,
    inner,
    pushPull: pushPullEnv,
    offered,
    pictures,
    bucket,
    kept,
    gate,
    later: async () => {
      await Promise.all(behind.splice(0))
    },
    pace,
    secrets,
    call: (who, method, path, { body, headers = {} } = {}) =>
      ask(
        env,
        method,
        path,
        {
          ...(who === null ? {} : { authorization: `Bearer ${secrets[who]}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body,
      ),
  }
}

/** One request to the gateway, with no header but these. Text and bytes are sent as they are, anything else as JSON. */
export async function ask(
  env: GatewayEnv,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<Answer> {
  const plain = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const text = plain ? body : JSON.stringify(body)
  const request = new Request(new URL(path, ORIGIN), {
    method,
    headers,
    ...(text === undefined ? {} : { body: text as string }),
  })
  return answerOf(await gateway.fetch(request, env))
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response
  const text = await response.text()
  return { status, headers, text, json: <T>() => JSON.parse(text) as T }
}

/** The id of the live account with this profile URL. */
export function accountId({ file }: Doors, url: string): string {
  const row = file.prepare('SELECT id FROM accounts WHERE profile_url = ? AND deleted_at IS NULL').get(url)
  return String(row?.id)
}

export const look = ({ file }: Doors, sql: string, ...params: (string | number | null)[]) =>
  rows({ file } as Durable, sql, ...params)

const placeMemory = (storage: Map<string, unknown>): PlaceMemory => ({
  get: async (link, scope) => (storage.get(`place:${link}:${scope}`) as RemotePlace) ?? null,
  put: async (link, scope, place) => void storage.set(`place:${link}:${scope}`, place),
})

/** R2 as a map: the ETag is the content's length and first byte. */
function fakeBucket(bucket: Map<string, Uint8Array>): PushPullEnv['IMAGES'] {
  const get: PushPullEnv['IMAGES']['get'] = async (key, { onlyIf }) => {
    const bytes = bucket.get(key)
    if (!bytes) return null
    const httpEtag = `"${bytes.length}-${bytes[0]}"`
    return onlyIf?.get('if-none-match') === httpEtag
      ? { httpEtag }
      : { httpEtag, body: new Blob([new Uint8Array(bytes)]).stream() }
  }
  return { get }
}

function fakeCache(kept: Doors['kept']): NonNullable<PushPullEnv['cache']> {
  const open = () => {
    if (kept.broken) throw new Error('the cache is away')
    return kept.answers
  }
  return {
    match: async (address) => open().get(address)?.clone(),
    put: async (address, answer) => void open().set(address, answer),
  }
}

const worker = (fetch: (request: Request) => Response | Promise<Response>) =>
  ({ fetch: async (request: Request) => fetch(request) }) as Fetcher

function passes(pace: Doors['pace'], key: string): boolean {
  pace.asked.push(key)
  const left = pace.left.get(key)
  if (left !== undefined) pace.left.set(key, left - 1)
  return left === undefined || left > 0
}

function recorded(inner: Database): RecordedDatabase {
  const database: RecordedDatabase = {
    batches: [],
    broken: null,
    async batch(statements) {
      database.batches.push(statements)
      if (database.broken) throw database.broken
      const results = await inner.batch(statements)
      for (const { params } of statements) params.forEach(asLongAsD1Takes)
      for (const { rows } of results) for (const row of rows) Object.values(row).forEach(asLongAsD1Takes)
      return results
    },
  }
  return database
}

/** D1 has no value above 2,000,000 bytes, neither given nor answered. SQLite itself would take it. */
function asLongAsD1Takes(value: SqlValue): void {
  if (typeof value === 'string' && Buffer.byteLength(value) > 2_000_000)
    throw new Error('D1_ERROR: string or blob too big: SQLITE_TOOBIG')
}

function testLanes(world: Durable, remoteOf: (lane: string) => Remote): TestLanes {
  const cores = new Map<string, { core: LaneCore; own: Durable }>()
  const open = (name: string) => {
    const known = cores.get(name)
    if (known) return known
    // Each object has a storage and an alarm of its own; D1 is one for all.
    const own: Durable = { ...world, storage: new Map(), alarm: null }
    const ids = testIds(name.replace('workspace:', ''))
    const made = {
      core: instance(
        own,
        name,
        () => remoteOf(name),
        (engine) => engine,
        ids,
      ).lane,
      own,
    }
    cores.set(name, made)
    return made
  }
  const lanes: TestLanes = {
    calls: [],
    fail: new Map(),
    stuck: false,
    listening: new Map(),
    nudged: async () => undefined,
    change: null,
    act: async () => {
      throw new Error('nobody said what becomes of actions')
    },
    core: (lane) => open(lane).core,
    getByName(lane) {
      const asked = async <T>(method: string, given: unknown, answer: () => Promise<T>): Promise<T> => {
        lanes.calls.push({ lane, method, given })
        const error = lanes.fail.get(lane)?.shift()
        if (error !== undefined) throw error
        return answer()
      }
      const stub: LaneRpc & { fetch(request: Request): Promise<Response> } = {
        request: (_lane, request) => asked('request', request, () => open(lane).core.request(request)),
        push: (_lane, push) => asked('push', push, () => open(lane).core.push(push)),
        change: (_lane, request) =>
          asked('change', request, () => lanes.change?.(lane, request) ?? open(lane).core.change(request)),
        nudge: (_lane, id) =>
          asked('nudge', id, async () => {
            await lanes.nudged(lane, id)
            return lanes.listening.get(lane) ?? []
          }),
        reported: (lane, id) => asked('reported', id, async () => open(lane).core.reported(id)),
        heard: (lane, id, ms) =>
          asked('heard', id, () =>
            Promise.race([
              open(lane).core.heard(id),
              new Promise<void>((resolve) => setTimeout(resolve, ms)),
            ]),
          ),
        listening: () => asked('listening', null, async () => lanes.listening.get(lane) ?? []),
        peek: (lane, link, scope, part) =>
          asked('peek', { link, scope, part }, async () => {
            const declared = bothWayLinks.find(({ name }) => name === link)
            if (!declared) throw new Error(`there is no link ${link}`)
            const { own } = open(lane)
            const engine = { database: world.database, log: () => undefined, remotes: () => remoteOf(lane) }
            return peek(engine, placeMemory(own.storage), declared, scope, part)
          }),
        act: (_lane, action) => asked('act', action, () => lanes.act(lane, action)),
        settled: (_lane, runIds, ms) =>
          asked('settled', runIds, async () => {
            if (lanes.stuck) {
              await new Promise((resolve) => setTimeout(resolve, ms))
              return { all: false }
            }
            // An action is what `act` made of it at once.
            if (runIds.every((id) => id.startsWith('act-'))) return { all: true }
            const { core, own } = open(lane)
            await drain(own, core)
            await core.settled(runIds)
            return { all: true }
          }),
        poke: () => asked('poke', null, () => open(lane).core.poke()),
        closeSockets: (_lane, tokenId) => asked('closeSockets', tokenId, async () => undefined),
        fetch: (request) => asked('fetch', request.headers, async () => new Response('a socket')),
      }
      return stub
    },
  }
  return lanes
}
