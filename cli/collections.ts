import * as z from 'zod'
import {
  AutoResolveAnswer,
  ConfigChange,
  PlanAnswer,
  ResolveAnswer,
  SyncConfigView,
  SyncConflict,
  SyncLog,
  SyncOutcome,
  SyncStatus,
} from '../sync/protocol/collections.ts'
import { LIMITS } from '../sync/protocol/common.ts'
import type { AutoResolve, Planned, Resolve, RestorePart, Undo } from './proposal.ts'
import { everyPage, read } from './read.ts'

/** `/api/sync` and what changes collections by a plan. A call that fails throws a `Refusal`. */
export function collectionsOf(url: string, http: typeof fetch) {
  const at = (path: string, query: Record<string, string | undefined> = {}) => {
    const address = new URL(path, url)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, value)
    return address
  }
  const send = (method: 'POST' | 'PUT', address: URL, body: object) =>
    http(address, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    status: () => read(SyncStatus, http(at('/api/sync/status'))),
    sync: (collections: readonly string[] | undefined) =>
      read(SyncOutcome, send('POST', at('/api/sync/sync'), collections ? { collections } : {})),
    logs: (limit: number) => read(z.array(SyncLog), http(at('/api/sync/logs', { limit: `${limit}` }))),
    conflicts: ({ open, collection }: { open: boolean; collection?: string | undefined }) =>
      everyPage(
        SyncConflict,
        http(
          at('/api/sync/conflicts', {
            resolved: open ? 'false' : undefined,
            collection,
            limit: `${LIMITS.page}`,
          }),
        ),
        url,
        http,
      ),
    config: () => read(SyncConfigView, http(at('/api/sync/config'))),
    /** Keys that are left out stay as they are */
    setConfig: (changes: object) => read(SyncConfigView, send('PUT', at('/api/sync/config'), changes)),
    configHistory: () => everyPage(ConfigChange, http(at('/api/sync/config/history')), url, http),

    resolve: ({ id, ...how }: Resolve, planned: Planned) =>
      read(ResolveAnswer, send('POST', at(`/api/sync/conflicts/${id}/resolve`), { ...how, ...planned })),
    autoResolve: ({ max }: AutoResolve, planned: Planned) =>
      read(
        AutoResolveAnswer,
        send('POST', at('/api/sync/conflicts/auto-resolve', { max: `${max}` }), planned),
      ),
    undo: (what: Undo, planned: Planned) =>
      read(PlanAnswer, send('POST', at('/api/undo'), { ...what, ...planned })),
    restore: (part: RestorePart, planned: Planned) =>
      read(PlanAnswer, send('POST', at('/api/restore'), { ...part, ...planned })),
  }
}
