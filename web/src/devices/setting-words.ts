import type { SyncConfig } from '../data/devices.ts'

/** What settles a field that two changed. */
export const POLICIES: Readonly<Record<SyncConfig['conflictResolutionStrategy'], string>> = {
  manual: 'A person decides',
  newest: 'The newest edit wins',
  keep_remote: 'What stands here wins',
  keep_local: 'The local edit wins',
}

const NAMES: Readonly<Record<keyof SyncConfig, string>> = {
  autoSyncEnabled: 'by themselves',
  syncIntervalMinutes: 'at least every',
  conflictResolutionStrategy: 'same field',
  collectionsToSync: 'collections',
  maxRetries: 'tries',
  batchSize: 'edits at once',
}

/** What a change of the settings set: `same field: The newest edit wins, tries: 5`; against the one before, where that is known. */
export function changeText(value: unknown, before: unknown): string {
  if (value === null) return 'back to the defaults'
  if (typeof value !== 'object') return String(value)
  const [now, old] = [value as Partial<SyncConfig>, (before ?? {}) as Partial<SyncConfig>]
  const parts = (Object.keys(NAMES) as (keyof SyncConfig)[])
    .filter((name) => name in now && JSON.stringify(now[name]) !== JSON.stringify(old[name]))
    .map((name) => `${NAMES[name]}: ${valueText(name, now[name])}`)
  return parts.length > 0 ? parts.join(', ') : 'nothing that was otherwise'
}

function valueText(name: keyof SyncConfig, value: unknown): string {
  if (name === 'conflictResolutionStrategy')
    return POLICIES[value as SyncConfig['conflictResolutionStrategy']]
  if (name === 'collectionsToSync') return Array.isArray(value) ? value.join(', ') || 'none' : 'all'
  if (name === 'syncIntervalMinutes') return value === null ? 'only with a reason' : `${value} min`
  return value === true ? 'yes' : value === false ? 'no' : String(value)
}
