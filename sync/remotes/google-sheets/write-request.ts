import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { quoteTitle } from './a1.ts'
import type { Tab } from './tab.ts'
import type { NewRow, Op } from './write-job.ts'

export type GridRequest = sheets_v4.Schema$Request

/** What one write does: all of it or nothing, in this order. */
export interface Write {
  /** What makes room first */
  readonly first: readonly GridRequest[]
  readonly ops: readonly Op[]
  readonly rows: readonly NewRow[]
}

/** One request a run of cells in a column; the answer brings the tab as it stands after it, in the same moment. */
export function requestOf(
  tab: Tab,
  { first, ops, rows }: Write,
): sheets_v4.Schema$BatchUpdateSpreadsheetRequest {
  const sorted = ops.toSorted(
    (a, b) => a.layer.localeCompare(b.layer) || a.column - b.column || a.row - b.row,
  )
  const runs: Op[][] = []
  for (const op of sorted) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const follows = last && last.layer === op.layer && last.column === op.column && last.row + 1 === op.row
    if (run && follows) run.push(op)
    else runs.push([op])
  }
  return {
    requests: [
      ...first,
      ...runs.map((run) => ({ updateCells: updateOf(tab, run) })),
      ...(rows.length > 0 ? [{ appendCells: appendOf(tab, rows) }] : []),
    ],
    includeSpreadsheetInResponse: true,
    responseRanges: [quoteTitle(tab.title)],
    responseIncludeGridData: true,
  }
}

/** Typed values, so that text never becomes a formula; nothing but values, or notes, so that formats stay. */
function updateOf({ sheetId }: Tab, run: readonly Op[]): sheets_v4.Schema$UpdateCellsRequest {
  const { row = 0, column = 0, layer = 'value' } = run[0] ?? {}
  return {
    range: {
      sheetId,
      startRowIndex: row,
      endRowIndex: row + run.length,
      startColumnIndex: column,
      endColumnIndex: column + 1,
    },
    rows: run.map(({ value }) => ({ values: [value ? cellOf(layer, value) : {}] })),
    fields: layer === 'note' ? 'note' : 'userEnteredValue',
  }
}

const cellOf = (layer: Op['layer'], value: NonNullable<Op['value']>): sheets_v4.Schema$CellData =>
  layer === 'note' ? { note: value.stringValue ?? '' } : { userEnteredValue: value }

/** Rows behind the last one that holds anything. Number formats of new cells are set, or left alone, all together. */
function appendOf({ sheetId }: Tab, rows: readonly NewRow[]): sheets_v4.Schema$AppendCellsRequest {
  const formatted = rows.some(({ formats }) => formats.size > 0)
  return {
    sheetId,
    rows: rows.map(appended),
    fields: formatted ? 'userEnteredValue,userEnteredFormat.numberFormat' : 'userEnteredValue',
  }
}

/** A new row as it travels. */
export function appended({ cells, formats }: NewRow): sheets_v4.Schema$RowData {
  const width = Math.max(-1, ...cells.keys(), ...formats.keys()) + 1
  return {
    values: Array.from({ length: width }, (_, at) => {
      const value = cells.get(at)
      const format = formats.get(at)
      return {
        ...(value && { userEnteredValue: value }),
        ...(format && { userEnteredFormat: { numberFormat: format } }),
      }
    }),
  }
}
