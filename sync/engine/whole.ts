import type { Row } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'
import { liveRow, type Work } from './work.ts'

/**
 * Why the rows of a table can't stand together as the work leaves them; null: they can, or they could not before either, so
 * that a way out stays open. Asks for all live rows in the work (`Ask`).
 */
export function brokenWhole({ rows, drafts }: Work, table: TableDeclaration): string | null {
  if (!table.whole) return null
  const before = new Map<string, Row>()
  const id = `${table.name}|`
  for (const [name, row] of rows) if (name.startsWith(id) && row.deleted_at == null) before.set(name, row)
  const after = new Map(before)
  for (const [name, { draft }] of drafts) {
    if (!name.startsWith(id)) continue
    const row = liveRow(draft)
    if (row) after.set(name, row)
    else after.delete(name)
  }
  const broken = table.whole([...after.values()])
  return broken !== null && table.whole([...before.values()]) === null ? broken : null
}
