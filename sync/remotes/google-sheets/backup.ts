import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import type { SqlValue } from '../../../db/database.ts'
import type { Answer, ExportSlice, Part, RemoteContext, SliceWritten, Warning } from '../../engine/ports.ts'
import { place } from './a1.ts'
import { homeOf, idOf, looksOurs, type Seen, seeTabs, WRITING, workTitle } from './backup-tabs.ts'
import type { SheetsCalls } from './calls.ts'
import type { CellData } from './tab.ts'
import { titleOf } from './tab-memory.ts'

/** Longest text of a cell: https://support.google.com/drive/answer/37603 */
const LONGEST = 50_000
const ABOVE = 2

type Request = sheets_v4.Schema$Request

/**
 * Writes a slice of a backup. All but the smallest are written into a hidden tab first:
 *
 *   first slice: + hidden tab ──► middle slices: its next rows ──► last slice: its last rows, copied over the backup's tab,
 *                                                                 and the hidden tab goes: one request, all or nothing
 *
 * The backup's own tab stays the same tab, so that formulas that read it go on. A tab that doesn't begin with our heading is
 * somebody's, whatever it is called.
 */
export async function writeBackup(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  slice: ExportSlice,
): Promise<Answer<SliceWritten>> {
  const isMiddle = slice.from > 0 && slice.heading === null
  const look = async () => seeTabs(calls, context, part, slice.copy)
  const seen = isMiddle ? null : await look()
  if (seen && !seen.ok) return seen
  const tabs = seen?.value ?? null
  if (tabs?.taken) return refused(takenReason(part))
  if (tabs && slice.from > 0 && !tabs.work) {
    const isThere = tabs.home !== null && tabs.home.first === slice.heading
    return { ok: true, value: isThere ? { type: 'written', cells: 0, warnings: [] } : { type: 'gone' } }
  }
  const warnings: Warning[] = []
  const requests = tabs ? ends(part, slice, tabs, warnings) : middle(slice, warnings)
  const allowed = await calls.permit('write', context)
  if (!allowed.ok) return allowed
  const answer = await calls.update(context, { requests }, 'spreadsheetId')
  if (answer.ok) {
    const cells = (slice.rows.length + (slice.from === 0 ? 1 : 0)) * slice.headers.length
    return { ok: true, value: { type: 'written', cells, warnings } }
  }
  if (!answer.invalid) return answer
  // Google would not: because the hidden tab was deleted, or for a reason that only a person can mend.
  const now = await look()
  if (!now.ok) return now
  if (slice.from > 0 && !now.value.work) return { ok: true, value: { type: 'gone' } }
  const { failure } = answer
  return refused({ reason: failure.reason, mend: 'mend' in failure ? failure.mend : '' })
}

/** Ids of the parts that have a tab that may be their backup's. */
export async function backupsThere(
  calls: SheetsCalls,
  context: RemoteContext,
  parts: readonly Part[],
): Promise<Answer<readonly string[]>> {
  const answer = await calls.tabs(context)
  if (!answer.ok) return answer
  const tabs = (answer.value.sheets ?? []).map(({ properties }) => properties ?? {})
  const found = parts.filter((part) => tabs.some((tab) => looksOurs(part, tab)))
  return { ok: true, value: found.map(({ id }) => id) }
}

