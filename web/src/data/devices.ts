import type * as z from 'zod'
import type { ConfigChange as ConfigChangeSchema, SyncConfig } from '../../../sync/protocol/sync-config.ts'
import type {
  NetworkStatus as NetworkStatusSchema,
  SyncLog,
  SyncOutcome,
  SyncStatus as SyncStatusSchema,
} from '../../../sync/protocol/sync-logs.ts'
import { get, send } from './api.ts'

export type { SyncConfig, SyncLog, SyncOutcome }
export type DevicesStatus = z.infer<typeof SyncStatusSchema>
export type NetworkStatus = z.infer<typeof NetworkStatusSchema>
export type ConfigChange = z.infer<typeof ConfigChangeSchema>

/** A collection as people know it. */
export interface Collection {
  readonly name: string
  readonly label: string
}

export const getDevicesStatus = get<DevicesStatus>('/api/sync/status')
export const getNetwork = get<NetworkStatus>('/api/sync/network-status')
export const getLogs = get<SyncLog[]>('/api/sync/logs?limit=20')
export const getConfig = get<SyncConfig>('/api/sync/config')
export const getConfigHistory = get<ConfigChange[]>('/api/sync/config/history?limit=20')
export const getCollections = get<Collection[]>('/api/collections')

/** Asks all live devices to sync; the server waits for their reports, at most 25 s. */
export const syncDevices = () => send<SyncOutcome>('POST', '/api/sync/sync', {})
/** What is left out stays as it is. */
export const putConfig = (change: Partial<SyncConfig>) => send<SyncConfig>('PUT', '/api/sync/config', change)

/** Reads that a sync of devices changes. */
export const isDevicesPath = (path: string) => /^\/api\/sync\//.test(path)
export const isConfigPath = (path: string) => path.startsWith('/api/sync/config')
