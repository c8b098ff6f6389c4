import type { Failure } from '../../sync/protocol/failures.ts'
import { Refusal } from '../shared/app.ts'
import { collections, type DeviceTable } from '../shared/names.ts'

/** Refuses a lane with a collection that an operator has paused. `offered`: `collectionsToSync` as JSON; null: all are synced. */
export function refusePaused(tables: readonly DeviceTable[], offered: string | null): void {
  const paused = tables.find((table) => isPaused(table, offered))
  if (paused) throw new Refusal(pausedFailure(paused))
}

/** Whether devices don't sync this table for now. Only collections can be paused. */
export function isPaused(table: DeviceTable, offered: string | null): boolean {
  return (
    offered !== null && collections.includes(table) && !(JSON.parse(offered) as string[]).includes(table.name)
  )
}

const pausedFailure = ({ name, device }: DeviceTable): Failure => ({
  type: 'paused',
  detail: `${device.label}: an admin has paused the sync of this collection (${name}).`,
  kept: 'Everything on the device. Edits stay in its outbox.',
  mend: 'Nothing to do: the next sync after it is switched on again sends them.',
})
