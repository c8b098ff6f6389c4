import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { LiveEvent, Run } from '../../sync/protocol/runs.ts'
import type { Account, MetricName } from '../../sync/protocol/smart-sync.ts'
import { codeRoutes } from './fake-codes.ts'
import {
  advance,
  growthOf,
  iso,
  makeWorld,
  newRun,
  type Size,
  snapshotsOf,
  statusOf,
  type World,
} from './fake-data.ts'
import { erpRoutes } from './fake-erp-routes.ts'
import { serveFile } from './fake-files.ts'
import { type Handler, page, type Reply, refuse } from './fake-reply.ts'
import { sheetRoutes } from './fake-sheet-routes.ts'
import { acceptSocket } from './fake-socket.ts'
import { syncRoutes } from './fake-sync.ts'

/** How the fake behaves; a test changes these while it runs. */
export interface Behaviour {
  /** Requests whose path begins so are answered 503 */
  failing: string[]
  /** Answers wait for this, but for the session's */
  gate: Promise<void> | null
  /** Milliseconds between two parts of a run */
  pace: number
  /** Sockets are refused */
  noSockets: boolean
  /** A sync is answered 202 at once */
  slowSync: boolean
  role: 'admin' | 'user' | 'hook'
  /** Milliseconds between two pages of a list of the ERP's, and that making an order takes */
  pagePace: number
  orderMs: number
  /** How orders end. `lost`: it is made, and the answer does not come; `slow`: the answer comes before the end */
  orderEnds: 'done' | 'refused' | 'unknown' | 'lost' | 'slow'
}

export interface FakeServer {
  readonly url: string
  readonly world: World
  readonly behaviour: Behaviour
  /** Requests so far, as `GET /api/runs` */
  readonly requests: string[]
  /** Lanes that are listened to at the moment */
  readonly lanes: () => string[]
  readonly dropSockets: () => void
  readonly close: () => Promise<void>
}

export const CODE = 'let-me-in'
export const TOKEN = 'a-token'

