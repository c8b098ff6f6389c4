import type { Row, SqlValue } from '../../db/database.ts'
import type { StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'

/** The sides of a conflict by column; null: there is no row on that side. */
export interface Sides {
  readonly base: Row
  readonly ours: Row | null
  readonly theirs: Row | null
}

/** Sides are JSON of columns where a device or an undo disputes, and of a unique value; a bare value where a remote
 * disputes one column. */
export function sidesOf(conflict: StoredConflict, table: TableDeclaration): Sides {
  const row = (side: SqlValue): Row | null => {
    if (conflict.link !== '' && conflict.kind === 'merge' && conflict.col !== null)
      return { [conflict.col]: side }
    if (typeof side !== 'string') return null
    const all = JSON.parse(side) as Row | null
    return all && Object.fromEntries(Object.entries(all).filter(([column]) => table.merge[column]))
  }
  return { base: row(conflict.base) ?? {}, ours: row(conflict.ours), theirs: row(conflict.theirs) }
}
