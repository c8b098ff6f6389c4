import * as z from 'zod'
import { columnIndex, sheetTitled } from './a1.ts'
import { invalid } from './failure.ts'
import {
  areaOf,
  deleteDimension,
  editCells,
  insertDimension,
  moveDimension,
  withContent,
  withSheet,
} from './grid-edit.ts'
import { localeNamed } from './locale.ts'
import { boundsOf, newSheet, normalCell, type Sheet, type SpreadsheetFile } from './model.ts'
import { copyPaste, cutPaste } from './paste.ts'
import { sortedRows } from './sort.ts'
import { freshSheetId, renamedSheet, withHidden, withoutSheet } from './structure-requests.ts'
import { type ActionContext, entry, rowsSchema, typeRows } from './typing.ts'

// What people do in a spreadsheet: rows count from 1, a column is its header or its letters, text is typed.

interface Action<S extends z.ZodType> {
  readonly args: S
  /** Checks the arguments and does it */
  run(file: SpreadsheetFile, args: unknown, context: ActionContext): SpreadsheetFile
}

function action<S extends z.ZodType>(
  args: S,
  apply: (file: SpreadsheetFile, args: z.output<S>, context: ActionContext) => SpreadsheetFile,
): Action<S> {
  return { args, run: (file, given, context) => apply(file, args.parse(given), context) }
}

const row = z.number().int().positive()
const role = z.enum(['writer', 'commenter', 'reader'])
const formatTypes = [
  'TEXT',
  'NUMBER',
  'PERCENT',
  'CURRENCY',
  'DATE',
  'TIME',
  'DATE_TIME',
  'SCIENTIFIC',
] as const

