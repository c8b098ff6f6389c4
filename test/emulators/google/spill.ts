import { cellAt, hasValue, type Sheet } from './model.ts'

// Array formulas, as far as tests need them: a literal in braces, rows parted by `;`, cells by `,`, no such sign in a text.

/** What a formula in braces fills: its own cell first, then those right of it and below. */
interface Spill {
  readonly top: number
  readonly left: number
  readonly items: readonly (readonly string[])[]
}

/** The array that a cell's formula is; null: it is none. */
export function spillAt(sheet: Sheet, top: number, left: number): Spill | null {
  const formula = cellAt(sheet, top, left)?.formula
  if (formula === undefined || !/^=\{.*\}$/.test(formula)) return null
  const items = formula
    .slice(2, -1)
    .split(';')
    .map((line) => line.split(',').map((item) => item.trim()))
  return { top, left, items }
}

/** Whether something stands where the array would go: then it shows #REF! and fills nothing. */
export const isBlocked = (sheet: Sheet, { top, left, items }: Spill): boolean =>
  items.some((line, row) =>
    line.some((_, column) => row + column > 0 && hasValue(cellAt(sheet, top + row, left + column))),
  )

const filled = new WeakMap<Sheet['rows'], ReadonlyMap<string, string>>()

/** The cells of a sheet that arrays fill beside their own, as `row:column`, and the expression that each shows. */
export function spilled(sheet: Sheet): ReadonlyMap<string, string> {
  const known = filled.get(sheet.rows)
  if (known) return known
  const cells = new Map<string, string>()
  for (const [row, line] of sheet.rows.entries())
    for (const [column, cell] of line.entries()) {
      const spill = cell?.formula === undefined ? null : spillAt(sheet, row, column)
      if (!spill || isBlocked(sheet, spill)) continue
      for (const [r, items] of spill.items.entries())
        for (const [c, item] of items.entries())
          if (r + c > 0) cells.set(`${row + r}:${column + c}`, `=${item}`)
    }
  filled.set(sheet.rows, cells)
  return cells
}

/** Rows of a sheet that hold anything, arrays included, and how wide each is. */
export function extentOf(sheet: Sheet): { readonly rows: number; readonly width: (row: number) => number } {
  const cells = [...spilled(sheet).keys()].map((key) => key.split(':').map(Number) as [number, number])
  return {
    rows: Math.max(sheet.rows.length, ...cells.map(([row]) => row + 1)),
    width: (row) =>
      Math.max(
        sheet.rows[row]?.length ?? 0,
        ...cells.filter(([at]) => at === row).map(([, column]) => column + 1),
      ),
  }
}
