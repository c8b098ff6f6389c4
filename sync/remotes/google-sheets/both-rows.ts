import type { SqlValue } from '../../../db/database.ts'
import type { RejectedRow, RemoteColumn, RemoteRow, Warning } from '../../engine/ports.ts'
import { place } from './a1.ts'
import { ID } from './both-layout.ts'
import { readValue } from './cell-types.ts'
import type { Layout } from './layout.ts'
import { isNoted } from './note.ts'
import { type CellData, cellAt, isComputed, isMerged, type Tab, textOf } from './tab.ts'

type Columns = Readonly<Record<string, RemoteColumn>>

/** How rows of a link both ways are known. */
export interface Both {
  readonly match: readonly string[]
  readonly rowIds: boolean
}

/** A row of a link both ways, by columns that the tab has. */
export interface BothRow extends RemoteRow {
  readonly values: Record<string, SqlValue>
  readonly unread: Record<string, { readonly reason: string; readonly raw: string }>
  readonly locked: string[]
  readonly noted: string[]
  readonly ref: string | null
}

export interface BothRows {
  readonly rows: readonly BothRow[]
  readonly rejected: readonly RejectedRow[]
  readonly warnings: readonly Warning[]
}

/** Reads the rows below the header. A row without content is none, though it may carry an id or a formula. */
export function bothRows(tab: Tab, layout: Layout, columns: Columns, both: Both): BothRows {
  const rows: BothRow[] = []
  const rejected: RejectedRow[] = []
  const warnings: Warning[] = []
  for (let row = layout.header + 1; row < tab.rows.length; row++) {
    if (!hasContent(tab, row, layout, both)) continue
    const read = bothRow(tab, row, layout, columns)
    const reason = both.rowIds ? null : nameless(read, columns, both.match)
    if (reason !== null) {
      rejected.push({ reason, raw: rawOf(tab, row, layout), position: read.position })
      continue
    }
    rows.push(read)
    for (const [name, { reason, raw }] of Object.entries(read.unread))
      warnings.push({
        kind: 'unreadable',
        message: `${columns[name]?.header ?? name}: ${reason}; the stored value stays`,
        where: place(tab.title, row, layout.columns.get(name)),
        ...(raw && { raw: raw.slice(0, RAW) }),
      })
  }
  return { rows, rejected, warnings }
}

/** One row, whatever it holds. */
export function bothRow(tab: Tab, row: number, layout: Layout, columns: Columns): BothRow {
  const read: BothRow = {
    position: row - layout.header - 1,
    values: {},
    unread: {},
    locked: [],
    noted: [],
    ref: refOf(tab, row, layout),
  }
  for (const [name, { type }] of Object.entries(columns)) {
    const at = layout.columns.get(name)
    if (at === undefined) continue
    const cell = cellAt(tab, row, at)
    const reading = isMerged(tab, row, at)
      ? { reason: 'the cell is merged with another one: unmerge them' }
      : readValue(cell, type, tab)
    if ('value' in reading) read.values[name] = reading.value
    else read.unread[name] = { reason: reading.reason, raw: textOf(cell) }
    if (isComputed(cell) || 'reason' in reading) read.locked.push(name)
    if (isNoted(cell.note)) read.noted.push(name)
  }
  return read
}

/** The id that a row carries in the hidden column. */
function refOf(tab: Tab, row: number, layout: Layout): string | null {
  const at = layout.columns.get(ID)
  return at === undefined ? null : textOf(cellAt(tab, row, at)).trim() || null
}

/** Longest text of a cell or row that is reported */
const RAW = 1_000

function hasContent(tab: Tab, row: number, layout: Layout, both: Both): boolean {
  const shows = (at: number | undefined) => at !== undefined && isFilled(cellAt(tab, row, at))
  const typed = [...layout.columns].some(
    ([name, at]) => name !== ID && shows(at) && !isComputed(cellAt(tab, row, at)),
  )
  // A formula that is filled down shows something in rows that nobody meant yet; rows whose names are computed are meant.
  return (
    typed ||
    (!both.rowIds && both.match.length > 0 && both.match.every((name) => shows(layout.columns.get(name))))
  )
}

/** Checkboxes that nobody ticked are what a prepared empty row consists of. */
const isFilled = (cell: CellData): boolean =>
  textOf(cell).trim() !== '' && cell.effectiveValue?.boolValue !== false

/** Why nothing says which row it is; null: something does. */
function nameless({ values, unread }: BothRow, columns: Columns, match: readonly string[]): string | null {
  for (const name of match) {
    const header = columns[name]?.header
    if (header === undefined) continue
    if (unread[name]) return `${header}: ${unread[name].reason}; the row was left out`
    if ((values[name] ?? null) === null) return `${header} missing; the row was left out`
  }
  return null
}

const rawOf = (tab: Tab, row: number, layout: Layout): string =>
  [...layout.columns]
    .filter(([name]) => name !== ID)
    .map(([, at]) => textOf(cellAt(tab, row, at)))
    .join(' | ')
    .slice(0, RAW)
