import type { RouteHandler } from '@hono/zod-openapi'
import type { Database } from '../../db/database.ts'
import { readSetting } from '../../db/reads/setup.ts'
import { type DeviceColumn, PROTOCOL } from '../../sync/protocol/device.ts'
import { SyncConfig } from '../../sync/protocol/sync-config.ts'
import { COLLECTIONS, type DeviceTable, deviceTables } from '../shared/names.ts'
import type * as routes from './device-routes.ts'
import { database, type PushPull } from './env.ts'
import { isPaused } from './paused.ts'

export const listTables: RouteHandler<typeof routes.tables, PushPull> = async (c) => {
  const { user } = c.get('actor')
  const { collectionsToSync, autoSyncEnabled, syncIntervalMinutes, maxRetries, batchSize } = await syncConfig(
    database(c.env),
  )
  const offered = collectionsToSync && JSON.stringify(collectionsToSync)
  const tables = deviceTables
    .filter((table) => !isPaused(table, offered))
    .map(({ name, key, device }) => ({
      name,
      lane: device.lane(user),
      key,
      label: device.label,
      columns: columnsOf({ key, device }),
    }))
  const settings = { autoSyncEnabled, syncIntervalMinutes, maxRetries, batchSize }
  return c.json({ protocol: PROTOCOL, tables, settings }, 200)
}

/** Columns of a table as devices know them, the key first. */
export const columnsOf = ({ key, device }: Pick<DeviceTable, 'key' | 'device'>): DeviceColumn[] => [
  { name: key, type: 'text', write: false },
  ...Object.entries(device.columns).map(
    ([column, { type, write, max, values, aliases }]): DeviceColumn => ({
      name: column,
      type,
      write,
      ...(max !== undefined && { max }),
      ...(values && { values: [...values] }),
      ...(aliases && { aliases: [...aliases] }),
    }),
  ),
]

/** What an operator has set for collections, or the defaults. */
async function syncConfig(from: Database): Promise<SyncConfig> {
  const setting = await readSetting(from, COLLECTIONS)
  return SyncConfig.parse(JSON.parse(String(setting?.value ?? '{}')))
}
