import type { RouteConfig } from '@hono/zod-openapi'
import type { LiveEvent } from '../../sync/protocol/runs.ts'
import * as gateway from '../../workers/gateway/routes.ts'
import * as devices from '../../workers/push-pull/device-routes.ts'
import * as pushPull from '../../workers/push-pull/routes.ts'
import { createApp, Refusal, refuse } from '../../workers/shared/app.ts'
import * as erp from '../../workers/smart-sync/erp-routes.ts'
import * as smartSync from '../../workers/smart-sync/routes.ts'
import * as sheets from '../../workers/smart-sync/sheet-routes.ts'
import * as collections from '../../workers/smart-sync/sync-routes.ts'
import { acceptSocket } from '../web/fake-socket.ts'
import * as collectionsData from './collections-data.ts'
import * as data from './data.ts'
import { serve, stop } from './serve.ts'
import * as sheetsData from './sheets-data.ts'

export const TOKEN = 'tm_the-token-that-nobody-may-see'
export const CODE = 'a-code'

/** A request that the schemas of its route let in. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly param: Record<string, string>
  readonly query: Record<string, unknown>
  readonly body: unknown
  readonly headers: Headers
  readonly at: number
}

/** A body, or a whole answer where the status or the headers matter. */
type Answer = (call: Call) => unknown

export interface FakeServer {
  readonly url: string
  readonly calls: Call[]
  /** Answers by name of the route; a test replaces some */
  readonly answers: Record<string, Answer>
  /** Says something to everyone who listens */
  tell(event: LiveEvent): void
  listeners(): number
  close(): Promise<void>
}

const session = { role: 'admin', user: null, name: 'Ada' }

const ANSWERS: Record<string, Answer> = {
  readSession: () => session,
  pairDevice: ({ body }) =>
    (body as { code: string }).code === CODE
      ? Response.json({ ...session, ...(body as object), code: undefined, token: TOKEN }, { status: 201 })
      : refuse({ type: 'unauthorized', detail: 'The code was used already.', mend: 'Ask for a new link.' }),
  listTokens: () => [data.token(), data.token({ id: 'd4', name: 'Old', revoked_at: data.ago(data.DAY) })],
  makeToken: ({ body }) =>
    Response.json({ ...data.token(), ...(body as object), secret: 'tm_new' }, { status: 201 }),
  revokeToken: () => new Response(null, { status: 204 }),
  startSync: () => data.synced(),
  syncStatus: () => data.status(),
  listRuns: () => [data.run(), data.degraded],
  getRun: () => data.run(),
  listConflicts: ({ query }) => (query.open ? [] : [data.settled]),
  erpStatus: () => data.erpStatus(),
  startErpSync: () => Response.json(data.erpStarted, { status: 202 }),
  listSheets: () => [sheetsData.sheet()],
  referenceStatistics: () => sheetsData.statistics,
  sheetsForecast: () => sheetsData.forecast(),
  sheetScript: () => sheetsData.script,
  startSheetSync: () => Response.json(sheetsData.started, { status: 202 }),
  getConfig: () => sheetsData.setting,
  putConfig: ({ body }) => ({ ...sheetsData.setting, value: body }),
  listProjects: () => data.projects,
  listAccounts: () => data.accounts,
  getAccount: () => data.account(),
  accountGrowth: () => data.growth,
  listSnapshots: () => data.snapshots,
  listHistory: () => data.history,
  setPin: () => data.account(),
  releasePin: () => data.account({ pins: [] }),
  'collections.syncNow': () => collectionsData.outcome(),
  'collections.status': () => collectionsData.status(),
  'collections.logs': () => [collectionsData.log()],
  'collections.conflicts': () => [],
  'collections.resolve': ({ body }) => collectionsData.settled(body),
  'collections.autoResolve': ({ body }) => collectionsData.autoSettled(body),
  'collections.getConfig': () => collectionsData.config,
  'collections.putConfig': ({ body }) => collectionsData.configured(body as object),
  'collections.configHistory': () => collectionsData.configChanges,
  'collections.undo': ({ body }) => collectionsData.undone(body),
  'collections.restore': ({ body }) => collectionsData.undone(body),
  'devices.tables': () => ({ protocol: 1, tables: [] }),
  pushReadings: ({ body }) => data.readingsAnswer((body as { readings: unknown[] }).readings.length),
}

/**
 * The API from memory, behind the Workers' own route definitions: a request that their schemas refuse is refused, and an
 * answer that they do not allow is a mistake in the test.
 */
export async function startFake(answers: Record<string, Answer> = {}): Promise<FakeServer> {
  const given = { ...ANSWERS, ...answers }
  const calls: Call[] = []
  const app = appOf(given, calls)
  const sockets = new Set<ReturnType<typeof acceptSocket>>()

  const { server, url } = await serve((request) => app.fetch(request))
  server.on('upgrade', (incoming, socket) => {
    if (incoming.headers.authorization !== `Bearer ${TOKEN}`) {
      socket.destroy()
      return
    }
    const accepted = acceptSocket(incoming, socket)
    sockets.add(accepted)
    socket.on('close', () => sockets.delete(accepted))
  })
  return {
    url,
    calls,
    answers: given,
    tell: (event) => {
      for (const socket of sockets) socket.send(JSON.stringify(event))
    },
    listeners: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.end()
      return stop(server)
    },
  }
}

function appOf(answers: Record<string, Answer>, calls: Call[]) {
  const app = createApp({})
  app.use(async (c, next) => {
    if (c.req.path === '/api/devices/pair' || c.req.header('authorization') === `Bearer ${TOKEN}`)
      return next()
    throw new Refusal({
      type: 'unauthorized',
      detail: 'The token is unknown.',
      mend: 'Ask an admin for a new one.',
    })
  })
  const routes: Record<string, RouteConfig> = {
    ...gateway,
    ...pushPull,
    ...smartSync,
    ...erp,
    ...sheets,
    ...under('collections', collections),
    ...under('devices', devices),
  }
  for (const [name, answer] of Object.keys(answers).map((name) => [name, () => answers[name]] as const)) {
    const route = routes[name]
    if (!route) throw new Error(`there is no route ${name}`)
    app.openapi(route as Parameters<typeof app.openapi>[0], async (c) => {
      const valid = (part: 'param' | 'query' | 'json') => (c.req.valid as (part: string) => unknown)(part)
      const call = {
        method: c.req.method,
        path: c.req.path,
        param: (valid('param') ?? {}) as Call['param'],
        query: (valid('query') ?? {}) as Call['query'],
        body: valid('json'),
        headers: c.req.raw.headers,
        at: performance.now(),
      }
      calls.push(call)
      const given = await answer()?.(call)
      const reply = given instanceof Response ? given : Response.json(given)
      await check(route, reply.clone())
      return reply
    })
  }
  return app
}

/** Names of these routes are short enough to stand in other files too. */
const under = (prefix: string, routes: Readonly<Record<string, RouteConfig>>) =>
  Object.fromEntries(Object.entries(routes).map(([name, route]) => [`${prefix}.${name}`, route]))

/** Throws where a success is not what the route says. */
async function check(route: RouteConfig, reply: Response): Promise<void> {
  const content = route.responses[reply.status]
  if (!reply.ok || reply.status === 204 || reply.headers.has('x-as-is')) return
  const media = content && 'content' in content ? content.content?.['application/json'] : undefined
  const schema = media && 'schema' in media ? media.schema : undefined
  if (!schema || !('parse' in schema)) throw new Error(`${route.path} does not answer ${reply.status}`)
  schema.parse(await reply.json())
}
