import type { Row, SqlValue } from '../../db/database.ts'
import type { Proposal } from '../protocol/lane.ts'
import type { DeviceDeclaration, TableDeclaration } from './declare.ts'
import { setDeleted, setRow } from './set-row.ts'
import type { Skip } from './undo.ts'
import { blockedMoves } from './unique-moves.ts'
import { draftFor, liveRow, rowKey, type Work } from './work.ts'
import { wrongCell } from './wrong-value.ts'

type Kept = Extract<Proposal, { type: 'restore' }>['tables'][number]
type DeviceTable = TableDeclaration & { readonly device: DeviceDeclaration }

/** A row of a backup. `called`: what stands in the place of its key; `key` null: that can't name a row. */
interface KeptRow {
  readonly called: SqlValue
  readonly key: string | null
  readonly values: Row
}

/** The rows of a backup, with the columns that the table has by now. */
export function keptRows({ key: named, device }: DeviceTable, { columns, rows }: Kept): KeptRow[] {
  const at = columns.indexOf(named)
  return rows.map((values) => {
    const called = values[at] ?? null
    return {
      called,
      key: typeof called === 'string' ? device.key(called) : null,
      values: Object.fromEntries(
        columns.flatMap((column, i) =>
          Object.hasOwn(device.columns, column) ? [[column, values[i] ?? null]] : [],
        ),
      ),
    }
  })
}

/**
 * Brings the rows of a backup back: what differs is set, what is gone returns, and what the backup doesn't have is deleted. A row
 * that can't be stored, and one whose unique value another row holds that the backup says nothing of, stays as it is. Pure but for
 * the work.
 */
export function restore(
  work: Work,
  table: DeviceTable,
  rows: readonly KeptRow[],
  present: readonly string[],
): Skip[] {
  const because = { origin: work.actor, rule: 'restore' }
  const keys = new Set(rows.map(({ key }) => key))
  for (const key of present) if (!keys.has(key)) setDeleted(work, table, key, work.now, because)
  const skips: Skip[] = []
  const moves = rows.flatMap(({ called, key, values }) => {
    const about = `${table.name} ${called}`
    if (key === null) {
      skips.push({ about, reason: 'that can’t name a row' })
      return []
    }
    const draft = draftFor(work, table, key)
    const free = Object.fromEntries(Object.entries(values).filter(([column]) => !draft.pins.has(column)))
    const after: Row = { ...draft.after, ...free, deleted_at: null }
    const reason = unfit(table, draft.before, after)
    if (reason !== null) {
      skips.push({ about, reason })
      return []
    }
    const pinned = Object.entries(values).flatMap(([column, value]) =>
      draft.pins.has(column) && draft.after[column] !== value ? [column] : [],
    )
    return [{ table, key, draft, before: liveRow(draft), after, free, pinned }]
  })
  // Names may have gone round: all of them are given up before the first is claimed.
  const blocked = blockedMoves(work.claims, moves)
  for (const { key, draft, free, pinned } of moves) {
    const about = `${table.name} ${key}`
    const [taken] = blocked.get(rowKey(table.name, key)) ?? []
    if (taken) {
      skips.push({ about, reason: `its ${taken.column} is another row's` })
      continue
    }
    setRow(work, table, key, free, because)
    if (draft.after.deleted_at != null) setDeleted(work, table, key, null, because)
    skips.push(...pinned.map((column) => ({ about, reason: `${column} is pinned` })))
  }
  return skips
}

/** Why the row can't become this; null: it can. What it is already is not asked about. */
function unfit({ device }: DeviceTable, before: Row | null, after: Row): string | null {
  for (const [name, column] of Object.entries(device.columns)) {
    const value = after[name] ?? null
    const wrong = before && (before[name] ?? null) === value ? null : wrongCell(column, value)
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}
