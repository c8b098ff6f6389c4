import { DeviceSettings } from '../../sync/protocol/device.ts'
import type { Sqlite } from './file.ts'
import { isAttached } from './link.ts'

/** What an operator wants of devices; of a server that says nothing, what devices did before. */
export const SETTINGS: DeviceSettings = {
  autoSyncEnabled: true,
  syncIntervalMinutes: null,
  maxRetries: 3,
  batchSize: 1_000,
}

/** What the server said last, as the file remembers it. Within a transaction. */
export function settingsOf(db: Sqlite): DeviceSettings {
  if (!isAttached(db)) return SETTINGS
  const text = db.prepare('SELECT settings FROM tidemark_file').get()?.settings
  return typeof text === 'string' ? { ...SETTINGS, ...DeviceSettings.parse(JSON.parse(text)) } : SETTINGS
}

/** Milliseconds after which settings are asked for again */
export const SETTINGS_AGE = 3_600_000

/** Whether the server was asked within the hour; a moment to come is of a clock that was wrong. Within a transaction. */
export function hasFreshSettings(db: Sqlite, now: number): boolean {
  const at = db.prepare('SELECT settings_at AS at FROM tidemark_file').get()?.at
  return typeof at === 'number' && at <= now && now - at < SETTINGS_AGE
}

/** Within a transaction. */
export function storeSettings(db: Sqlite, settings: DeviceSettings | undefined, now: number): void {
  db.prepare('UPDATE tidemark_file SET settings = ?, settings_at = ?').run(
    settings ? JSON.stringify(settings) : null,
    now,
  )
}
