import type { Row, SqlValue } from '../../db/database.ts'
import type { StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { isGuard } from './guard-kinds.ts'

/** The sides of a conflict by column; null: there is no row on that side. */
export interface Sides {
  readonly base: Row
  readonly ours: Row | null
  readonly theirs: Row | null
}

/**
 * Sides are JSON of columns where a device, an undo or a sheet that is kept both ways disputes, and of a unique value; a bare value
 * where another remote disputes one column. A guard names rows, and says nothing of their columns.
 */
export function sidesOf(conflict: StoredConflict, table: TableDeclaration): Sides {
  const row = (side: SqlValue): Row | null => {
    if (isGuard(conflict)) return null
    if (isOfRemote(conflict) && conflict.kind === 'merge' && conflict.col !== null)
      return { [conflict.col]: side }
    if (typeof side !== 'string') return null
    const all = JSON.parse(side) as Row | null
    return all && Object.fromEntries(Object.entries(all).filter(([column]) => table.merge[column]))
  }
  return { base: row(conflict.base) ?? {}, ours: row(conflict.ours), theirs: row(conflict.theirs) }
}

/** A remote shows what is disputed, and would show it again; a device's edit, or one in a sheet both ways, was made once. */
export const isOfRemote = ({ link, kind, op }: Pick<StoredConflict, 'link' | 'kind' | 'op'>): boolean =>
  link !== '' && (op === undefined || kind === 'unique')
