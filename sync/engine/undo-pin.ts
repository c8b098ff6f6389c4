import type { PinRow } from './changes.ts'
import { setRow } from './set-row.ts'
import type { Past, Skip } from './undo.ts'
import { takenOf } from './unique.ts'
import { rowKey, type Work } from './work.ts'

/** A pin that was set is released, one that was released is set again, where it still is as it was left. */
export function undoPin(work: Work, { tbl, key, op, before, after }: Past): Skip[] {
  const table = work.tables.get(tbl)
  const [col] = Object.keys(after)
  if (!table || col === undefined) return []
  const id = rowKey(tbl, key)
  const pins = work.pins.get(id) ?? new Map<string, PinRow>()
  const present = pins.get(col)
  const value = before?.[col] ?? null
  if (op === 'pin' && (!present || present.value !== after[col])) return []
  if (op === 'unpin' && (present || value === null)) return []
  const row = work.drafts.get(id)?.draft.after ?? work.rows.get(id) ?? null
  const about = `${tbl} ${key}`
  if (!row || row.deleted_at != null) return [{ about, reason: 'the row is not there any more' }]
  const [taken] = value === null ? [] : takenOf(work.claims, table, key, { [col]: value })
  if (taken) return [{ about, reason: `the pinned ${col} "${value}" is another row's by now` }]
  const pin: PinRow | null =
    value === null
      ? null
      : { tbl, key, col, value, source: 'api', actor: work.actor, note: 'undone', until: null, at: work.now }
  if (pin) {
    work.pins.set(id, pins.set(col, pin))
    work.pinChanges.push({ op: 'set', pin })
  } else if (present) {
    pins.delete(col)
    work.pinChanges.push({ op: 'release', pin: present })
  }
  work.changes.push({
    table,
    key,
    op: pin ? 'pin' : 'unpin',
    before: { [col]: present?.value ?? null, version: row.version ?? 0 },
    after: { [col]: value },
    columns: [col],
    why: { [col]: [work.actor, 'undo'] },
  })
  const draft = work.drafts.get(id)?.draft
  if (draft && pin) (draft.pins as Map<string, PinRow>).set(col, pin)
  else (draft?.pins as Map<string, PinRow> | undefined)?.delete(col)
  if (pin) setRow(work, table, key, { [col]: value }, { origin: work.actor, rule: 'undo' })
  return []
}
