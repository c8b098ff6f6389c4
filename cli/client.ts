import { hc } from 'hono/client'
import * as z from 'zod'
import { Actor, LIMITS, type Role } from '../sync/protocol/common.ts'
import { ErpStatus, Started, type SyncInput } from '../sync/protocol/erp.ts'
import { Conflict, HistoryEntry, Token } from '../sync/protocol/records.ts'
import { Run } from '../sync/protocol/runs.ts'
import {
  Account,
  GrowthAnswer,
  type MetricName,
  type PinInput,
  Project,
  ReadingsAnswer,
  SmartSyncAccepted,
  SmartSyncAnswer,
  Snapshot,
  SyncStatusAnswer,
} from '../sync/protocol/smart-sync.ts'
import type { GatewayApi } from '../workers/gateway/index.ts'
import type { PushPullApi } from '../workers/push-pull/index.ts'
import type { SmartSyncApi } from '../workers/smart-sync/index.ts'
import { collectionsOf } from './collections.ts'
import { type HttpDeps, httpFor } from './http.ts'
import { everyPage, read } from './read.ts'
import { sheetsOf } from './sheets.ts'

export type Client = ReturnType<typeof createClient>

/**
 * The API as the commands use it: paths, parameters and answers are the Workers' own types. Every answer passes its
 * schema too, because the server may be of another version. A call that fails throws a `Refusal`. Ids go into paths as
 * they are: `idArgument` let only harmless ones in.
 */
export function createClient(url: string, token: string | null, deps: HttpDeps) {
  const http = httpFor(url, token, deps)
  const gateway = hc<GatewayApi>(url, { fetch: http }).api
  const smartSync = hc<SmartSyncApi>(url, { fetch: http }).api
  const pushPull = hc<PushPullApi>(url, { fetch: http }).api
  return {
    session: () => read(Session, gateway.session.$get()),
    pair: (code: string, name: string) => read(Paired, gateway.devices.pair.$post({ json: { code, name } })),
    tokens: () => read(z.array(Token), gateway.tokens.$get()),
    createToken: (json: TokenInput) => read(Token, gateway.tokens.$post({ json })),
    revokeToken: (id: string) => gateway.tokens[':id'].$delete({ param: { id } }),

    sync: (project: string | null, full: boolean) =>
      read(
        SyncReply,
        smartSync.admin.smart_sync.$post({
          query: { ...(project === null ? {} : { project_id: project }), ...(full ? { full: 'true' } : {}) },
        }),
      ),
    status: () => read(SyncStatusAnswer, smartSync.admin.sync_status.$get()),
    runs: (limit: number) => read(z.array(Run), smartSync.runs.$get({ query: { limit: `${limit}` } })),
    run: (id: string) => read(Run, smartSync.runs[':id'].$get({ param: { id } })),
    conflicts: (open: boolean) =>
      everyPage(Conflict, smartSync.conflicts.$get({ query: { open: `${open}`, ...PAGE } }), url, http),

    erpStatus: () => read(ErpStatus, smartSync.erp.status.$get()),
    erpSync: (json: SyncInput) => read(Started, smartSync.erp.sync.$post({ json })),

    projects: () => everyPage(Project, pushPull.projects.$get(), url, http),
    accounts: (project: string) =>
      everyPage(
        Account,
        pushPull.projects[':id'].accounts.$get({ param: { id: project }, query: PAGE }),
        url,
        http,
      ),
    account: (id: string) => read(Account, pushPull.accounts[':id'].$get({ param: { id } })),
    growth: (id: string) => read(GrowthAnswer, pushPull.accounts[':id'].growth.$get({ param: { id } })),
    snapshots: (id: string, days: number) =>
      read(
        z.array(Snapshot),
        pushPull.accounts[':id'].snapshots.$get({ param: { id }, query: { days: `${days}` } }),
      ),
    history: (table: string, key: string, limit: number) =>
      read(z.array(HistoryEntry), pushPull.history.$get({ query: { table, key, limit: `${limit}` } })),
    pin: (id: string, metric: MetricName, json: z.input<typeof PinInput>) =>
      read(Account, pushPull.accounts[':id'].pins[':metric'].$put({ param: { id, metric }, json })),
    unpin: (id: string, metric: MetricName) =>
      read(Account, pushPull.accounts[':id'].pins[':metric'].$delete({ param: { id, metric } })),
    /** The whole of a row's history, newest first */
    wholeHistory: (table: string, key: string) =>
      everyPage(HistoryEntry, pushPull.history.$get({ query: { table, key, limit: '200' } }), url, http),
    collections: collectionsOf(smartSync, url, http),
    sheets: sheetsOf(smartSync),
    /** Repeating a push with the same key changes nothing. */
    readings: (readings: readonly unknown[], key: string) =>
      read(
        ReadingsAnswer,
        pushPull.admin.readings.$post(
          { json: { readings: [...readings] } },
          { headers: { 'idempotency-key': key } },
        ),
      ),
  }
}

interface TokenInput {
  readonly name: string
  readonly role: Role
  readonly user_id: string | null
  readonly expires_at: string | null
}

/** Who a token belongs to, as GET /api/session answers. */
const Session = Actor.omit({ id: true })
const Paired = Session.extend({ token: z.string().min(1) })
const SyncReply = z.union([SmartSyncAnswer, SmartSyncAccepted])
const PAGE = { limit: `${LIMITS.page}` }
