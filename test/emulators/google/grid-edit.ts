import { locate } from './a1.ts'
import {
  type Bounds,
  boundsOf,
  type Cell,
  type GridRange,
  normalCell,
  type Row,
  type Sheet,
  type SpreadsheetFile,
  trimRow,
  withCell,
} from './model.ts'
import { type MapInterval, mapReference, rewriteReferences } from './references.ts'

// Edits of a file that both the API and a person make. Each takes a file and gives a new one.

/** The file with one sheet replaced. */
export function withSheet(file: SpreadsheetFile, sheet: Sheet): SpreadsheetFile {
  return { ...file, sheets: file.sheets.map((s) => (s.sheetId === sheet.sheetId ? sheet : s)) }
}

/** The sheet with some cells rewritten; `change` gets the cell as it is. */
export function editCells(
  sheet: Sheet,
  bounds: Bounds,
  change: (cell: Cell | null, row: number, column: number) => Cell | null,
): Sheet {
  const rows = sheet.rows.slice()
  for (let row = bounds.top; row < bounds.bottom; row += 1) {
    let cells = rows[row]
    for (let column = bounds.left; column < bounds.right; column += 1) {
      const before = cells?.[column] ?? null
      const after = change(before, row, column)
      if (after !== before) cells = withCell(cells, column, after)
    }
    if (cells && cells !== rows[row]) {
      while (rows.length < row) rows.push([])
      rows[row] = cells
    }
  }
  return { ...sheet, rows }
}

/** A cell whose value or formula is replaced; note and format stay. */
export function withContent(
  cell: Cell | null,
  content: Pick<Cell, 'value' | 'formula' | 'format'>,
): Cell | null {
  const { value: _value, formula: _formula, ...rest } = cell ?? {}
  return normalCell({ ...rest, ...content })
}

export type Dimension = 'ROWS' | 'COLUMNS'

/** `count` empty rows or columns before `at`. References, protections and hidden marks move along. */
export function insertDimension(
  file: SpreadsheetFile,
  sheetId: number,
  dimension: Dimension,
  at: number,
  count: number,
): SpreadsheetFile {
  const blank = Array.from({ length: count }, () => null)
  const grown = editSheet(file, sheetId, (sheet) =>
    dimension === 'ROWS'
      ? {
          ...sheet,
          rowCount: sheet.rowCount + count,
          rows:
            at >= sheet.rows.length
              ? sheet.rows
              : [...sheet.rows.slice(0, at), ...blank.map(() => []), ...sheet.rows.slice(at)],
        }
      : {
          ...sheet,
          columnCount: sheet.columnCount + count,
          rows: sheet.rows.map((row) =>
            at >= row.length ? row : [...row.slice(0, at), ...blank, ...row.slice(at)],
          ),
        },
  )
  return remap(grown, sheetId, dimension, (start, end) => [
    start >= at ? start + count : start,
    end > at ? end + count : end,
  ])
}

/** Removes rows or columns `start` up to `end`. References into them become #REF!. */
export function deleteDimension(
  file: SpreadsheetFile,
  sheetId: number,
  dimension: Dimension,
  start: number,
  end: number,
): SpreadsheetFile {
  const count = end - start
  const shrunk = editSheet(file, sheetId, (sheet) =>
    dimension === 'ROWS'
      ? {
          ...sheet,
          rowCount: sheet.rowCount - count,
          rows: [...sheet.rows.slice(0, start), ...sheet.rows.slice(end)],
        }
      : {
          ...sheet,
          columnCount: sheet.columnCount - count,
          rows: sheet.rows.map((row) => trimRow([...row.slice(0, start), ...row.slice(end)])),
        },
  )
  return remap(shrunk, sheetId, dimension, (from, to) => {
    const first = from < start ? from : Math.max(start, from - count)
    const last = to <= start ? to : Math.max(start, to - count)
    return first < last ? [first, last] : null
  })
}

