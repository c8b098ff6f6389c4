import type { Conflict } from '../../../sync/protocol/records.ts'
import { isTied, sheetTitle } from '../../../sync/protocol/sheet-conflicts.ts'
import { capital } from '../format.ts'
import { Icon } from '../parts/icons.tsx'

/** `Duplicate in accounts`, `Merge: followers in accounts` */
export function conflictTitle(conflict: Conflict): string {
  if (isTied(conflict)) return sheetTitle(conflict)
  const { kind, table, column } = conflict
  const words = capital(kind.replaceAll('_', ' '))
  return column ? `${words}: ${column} in ${table}` : `${words} in ${table}`
}

export function ConflictBadge({ isOpen }: { isOpen: boolean }) {
  return !isOpen ? (
    <span class="badge tone-good">
      <Icon name="done" />
      Settled
    </span>
  ) : (
    <span class="badge tone-warn">
      <Icon name="conflict" />
      Open
    </span>
  )
}
