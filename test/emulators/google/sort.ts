import { CellError, type Effective, effectiveValue } from './formula.ts'
import { type Bounds, type Row, type Sheet, type SpreadsheetFile, trimRow } from './model.ts'
import { shiftReferences } from './references.ts'

/** Sorts whole lines of a range: numbers before texts before booleans, blanks always last. Cells take notes along. */
export function sortedRows(
  file: SpreadsheetFile,
  sheet: Sheet,
  bounds: Bounds,
  keys: readonly { readonly column: number; readonly descending: boolean }[],
): Sheet {
  const indexes: number[] = []
  for (let row = bounds.top; row < Math.min(bounds.bottom, sheet.rows.length); row += 1) indexes.push(row)
  const order = indexes.toSorted((a, b) => {
    for (const { column, descending } of keys) {
      const by = compare(
        effectiveValue(file, sheet, a, column),
        effectiveValue(file, sheet, b, column),
        descending,
      )
      if (by !== 0) return by
    }
    return a - b
  })
  const rows: Row[] = sheet.rows.slice()
  order.forEach((from, i) => {
    const to = bounds.top + i
    const source = sheet.rows[from] ?? []
    const target = (sheet.rows[to] ?? []).slice()
    while (target.length < Math.max(bounds.left, Math.min(bounds.right, source.length))) target.push(null)
    for (let column = bounds.left; column < Math.min(bounds.right, target.length); column += 1) {
      const cell = source[column] ?? null
      target[column] =
        cell?.formula === undefined ? cell : { ...cell, formula: shiftReferences(cell.formula, to - from, 0) }
    }
    rows[to] = trimRow(target)
  })
  return { ...sheet, rows }
}

const collator = new Intl.Collator('en', { numeric: false })

function compare(a: Effective, b: Effective, descending: boolean): number {
  const blanks = [a, b].map((value) => value === null || value === '')
  if (blanks[0] || blanks[1]) return Number(blanks[0]) - Number(blanks[1])
  const rank = (value: Effective) =>
    typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : value instanceof CellError ? 3 : 2
  let by = rank(a) - rank(b)
  if (by === 0) {
    if (typeof a === 'number' && typeof b === 'number') by = a - b
    else if (typeof a === 'string' && typeof b === 'string') by = collator.compare(a, b)
    else by = Number(a === true) - Number(b === true)
  }
  return descending ? -by : by
}
