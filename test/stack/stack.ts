import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Run } from '../../sync/protocol/runs.ts'
import { createErp, type Erp, serveErp } from '../emulators/erp/index.ts'
import { createGoogle, type Google, generateServiceAccount } from '../emulators/google/index.ts'
import { serve } from '../emulators/google/server.ts'
import { createYouTube, type YouTube } from '../emulators/youtube/index.ts'
import { type Runtime, startRuntime } from '../runtime/runtime.ts'
import { admit, varsFor } from '../runtime/wiring.ts'

/** The five real Workers over HTTP, with the emulated Google, YouTube and ERP behind HTTP too. */
export interface Stack {
  readonly google: Google
  readonly youtube: YouTube
  /** Empty, and without users; it does one thing at a time */
  readonly erp: Erp
  readonly googleUrl: string
  readonly runtime: Runtime
  readonly adminToken: string
  /** One request as admin (or with another token); the body is JSON both ways */
  call<T = unknown>(method: string, path: string, options?: CallOptions): Promise<Reply<T>>
  /** SIGKILL to the whole process group of the Workers, and a new one on the same state */
  killAndRestart(between?: () => void): Promise<void>
  /** Asks for a run until it has ended, as a page without a socket does */
  ended(runId: string): Promise<Run>
  close(): Promise<void>
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Record<string, string>
}

export interface Reply<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

export const SHEET = 'sheet-00001'

export async function startStack(vars: Record<string, Record<string, string>> = {}): Promise<Stack> {
  const { credentials, account } = generateServiceAccount('robot@tidemark.test', 'tidemark')
  const google = createGoogle({ accounts: [account] })
  const youtube = createYouTube({ google, keys: ['key'] })
  const served = await serve({ google, youtube })
  const erp = createErp({
    clock: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
  const servedErp = await serveErp({ erp })
  const state = await mkdtemp(join(tmpdir(), 'tidemark-stack-'))
  const outside = varsFor({
    origin: served.url,
    credentials,
    webhookKey: randomBytes(32).toString('base64url'),
    youtubeKey: 'key',
    erpOrigin: servedErp.url,
    erpKey: randomBytes(32).toString('base64url'),
  })
  const all = Object.fromEntries(
    [...new Set([...Object.keys(outside), ...Object.keys(vars)])].map((worker) => [
      worker,
      { ...outside[worker as keyof typeof outside], ...vars[worker] },
    ]),
  )
  const start = () => startRuntime({ state, vars: all })
  let runtime = await start()
  const adminToken = `tm_${randomBytes(32).toString('base64url')}`
  await admit(runtime, adminToken)

  async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Reply<T>> {
    const token = options.token === undefined ? adminToken : options.token
    const response = await fetch(new URL(path, runtime.url), {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      redirect: 'manual',
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T }
  }

  return {
    google,
    youtube,
    erp,
    googleUrl: served.url,
    get runtime() {
      return runtime
    },
    adminToken,
    call,
    async killAndRestart(between) {
      await runtime.kill()
      between?.()
      runtime = await start()
    },
    async ended(runId) {
      for (;;) {
        const { body } = await call<Run>('GET', `/api/runs/${runId}`)
        if (body.finished_at) return body
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    async close() {
      await runtime.stop()
      google.faults.clear()
      erp.faults.clear()
      await Promise.all([served.close(), servedErp.close()])
      await rm(state, { recursive: true, force: true })
    },
  }
}

const HEADER = ['Profile URL', 'Platform', 'Username', 'Followers', 'Likes', 'Comments', 'Videos', 'Views']

/** A workbook with a tab a project, shared with the service account, and the projects configured through the API. */
export async function configure(stack: Stack, projects: number, accounts: number): Promise<void> {
  const tab = (p: number) => `Project ${p}`
  stack.google.person.create({
    id: SHEET,
    locale: 'en_US',
    sheets: Array.from({ length: projects }, (_, p) => ({
      title: tab(p + 1),
      rows: [
        HEADER,
        ...Array.from({ length: accounts }, (_, n) => [
          `https://youtube.com/@p${p + 1}-${n + 1}`,
          'youtube',
          `Channel ${n + 1}`,
          ...[1, 2, 3, 4, 5].map((m) => String(1_000 * m + n)),
        ]),
      ],
    })),
  })
  stack.google.person.share(SHEET, { email: 'robot@tidemark.test', role: 'writer' })
  const workspace = await stack.call('PUT', '/api/workspaces/w1', {
    body: { name: 'Stack', spreadsheet_id: SHEET },
  })
  if (workspace.status >= 300) throw new Error(JSON.stringify(workspace.body))
  for (let p = 1; p <= projects; p++) {
    const project = await stack.call('PUT', `/api/projects/p${p}`, {
      body: { workspace_id: 'w1', name: tab(p), tab: tab(p) },
    })
    if (project.status >= 300) throw new Error(JSON.stringify(project.body))
  }
}

/** People of the ERP, each known here under the same name. Who has rows there needs to be set up before `erp.person.fill`. */
export async function addErpUsers({ erp, call }: Stack, ...users: readonly string[]): Promise<void> {
  for (const user of users) {
    erp.person.addUser(user, `secret of ${user}`)
    const body = { name: user, login: user, password: `secret of ${user}` }
    const { status } = await call('PUT', `/api/erp/users/${user}`, { body })
    if (status !== 200) throw new Error(`the user ${user} was answered ${status}`)
  }
}