/** The API's answers from memory, and the built pages: for states that the real one reaches only with effort. */
export async function startFake(
  directory: string,
  size: Size = { projects: 5, accounts: 12 },
  options: Partial<Behaviour> = {},
  port = 0,
): Promise<FakeServer> {
  const world = makeWorld(size, Date.now())
  const behaviour = {
    failing: [],
    gate: null,
    pace: 60,
    noSockets: false,
    slowSync: false,
    role: 'admin' as Behaviour['role'],
    pagePace: 60,
    orderMs: 60,
    orderEnds: 'done' as Behaviour['orderEnds'],
    ...options,
  }
  const sockets = new Map<ReturnType<typeof acceptSocket>, string>()
  const requests: string[] = []
  const tellLane = (lane: string, event: LiveEvent) => {
    for (const [socket, of] of sockets) if (of === lane) socket.send(JSON.stringify(event))
  }
  const tell = (event: LiveEvent) => tellLane('workspace:main', event)
  const routes = patternsOf([
    ...routesOf(world, behaviour, tell),
    ...erpRoutes(world, behaviour, tellLane),
    ...codeRoutes(behaviour),
    ...syncRoutes(world, behaviour),
    ...sheetRoutes(world, behaviour, tellLane),
  ])

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    if (!url.pathname.startsWith('/api/')) {
      await serveFile(directory, url.pathname, response).catch(() => response.writeHead(503).end())
      return
    }
    requests.push(`${request.method} ${url.pathname}`)
    if (url.pathname !== '/api/session') await behaviour.gate
    const reply = await answer(routes, behaviour, request, url)
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
    response.end(reply.status === 204 ? undefined : JSON.stringify(reply.body))
  })
  server.on('upgrade', (request, socket) => {
    if (behaviour.noSockets || !isSignedIn(request)) {
      socket.destroy()
      return
    }
    const accepted = acceptSocket(request, socket)
    sockets.set(accepted, new URL(request.url ?? '/', 'http://fake').searchParams.get('lane') ?? '')
    socket.on('close', () => sockets.delete(accepted))
  })
  const dropSockets = () => {
    for (const socket of sockets.keys()) socket.end()
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    behaviour,
    requests,
    lanes: () => [...sockets.values()].sort(),
    dropSockets,
    close: () =>
      new Promise((resolve) => {
        dropSockets()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  routes: readonly (readonly [string, RegExp, Handler])[],
  behaviour: Behaviour,
  request: IncomingMessage,
  url: URL,
): Promise<Reply> {
  if (behaviour.failing.some((prefix) => url.pathname.startsWith(prefix)))
    return refuse('overloaded', 'The database did not answer in time.', 'Try again in a minute.')
  if (url.pathname !== '/api/session' && !isSignedIn(request))
    return refuse('unauthorized', 'Nobody is signed in.', 'Sign in.')
  for (const [method, path, handler] of routes) {
    const found = path.exec(url.pathname)
    if (!found || method !== request.method) continue
    const body = await bodyOf(request)
    if (path.source.includes('session') && method === 'GET' && !isSignedIn(request))
      return refuse('unauthorized', 'Nobody is signed in.', 'Sign in.')
    return handler({
      id: decodeURIComponent(found.groups?.id ?? ''),
      metric: (found.groups?.metric ?? 'views') as MetricName,
      query: url.searchParams,
      body,
      headers: request.headers,
    })
  }
  return refuse('not_found', `There is no ${request.method} ${url.pathname}.`, 'See /docs.')
}

/** The routes of the API that the page uses, with the shapes of sync/protocol. */
function routesOf(
  world: World,
  behaviour: Behaviour,
  tell: (event: LiveEvent) => void,
): [string, string, Handler][] {
  const session = () => ({
    role: behaviour.role,
    user: behaviour.role === 'user' ? 'ada' : null,
    name: 'Ada',
  })
  const account = (id: string) => world.accounts.find((candidate) => candidate.id === id)
  const missing = (what: string, id: string) =>
    refuse('not_found', `There is no ${what} ${id}.`, 'Check the id.')
  const of = (id: string, make: (found: Account) => unknown): Reply => {
    const found = account(id)
    return found ? { body: make(found) } : missing('account', id)
  }

  return [
    ['GET', '/api/session', () => ({ body: session() })],
    [
      'POST',
      '/api/session',
      ({ body }) =>
        body.code === CODE || body.token === TOKEN
          ? { body: session(), headers: { 'set-cookie': 'session=yes; HttpOnly; SameSite=Strict; Path=/' } }
          : refuse(
              'unauthorized',
              'This code or token is not known, or was used before.',
              'Ask an admin for a new one.',
            ),
    ],
    [
      'DELETE',
      '/api/session',
      () => ({ status: 204, body: null, headers: { 'set-cookie': 'session=; Max-Age=0; Path=/' } }),
    ],
    ['GET', '/api/projects', () => ({ body: world.projects })],
    [
      'GET',
      '/api/projects/:id/accounts',
      ({ id, query }) =>
        page(
          world.accounts.filter((candidate) => candidate.project_id === id),
          query,
          `/api/projects/${id}/accounts`,
        ),
    ],
    [
      'GET',
      '/api/projects/:id/growth',
      ({ id }) => {
        const project = world.projects.find((candidate) => candidate.id === id)
        return project ? { body: growthOf(project.totals, id === 'project-4') } : missing('project', id)
      },
    ],
    ['GET', '/api/accounts/:id', ({ id }) => of(id, (found) => found)],
    ['GET', '/api/accounts/:id/growth', ({ id }) => of(id, (found) => growthOf(found))],
    [
      'GET',
      '/api/accounts/:id/snapshots',
      ({ id, query }) => of(id, (found) => snapshotsOf(found, Number(query.get('days') ?? 30), world.now)),
    ],
    [
      'GET',
      '/api/history',
      ({ query }) => {
        const key = query.get('key') ?? ''
        const entries = world.history.get(key)
        if (!entries && query.get('table') !== 'accounts') return missing('row', key)
        return { body: entries ?? [] }
      },
    ],
    [
      'PUT',
      '/api/accounts/:id/pins/:metric',
      ({ id, metric, body }) => of(id, (found) => pin(world, found, metric, body)),
    ],
    [
      'DELETE',
      '/api/accounts/:id/pins/:metric',
      ({ id, metric }) =>
        of(id, (found) => {
          found.pins = found.pins.filter((candidate) => candidate.column !== metric)
          return found
        }),
    ],
    [
      'GET',
      '/api/runs',
      ({ query }) => {
        const project = query.get('project_id')
        const runs = world.runs.filter((run) => !project || run.report.parts.some(({ id }) => id === project))
        return page(runs, query, '/api/runs')
      },
    ],
    [
      'GET',
      '/api/runs/:id',
      ({ id }) => {
        const run = world.runs.find((candidate) => candidate.id === id)
        return run ? { body: run } : missing('run', id)
      },
    ],
    [
      'GET',
      '/api/conflicts',
      ({ query }) => {
        const isAll = query.get('open') === 'false'
        return page(
          [...world.conflicts, ...world.sync.conflicts.map(asRecord)].filter(
            (conflict) => isAll || conflict.resolved_at === null,
          ),
          query,
          '/api/conflicts',
        )
      },
    ],
    [
      'GET',
      '/api/conflicts/:id',
      ({ id }) => {
        const conflict = world.conflicts.find((candidate) => candidate.id === id)
        return conflict ? { body: conflict } : missing('conflict', id)
      },
    ],
    ['GET', '/api/admin/sync_status', () => ({ body: statusOf(world) })],
    ['POST', '/api/admin/smart_sync', ({ query }) => sync(world, behaviour, tell, query.get('project_id'))],
  ]
}

/** A conflict of a device among the others: it has no link. */
const asRecord = ({
  _id: id,
  collection,
  localId,
  kind,
  timestamp,
  notes,
  resolved_at,
  resolution,
}: SyncConflict) => ({
  id,
  lane: collection,
  link: '',
  scope: '',
  part: null,
  table: collection,
  key: localId,
  column: null,
  kind,
  base: null,
  ours: null,
  theirs: null,
  detail: notes,
  recommendations: [],
  opened_at: timestamp,
  run_id: null,
  resolved_at,
  resolution,
})

const patternsOf = (table: readonly [string, string, Handler][]) =>
  table.map(
    ([method, path, handler]) =>
      [method, new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`), handler] as const,
  )

/** Runs part by part at the set pace, telling the sockets; answers at the end, or at once with 202. */
async function sync(
  world: World,
  behaviour: Behaviour,
  tell: (event: LiveEvent) => void,
  project: string | null,
): Promise<Reply> {
  if (project && !world.projects.some((candidate) => candidate.id === project))
    return refuse('not_found', `There is no project ${project}.`, 'Check the id.')
  const run = newRun(world.projects, 101 + world.runs.length, Date.now(), project ? [project] : null)
  world.runs.unshift(run)
  const over = (async () => {
    tell({ type: 'run', run })
    while (!run.finished_at) {
      await wait(behaviour.pace)
      advance(run, Date.now(), world.trouble)
      tell({ type: 'run', run })
    }
  })()
  const timestamp = iso(Date.now())
  if (behaviour.slowSync) return { status: 202, body: { success: true, run_ids: [run.id], timestamp } }
  await over
  return { body: resultOf(run, timestamp) }
}

function resultOf(run: Run, timestamp: string) {
  const { parts } = run.report
  return {
    success: true,
    total_projects: parts.length,
    success_count: parts.length,
    error_count: 0,
    results: parts.map((part) => ({
      success: true,
      project_id: part.id,
      project_name: part.name,
      total_accounts: part.rows,
      updated_count: part.updated,
      snapshot_count: part.derived,
      timestamp,
      run_id: run.id,
      warnings: part.warnings,
      ...(part.status === 'degraded' ? { degraded: true, error: part.reason, mend: part.mend } : {}),
    })),
    timestamp,
  }
}

function pin(world: World, account: Account, metric: MetricName, body: Record<string, unknown>) {
  const value = typeof body.value === 'number' ? body.value : account[metric]
  const before = account[metric]
  const now = Date.now()
  const pinned = {
    column: metric,
    value,
    source: 'api',
    by: 'Ada',
    note: String(body.note ?? ''),
    until: typeof body.until === 'string' ? body.until : null,
    at: iso(now),
  }
  account[metric] = value
  account.pins = [...account.pins.filter((candidate) => candidate.column !== metric), pinned]
  const entries = world.history.get(account.id) ?? []
  world.history.set(account.id, [
    {
      lane: 'workspace:main',
      version: 100 + entries.length,
      op: 'pin',
      at: iso(now),
      origin: 'pin',
      actor: 'Ada',
      run_id: null,
      changes: [{ column: metric, before, after: value, origin: 'Ada', rule: 'pin' }],
    },
    ...entries,
  ])
  return account
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  try {
    for await (const chunk of request) text += chunk
    return text ? JSON.parse(text) : {}
  } catch {
    // The page went away in the middle, or sent no JSON.
    return {}
  }
}

const isSignedIn = (request: IncomingMessage) => /session=yes/.test(request.headers.cookie ?? '')
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