export const actions = {
  set: action(z.object({ cell: z.string(), text: z.string() }), (file, { cell, text }, context) => {
    const { sheet, bounds } = areaOf(file, cell)
    return typeRows(file, sheet, bounds.top, bounds.left, [[text]], context)
  }),
  setRows: action(z.object({ at: z.string(), rows: rowsSchema }), (file, { at, rows }, context) => {
    const { sheet, bounds } = areaOf(file, at)
    return typeRows(file, sheet, bounds.top, bounds.left, rows, context)
  }),
  setNote: action(z.object({ cell: z.string(), note: z.string() }), (file, { cell, note }) => {
    const { sheet, bounds } = areaOf(file, cell)
    return withSheet(
      file,
      editCells(sheet, bounds, (before) => normalCell({ ...before, note })),
    )
  }),
  clear: action(z.object({ range: z.string() }), (file, { range }) => {
    const { sheet, bounds } = areaOf(file, range)
    return withSheet(
      file,
      editCells(sheet, bounds, (cell) => (cell ? withContent(cell, {}) : cell)),
    )
  }),
  format: action(
    z.object({ range: z.string(), type: z.enum(formatTypes), pattern: z.string().optional() }),
    (file, { range, type, pattern }) => {
      const { sheet, bounds } = areaOf(file, range)
      const format = { type, ...(pattern !== undefined && { pattern }) }
      return withSheet(
        file,
        editCells(sheet, bounds, (cell) => normalCell({ ...cell, format })),
      )
    },
  ),
  /** Only what stands in the first cell is kept. */
  merge: action(z.object({ range: z.string() }), (file, { range: a1 }) => {
    const { sheet, range, bounds } = areaOf(file, a1)
    const edited = editCells(sheet, bounds, (cell, row, column) =>
      row === bounds.top && column === bounds.left ? cell : cell && withContent(cell, {}),
    )
    return withSheet(file, { ...edited, merges: [...(sheet.merges ?? []), range] })
  }),
  unmerge: action(z.object({ tab: z.string() }), (file, { tab }) =>
    withSheet(file, { ...tabOf(file, tab), merges: [] }),
  ),
  /** What does not fit gets a red corner, and stays. */
  dropdown: action(
    z.object({ range: z.string(), values: z.array(z.string()) }),
    (file, { range, values }) => {
      const { sheet, bounds } = areaOf(file, range)
      const validation = { type: 'ONE_OF_LIST', values } as const
      return withSheet(
        file,
        editCells(sheet, bounds, (cell) => normalCell({ ...cell, validation })),
      )
    },
  ),
  /** Every cell becomes an empty box, whatever it held. */
  checkboxes: action(z.object({ range: z.string() }), (file, { range }) => {
    const { sheet, bounds } = areaOf(file, range)
    const validation = { type: 'BOOLEAN' } as const
    return withSheet(
      file,
      editCells(sheet, bounds, (cell) => withContent(normalCell({ ...cell, validation }), { value: false })),
    )
  }),
  sort: action(
    z.object({
      tab: z.string(),
      by: z.string(),
      descending: z.boolean().default(false),
      headerRows: z.number().int().nonnegative().default(1),
    }),
    (file, { tab, by, descending, headerRows }) => {
      const sheet = tabOf(file, tab)
      const bounds = boundsOf({ startRowIndex: headerRows }, sheet)
      return withSheet(
        file,
        sortedRows(file, sheet, bounds, [{ column: columnOf(file, sheet, by), descending }]),
      )
    },
  ),
  /** Sorts these cells alone; what stands beside them stays. `by` is a column's letters. */
  sortRange: action(
    z.object({ range: z.string(), by: z.string(), descending: z.boolean().default(false) }),
    (file, { range, by, descending }) => {
      const { sheet, bounds } = areaOf(file, range)
      return withSheet(file, sortedRows(file, sheet, bounds, [{ column: columnIndex(by), descending }]))
    },
  ),

  insertRow: action(
    z.object({ tab: z.string(), row, values: z.array(entry).optional() }),
    (file, { tab, row, values }, context) => {
      const { sheetId } = tabOf(file, tab)
      const grown = insertDimension(file, sheetId, 'ROWS', row - 1, 1)
      return values ? typeRows(grown, tabOf(grown, tab), row - 1, 0, [values], context) : grown
    },
  ),
  deleteRow: action(z.object({ tab: z.string(), row, count: row.default(1) }), (file, { tab, row, count }) =>
    deleteDimension(file, tabOf(file, tab).sheetId, 'ROWS', row - 1, row - 1 + count),
  ),
  /** Drags a row to stand before the row that is now at `before`; identity and references go along. */
  moveRow: action(z.object({ tab: z.string(), row, before: row }), (file, { tab, row, before }) =>
    moveDimension(file, tabOf(file, tab).sheetId, 'ROWS', {
      start: row - 1,
      end: row,
      destination: before - 1,
    }),
  ),
  /** A copy below the row, hidden cells and notes included. */
  duplicateRow: action(z.object({ tab: z.string(), row }), (file, { tab, row }) => {
    const grown = insertDimension(file, tabOf(file, tab).sheetId, 'ROWS', row, 1)
    return copyPaste(grown, lineOf(grown, tab, row), lineOf(grown, tab, row + 1))
  }),
  /** Cells leave where they were and replace what is there; references to them follow. */
  cutPaste: action(z.object({ from: z.string(), to: z.string() }), (file, { from, to }) =>
    cutPaste(file, areaOf(file, from), areaOf(file, to)),
  ),
  /** Cells are copied over what is there, with notes and formats; relative references shift. */
  copyPaste: action(z.object({ from: z.string(), to: z.string() }), (file, { from, to }) =>
    copyPaste(file, areaOf(file, from), areaOf(file, to)),
  ),
  hideRow: action(
    z.object({ tab: z.string(), row, hidden: z.boolean().default(true) }),
    (file, { tab, row, hidden }) =>
      withSheet(file, withHidden(tabOf(file, tab), 'ROWS', row - 1, row, hidden)),
  ),

  insertColumn: action(
    z.object({ tab: z.string(), before: z.string(), header: z.string().default('') }),
    (file, { tab, before, header }, context) => {
      const sheet = tabOf(file, tab)
      const at = columnOf(file, sheet, before)
      const grown = insertDimension(file, sheet.sheetId, 'COLUMNS', at, 1)
      return typeRows(grown, tabOf(grown, tab), 0, at, [[header]], context)
    },
  ),
  deleteColumn: action(z.object({ tab: z.string(), column: z.string() }), (file, { tab, column }) => {
    const sheet = tabOf(file, tab)
    const at = columnOf(file, sheet, column)
    return deleteDimension(file, sheet.sheetId, 'COLUMNS', at, at + 1)
  }),
  moveColumn: action(
    z.object({ tab: z.string(), column: z.string(), before: z.string() }),
    (file, { tab, column, before }) => {
      const sheet = tabOf(file, tab)
      const start = columnOf(file, sheet, column)
      const destination = columnOf(file, sheet, before)
      return moveDimension(file, sheet.sheetId, 'COLUMNS', { start, end: start + 1, destination })
    },
  ),
  renameHeader: action(
    z.object({ tab: z.string(), from: z.string(), to: z.string() }),
    (file, { tab, from, to }, context) => {
      const sheet = tabOf(file, tab)
      return typeRows(file, sheet, 0, columnOf(file, sheet, from), [[to]], context)
    },
  ),
  hideColumn: action(
    z.object({ tab: z.string(), column: z.string(), hidden: z.boolean().default(true) }),
    (file, { tab, column, hidden }) => {
      const sheet = tabOf(file, tab)
      const at = columnOf(file, sheet, column)
      return withSheet(file, withHidden(sheet, 'COLUMNS', at, at + 1, hidden))
    },
  ),

  addTab: action(
    z.object({
      title: z.string().min(1),
      rows: rowsSchema.default([]),
      index: z.number().int().optional(),
      sheetId: z.number().int().optional(),
    }),
    (file, { title, rows, index, sheetId }, context) => {
      if (sheetTitled(file, title)) throw invalid(`A sheet with the name "${title}" already exists.`)
      const sheet = newSheet(sheetId ?? freshSheetId(file, context.random), title)
      const sheets = file.sheets.toSpliced(index ?? file.sheets.length, 0, sheet)
      return typeRows({ ...file, sheets }, sheet, 0, 0, rows, context)
    },
  ),
  deleteTab: action(z.object({ tab: z.string() }), (file, { tab }) => withoutSheet(file, tabOf(file, tab))),
  renameTab: action(z.object({ tab: z.string(), title: z.string() }), (file, { tab, title }) =>
    renamedSheet(file, tabOf(file, tab), title),
  ),
  moveTab: action(
    z.object({ tab: z.string(), index: z.number().int().nonnegative() }),
    (file, { tab, index }) => {
      const sheet = tabOf(file, tab)
      return { ...file, sheets: file.sheets.filter((s) => s !== sheet).toSpliced(index, 0, sheet) }
    },
  ),
  hideTab: action(z.object({ tab: z.string(), hidden: z.boolean().default(true) }), (file, { tab, hidden }) =>
    withSheet(file, { ...tabOf(file, tab), hidden }),
  ),
  duplicateTab: action(
    z.object({ tab: z.string(), title: z.string() }),
    (file, { tab, title }, { random }) => {
      const sheet = tabOf(file, tab)
      if (sheetTitled(file, title)) throw invalid(`A sheet with the name "${title}" already exists.`)
      const copy = { ...sheet, title, sheetId: freshSheetId(file, random), protectedRanges: [] }
      return { ...file, sheets: file.sheets.toSpliced(file.sheets.indexOf(sheet) + 1, 0, copy) }
    },
  ),
  /** File > Import: "Replace current sheet" keeps the tab's id, "Insert new sheet" under the old name doesn't. */
  replaceTab: action(
    z.object({ tab: z.string(), rows: rowsSchema, newId: z.boolean().default(false) }),
    (file, { tab, rows, newId }, context) => {
      const sheet = tabOf(file, tab)
      const sheetId = newId ? freshSheetId(file, context.random) : sheet.sheetId
      const fresh = newSheet(sheetId, sheet.title)
      const sheets = file.sheets.map((s) => (s === sheet ? fresh : s))
      return typeRows({ ...file, sheets }, fresh, 0, 0, rows, context)
    },
  ),

  protect: action(
    z.object({
      range: z.string(),
      editors: z.array(z.string()).default([]),
      warningOnly: z.boolean().default(false),
      description: z.string().optional(),
    }),
    (file, { range: a1, editors, warningOnly, description }, { random }) => {
      const { sheet, range } = areaOf(file, a1)
      const protectedRangeId = Math.floor(random() * 2_000_000_000)
      const added = {
        protectedRangeId,
        range,
        editors,
        warningOnly,
        ...(description !== undefined && { description }),
      }
      return withSheet(file, { ...sheet, protectedRanges: [...sheet.protectedRanges, added] })
    },
  ),
  unprotect: action(z.object({ tab: z.string() }), (file, { tab }) =>
    withSheet(file, { ...tabOf(file, tab), protectedRanges: [] }),
  ),

  rename: action(z.object({ title: z.string() }), (file, { title }) => ({ ...file, title })),
  setLocale: action(z.object({ locale: z.string() }), (file, { locale }) => {
    localeNamed(locale)
    return { ...file, locale }
  }),
  setTimeZone: action(z.object({ timeZone: z.string() }), (file, { timeZone }) => ({ ...file, timeZone })),
  share: action(z.object({ email: z.string(), role: role.default('writer') }), (file, { email, role }) => ({
    ...file,
    permissions: { ...file.permissions, [email]: role },
  })),
  unshare: action(z.object({ email: z.string() }), (file, { email }) => {
    const { [email]: _gone, ...permissions } = file.permissions
    return { ...file, permissions }
  }),
  trash: action(z.object({ trashed: z.boolean().default(true) }), (file, { trashed }) => ({
    ...file,
    trashed,
  })),
  /** A change that no one sees, as Drive makes them; only the version moves. */
  touch: action(z.object({}), (file) => ({ ...file })),
}

/** The tab of that title, or a refusal that names those there are. */
function tabOf(file: SpreadsheetFile, title: string): Sheet {
  const sheet = sheetTitled(file, title)
  if (!sheet) throw invalid(`No tab "${title}" among ${file.sheets.map((s) => `"${s.title}"`).join(', ')}`)
  return sheet
}

/** A column by its header in the first row, else by its letters. */
function columnOf(file: SpreadsheetFile, sheet: Sheet, column: string): number {
  const headers = sheet.rows[0] ?? []
  const byHeader = headers.findIndex((cell) => cell?.value === column)
  if (byHeader >= 0) return byHeader
  if (/^[A-Za-z]{1,3}$/.test(column)) return columnIndex(column)
  throw invalid(`No column "${column}" in "${sheet.title}" of ${file.title}`)
}

function lineOf(file: SpreadsheetFile, tab: string, row: number) {
  const sheet = tabOf(file, tab)
  return { sheet, bounds: boundsOf({ startRowIndex: row - 1, endRowIndex: row }, sheet) }
}
