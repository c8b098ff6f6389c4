import type { hc } from 'hono/client'
import * as z from 'zod'
import { LIMITS } from '../sync/protocol/common.ts'
import { AutoResolveAnswer, PlanAnswer, ResolveAnswer, SyncConflict } from '../sync/protocol/conflicts.ts'
import { ConfigChange, SyncConfigView } from '../sync/protocol/sync-config.ts'
import { SyncLog, SyncOutcome, SyncStatus } from '../sync/protocol/sync-logs.ts'
import type { SmartSyncApi } from '../workers/smart-sync/index.ts'
import type { AutoResolve, Planned, Resolve, RestorePart, Undo } from './proposal.ts'
import { everyPage, read } from './read.ts'

/** `/api/sync` and what changes collections by a plan. A call that fails throws a `Refusal`. */
export function collectionsOf(
  { sync, undo, restore }: ReturnType<typeof hc<SmartSyncApi>>['api'],
  url: string,
  http: typeof fetch,
) {
  return {
    status: () => read(SyncStatus, sync.status.$get()),
    sync: (collections: readonly string[] | undefined) =>
      read(SyncOutcome, sync.sync.$post({ json: collections ? { collections: [...collections] } : {} })),
    logs: (limit: number) => read(z.array(SyncLog), sync.logs.$get({ query: { limit: `${limit}` } })),
    conflicts: ({ open, collection }: { open: boolean; collection?: string | undefined }) =>
      everyPage(
        SyncConflict,
        sync.conflicts.$get({
          query: {
            limit: `${LIMITS.page}`,
            ...(open && { resolved: 'false' as const }),
            ...(collection !== undefined && { collection }),
          },
        }),
        url,
        http,
      ),
    config: () => read(SyncConfigView, sync.config.$get()),
    /** Keys that are left out stay as they are */
    setConfig: (changes: object) => read(SyncConfigView, sync.config.$put({ json: changes })),
    configHistory: () => everyPage(ConfigChange, sync.config.history.$get({ query: {} }), url, http),

    resolve: ({ id, ...how }: Resolve, planned: Planned) =>
      read(
        ResolveAnswer,
        sync.conflicts[':id'].resolve.$post({ param: { id }, json: { ...how, ...planned } }),
      ),
    autoResolve: ({ max }: AutoResolve, planned: Planned) =>
      read(
        AutoResolveAnswer,
        sync.conflicts['auto-resolve'].$post({ query: { max: `${max}` }, json: planned }),
      ),
    undo: (what: Undo, planned: Planned) => read(PlanAnswer, undo.$post({ json: { ...what, ...planned } })),
    restore: (part: RestorePart, planned: Planned) =>
      read(PlanAnswer, restore.$post({ json: { ...part, ...planned } })),
  }
}
