import type { Row } from '../../db/database.ts'
import type { PinRow } from './changes.ts'
import type { LinkDeclaration } from './declare.ts'
import { rowKey, type Work } from './work.ts'

/** The link that proposes a column by itself; undefined: none does. */
export const ownerOf = (
  links: readonly LinkDeclaration[],
  table: string,
  column: string,
): LinkDeclaration | undefined =>
  // A link both ways proposes nothing again: what changes here goes there.
  links.find((link) => !link.ties && link.table.name === table && link.owns.includes(column))

/** Pins what the work changed in columns that a remote would propose again; not what it shows so anyway (`shown`). */
export function pinOwned(
  work: Work,
  links: readonly LinkDeclaration[],
  note: string,
  shown: Row | null = null,
): void {
  for (const { draft, table } of work.drafts.values())
    for (const col of Object.keys(draft.why)) {
      const value = draft.after[col] ?? null
      if (value === null || shown?.[col] === value || !ownerOf(links, table.name, col) || draft.pins.has(col))
        continue
      const pin: PinRow = {
        tbl: table.name,
        key: draft.key,
        col,
        value,
        source: 'api',
        actor: work.actor,
        note,
        until: null,
        at: work.now,
      }
      const pins = work.pins.get(rowKey(table.name, draft.key)) ?? new Map<string, PinRow>()
      work.pins.set(rowKey(table.name, draft.key), pins.set(col, pin))
      work.pinChanges.push({ op: 'set', pin })
      work.changes.push({
        table,
        key: draft.key,
        op: 'pin',
        before: { [col]: null, version: draft.before?.version ?? 0 },
        after: { [col]: value },
        columns: [col],
        why: { [col]: [`${work.actor}: ${note}`, 'pin'] },
      })
    }
}