/** Moves rows or columns `start` up to `end` so that they stand before what was at `destination`. */
export function moveDimension(
  file: SpreadsheetFile,
  sheetId: number,
  dimension: Dimension,
  range: { readonly start: number; readonly end: number; readonly destination: number },
): SpreadsheetFile {
  const { start, end, destination } = range
  if (destination >= start && destination <= end) return file
  const moved = <T>(items: readonly T[], empty: T): T[] => {
    const padded = items.slice()
    while (padded.length < Math.max(end, destination)) padded.push(empty)
    const block = padded.slice(start, end)
    const rest = [...padded.slice(0, start), ...padded.slice(end)]
    const at = destination > start ? destination - (end - start) : destination
    return [...rest.slice(0, at), ...block, ...rest.slice(at)]
  }
  const place = (index: number): number => {
    const count = end - start
    if (index >= start && index < end) {
      return destination > start ? index + destination - end : index + destination - start
    }
    if (destination > start) return index >= end && index < destination ? index - count : index
    return index >= destination && index < start ? index + count : index
  }
  const reordered = editSheet(file, sheetId, (sheet) =>
    dimension === 'ROWS'
      ? { ...sheet, rows: moved<Row>(sheet.rows, []) }
      : { ...sheet, rows: sheet.rows.map((row) => trimRow(moved(row, null))) },
  )
  return remap(reordered, sheetId, dimension, (from, to) => {
    if (to === Number.MAX_SAFE_INTEGER) return [place(from), to]
    const ends = [place(from), place(to - 1)]
    return [Math.min(...ends), Math.max(...ends) + 1]
  })
}

function editSheet(file: SpreadsheetFile, sheetId: number, edit: (sheet: Sheet) => Sheet): SpreadsheetFile {
  return { ...file, sheets: file.sheets.map((s) => (s.sheetId === sheetId ? edit(s) : s)) }
}

/** Carries formulas of the whole file, protections and hidden marks through a change of one sheet's grid. */
function remap(
  file: SpreadsheetFile,
  sheetId: number,
  dimension: Dimension,
  map: MapInterval,
): SpreadsheetFile {
  const axis = dimension === 'ROWS' ? 'row' : 'column'
  const title = file.sheets.find((s) => s.sheetId === sheetId)?.title.toLowerCase()
  const follow = (formula: string, own: boolean) =>
    rewriteReferences(formula, (reference) => {
      const meant = reference.sheet === undefined ? own : reference.sheet.toLowerCase() === title
      return meant ? mapReference(reference, axis, map) : reference
    })
  return {
    ...file,
    sheets: file.sheets.map((sheet) => {
      const own = sheet.sheetId === sheetId
      const rows = mapFormulas(sheet.rows, (formula) => follow(formula, own))
      if (!own) return { ...sheet, rows }
      const marks = (indexes: readonly number[]) => indexes.flatMap((i) => map(i, i + 1)?.[0] ?? [])
      return {
        ...sheet,
        rows,
        hiddenRows: dimension === 'ROWS' ? marks(sheet.hiddenRows) : sheet.hiddenRows,
        hiddenColumns: dimension === 'COLUMNS' ? marks(sheet.hiddenColumns) : sheet.hiddenColumns,
        protectedRanges: sheet.protectedRanges.flatMap((p) => {
          const range = mapRange(p.range, dimension, map)
          return range ? [{ ...p, range }] : []
        }),
        ...(sheet.merges && {
          merges: sheet.merges.flatMap((range) => mapRange(range, dimension, map) ?? []),
        }),
      }
    }),
  }
}

function mapRange(range: GridRange, dimension: Dimension, map: MapInterval): GridRange | null {
  const [from, to] =
    dimension === 'ROWS'
      ? (['startRowIndex', 'endRowIndex'] as const)
      : (['startColumnIndex', 'endColumnIndex'] as const)
  if (range[from] === undefined && range[to] === undefined) return range
  const mapped = map(range[from] ?? 0, range[to] ?? Number.MAX_SAFE_INTEGER)
  if (!mapped) return null
  return {
    ...range,
    ...(range[from] !== undefined && { [from]: mapped[0] }),
    ...(range[to] !== undefined && { [to]: mapped[1] }),
  }
}

/** Rows with every formula rewritten; rows without a changed formula are kept as they are. */
export function mapFormulas(rows: readonly Row[], change: (formula: string) => string): readonly Row[] {
  return rows.map((row) => {
    let result = row
    row.forEach((cell, column) => {
      if (cell?.formula === undefined) return
      const formula = change(cell.formula)
      if (formula !== cell.formula) result = withCell(result, column, { ...cell, formula })
    })
    return result
  })
}

/** The sheet and closed bounds that an A1 range names. */
export function areaOf(
  file: SpreadsheetFile,
  a1: string,
): { sheet: Sheet; range: GridRange; bounds: Bounds; single: boolean } {
  const { sheet, range, single } = locate(file, a1)
  return { sheet, range, bounds: boundsOf(range, sheet), single }
}
