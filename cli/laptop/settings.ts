import { type DeviceSettings, TablesAnswer } from '../../sync/protocol/device.ts'
import type { Sqlite } from './file.ts'
import { renew } from './layout.ts'
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
  renew(db)
  const text = db.prepare('SELECT settings FROM tidemark_file').get()?.settings
  return (typeof text === 'string' && Stored.parse(JSON.parse(text))) || SETTINGS
}

const Stored = TablesAnswer.shape.settings

/** Milliseconds after which settings are asked for again */
export const SETTINGS_AGE = 3_600_000

/** Within a transaction. */
export function storeSettings(db: Sqlite, settings: DeviceSettings | undefined): void {
  renew(db)
  const text = settings ? JSON.stringify(settings) : null
  db.prepare('UPDATE tidemark_file SET settings = ?1 WHERE settings IS NOT ?1').run(text)
}