/** The first slice, or the last, or what is both. */
function ends(part: Part, slice: ExportSlice, tabs: Seen, warnings: Warning[]): Request[] {
  const { heading, headers, copy, from } = slice
  const width = headers.length
  const work = workOf(slice)
  const tidy = tabs.leftovers.map((sheetId): Request => ({ deleteSheet: { sheetId } }))
  const grid = { rowCount: heightOf(slice), columnCount: width }
  const above = [[heading ?? `${WRITING} ${part.id}`], headers]
  if (from === 0 && heading === null)
    return [
      tabs.work
        ? resize(work, grid)
        : {
            addSheet: {
              properties: { sheetId: work, title: workTitle(part, copy), hidden: true, gridProperties: grid },
            },
          },
      cells(work, 0, [...above, ...slice.rows], warnings),
    ]
  const home = tabs.home?.sheetId ?? (tabs.ids.has(homeOf(part)) ? idOf(`${copy}:home`) : homeOf(part))
  const opened = tabs.home
    ? resize(home, grid)
    : {
        addSheet: {
          properties: {
            sheetId: home,
            title: titleOf(part),
            gridProperties: { ...grid, frozenRowCount: ABOVE },
          },
        },
      }
  if (from === 0) return [...tidy, opened, whole(home, grid, [...above, ...slice.rows], warnings)]
  const range = (sheetId: number) => ({
    sheetId,
    startRowIndex: 0,
    endRowIndex: grid.rowCount,
    startColumnIndex: 0,
    endColumnIndex: width,
  })
  return [
    ...middle(slice, warnings),
    cells(work, 0, [[heading]], warnings),
    opened,
    { copyPaste: { source: range(work), destination: range(home), pasteType: 'PASTE_NORMAL' } },
    { deleteSheet: { sheetId: work } },
    ...tidy,
  ]
}

const middle = (slice: ExportSlice, warnings: Warning[]): Request[] => {
  const work = workOf(slice)
  const size = resize(work, { rowCount: heightOf(slice), columnCount: slice.headers.length })
  return slice.rows.length === 0 ? [size] : [size, cells(work, slice.from + ABOVE, slice.rows, warnings)]
}

const workOf = ({ copy }: ExportSlice): number => idOf(copy)

/** All rows of a tab can't be frozen: one stays below the headers. */
const heightOf = ({ from, rows }: ExportSlice): number => Math.max(from + rows.length, 1) + ABOVE

type Grid = { readonly rowCount: number; readonly columnCount: number }

const resize = (sheetId: number, gridProperties: Grid): Request => ({
  updateSheetProperties: {
    properties: { sheetId, gridProperties },
    fields: 'gridProperties.rowCount,gridProperties.columnCount',
  },
})

type Rows = readonly (readonly SqlValue[])[]

/** Cells from the beginning of a row on. */
const cells = (sheetId: number, rowIndex: number, rows: Rows, warnings: Warning[]): Request => ({
  updateCells: {
    start: { sheetId, rowIndex, columnIndex: 0 },
    rows: entered(rows, rowIndex, warnings),
    fields: 'userEnteredValue',
  },
})

/** All cells of a tab: those that are not said are emptied. */
const whole = (
  sheetId: number,
  { rowCount, columnCount }: Grid,
  rows: Rows,
  warnings: Warning[],
): Request => ({
  updateCells: {
    range: {
      sheetId,
      startRowIndex: 0,
      endRowIndex: rowCount,
      startColumnIndex: 0,
      endColumnIndex: columnCount,
    },
    rows: entered(rows, 0, warnings),
    fields: 'userEnteredValue',
  },
})

const entered = (rows: Rows, from: number, warnings: Warning[]): sheets_v4.Schema$RowData[] =>
  rows.map((row, r) => ({
    values: row.map((value, column): CellData => {
      if (value === null || value === '') return {}
      if (typeof value === 'number') return { userEnteredValue: { numberValue: value } }
      if (value.length > LONGEST)
        warnings.push({
          kind: 'cut',
          message: `A cell holds ${LONGEST} characters; this one's ${value.length} are in the database`,
          where: place('', from + r, column).slice(3),
          raw: value.slice(0, 100),
        })
      return { userEnteredValue: { stringValue: value.toWellFormed().slice(0, LONGEST) } }
    }),
  }))

const takenReason = (part: Part) => ({
  reason: `The tab “${titleOf(part)}” is not a backup that Tidemark made, or its first row was changed; it stays as it is`,
  mend: 'Give that tab another name, or delete it: the next run then makes a new one.',
})

const refused = (why: { reason: string; mend: string }): { ok: true; value: SliceWritten } => ({
  ok: true,
  value: { type: 'refused', ...why },
})
