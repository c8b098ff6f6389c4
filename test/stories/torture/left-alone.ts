import type { Cell, Sheet, SpreadsheetFile } from '../../emulators/google/model.ts'

/** A cell that stands otherwise than people left it. */
export interface Written {
  readonly tab: string
  readonly row: number
  readonly column: number
  readonly was: Cell | null
  readonly is: Cell | null
}

/** Every cell, note, format and setting that differs between two moments, tab by tab. */
export function differences(before: SpreadsheetFile, after: SpreadsheetFile): Written[] {
  return after.sheets.flatMap((sheet) => {
    const was = before.sheets.find(({ sheetId }) => sheetId === sheet.sheetId)
    return was ? cellsApart(was, sheet) : []
  })
}

/** What a file is beside its cells: what no sync has to touch. */
export const frameOf = ({ title, locale, timeZone, permissions, sheets }: SpreadsheetFile) => ({
  title,
  locale,
  timeZone,
  permissions,
  sheets: sheets.map(({ sheetId, title: name, hidden, hiddenRows, merges, frozenRowCount }) => ({
    sheetId,
    name,
    hidden,
    hiddenRows,
    merges,
    frozenRowCount,
  })),
})

function cellsApart(before: Sheet, after: Sheet): Written[] {
  const found: Written[] = []
  for (let row = 0; row < Math.max(before.rows.length, after.rows.length); row++) {
    const [was, is] = [before.rows[row] ?? [], after.rows[row] ?? []]
    for (let column = 0; column < Math.max(was.length, is.length); column++)
      if (JSON.stringify(was[column] ?? null) !== JSON.stringify(is[column] ?? null))
        found.push({ tab: after.title, row, column, was: was[column] ?? null, is: is[column] ?? null })
  }
  return found
}
