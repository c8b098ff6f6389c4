import type * as z from 'zod'
import { refusalFor } from './failure.ts'
import { areaOf } from './grid-edit.ts'
import { localeNamed } from './locale.ts'
import { type Cell, cellAt, newSheet, type Scalar, type SpreadsheetFile, type Store } from './model.ts'
import { actions } from './person-actions.ts'
import { freshSheetId } from './structure-requests.ts'
import { type ActionContext, type rowsSchema, typeRows } from './typing.ts'
import { type RenderOptions, readRange } from './values.ts'

type Actions = typeof actions
export type ActionName = keyof Actions

/** Every action as a method: `person.set(id, { cell: 'Tab!B2', text: '1,234' })`. */
type ActionMethods = {
  readonly [K in ActionName]: (spreadsheetId: string, args: z.input<Actions[K]['args']>) => void
}

export interface NewSpreadsheet {
  readonly id?: string | undefined
  readonly title?: string | undefined
  readonly locale?: string | undefined
  readonly timeZone?: string | undefined
  readonly owner?: string | undefined
  readonly sheets?:
    | readonly {
        readonly title: string
        readonly sheetId?: number | undefined
        /** Strings are typed, so `=A1+1` is a formula and `1,234` a number; other values are taken as they are */
        readonly rows?: z.input<typeof rowsSchema> | undefined
        readonly rowCount?: number | undefined
        readonly columnCount?: number | undefined
      }[]
    | undefined
}

/** One cell as a person sees it. */
export interface SeenCell {
  readonly text: string
  readonly value: Scalar | null
  readonly formula: string | null
  readonly note: string | null
  readonly format: Cell['format'] | null
}

export interface PersonContext {
  readonly store: Store
  readonly clock: () => number
  readonly random: () => number
  readonly save: (file: SpreadsheetFile) => void
}

export type Person = ReturnType<typeof createPerson>

const formatted: RenderOptions = { majorDimension: 'ROWS', render: 'FORMATTED_VALUE', dates: 'SERIAL_NUMBER' }
const plain: RenderOptions = { ...formatted, render: 'UNFORMATTED_VALUE' }

/** The people who own and edit spreadsheets. Every act of theirs moves the file's Drive version. */
export function createPerson({ store, clock, random, save }: PersonContext) {
  const context = (): ActionContext => ({ random, year: new Date(clock()).getUTCFullYear() })

  /** The file as it is stored; refuses an unknown id. */
  function file(spreadsheetId: string): SpreadsheetFile {
    const found = store.world.files[spreadsheetId]
    if (!found) throw refusalFor(404, `No spreadsheet ${spreadsheetId}`)
    return found
  }

  /** Makes a spreadsheet; the first tab gets id 0 unless told otherwise, as at Google. Returns the ids. */
  function create(spreadsheet: NewSpreadsheet = {}) {
    const spreadsheetId = spreadsheet.id ?? drawnId(random)
    if (store.world.files[spreadsheetId]) throw refusalFor(409, `Spreadsheet ${spreadsheetId} exists`)
    const now = clock()
    let made: SpreadsheetFile = {
      spreadsheetId,
      title: spreadsheet.title ?? 'Untitled spreadsheet',
      locale: spreadsheet.locale ?? 'en_US',
      timeZone: spreadsheet.timeZone ?? 'Etc/GMT',
      owner: spreadsheet.owner ?? 'owner@example.com',
      permissions: {},
      sheets: [],
      trashed: false,
      version: 0,
      createdTime: now,
      modifiedTime: now,
    }
    localeNamed(made.locale)
    const tabs = spreadsheet.sheets ?? [{ title: 'Sheet1' }]
    tabs.forEach(({ title, sheetId, rows, rowCount, columnCount }, index) => {
      const id = sheetId ?? (index === 0 ? 0 : freshSheetId(made, random))
      const sheet = newSheet(id, title, rowCount, columnCount)
      made = typeRows({ ...made, sheets: [...made.sheets, sheet] }, sheet, 0, 0, rows ?? [], context())
    })
    save(made)
    return { spreadsheetId, sheets: made.sheets.map(({ sheetId, title }) => ({ sheetId, title })) }
  }

  /** File > Make a copy: same tabs, ids, notes and hidden columns under another spreadsheet id; nobody shares it. */
  function copy(spreadsheetId: string, to: { readonly id?: string; readonly title?: string } = {}): string {
    const source = file(spreadsheetId)
    const id = to.id ?? drawnId(random)
    const now = clock()
    save({
      ...source,
      spreadsheetId: id,
      title: to.title ?? `Copy of ${source.title}`,
      permissions: {},
      version: 0,
      createdTime: now,
      modifiedTime: now,
    })
    return id
  }

  /** Deletes a spreadsheet for good. */
  function remove(spreadsheetId: string): void {
    const { [spreadsheetId]: _gone, ...files } = store.world.files
    store.world = { ...store.world, files }
  }

  /** One action by name, as the HTTP side calls it; its arguments are checked. */
  function act(spreadsheetId: string, name: ActionName, args: unknown): void {
    save(actions[name].run(file(spreadsheetId), args, context()))
  }

  /** What a range shows. */
  function read(spreadsheetId: string, a1: string): string[][] {
    return (readRange(file(spreadsheetId), a1, formatted).values ?? []).map((line) => line.map(String))
  }

  /** What a range holds: numbers as numbers. */
  function values(spreadsheetId: string, a1: string): Scalar[][] {
    return (readRange(file(spreadsheetId), a1, plain).values ?? []).map((line) => [...line])
  }

  /** One cell with everything on it. */
  function cell(spreadsheetId: string, a1: string): SeenCell {
    const { sheet, bounds } = areaOf(file(spreadsheetId), a1)
    const found = cellAt(sheet, bounds.top, bounds.left)
    return {
      text: read(spreadsheetId, a1)[0]?.[0] ?? '',
      value: values(spreadsheetId, a1)[0]?.[0] ?? null,
      formula: found?.formula ?? null,
      note: found?.note ?? null,
      format: found?.format ?? null,
    }
  }

  /** All spreadsheets there are. */
  function list() {
    return Object.values(store.world.files).map(({ spreadsheetId, title, locale, version, sheets }) => ({
      spreadsheetId,
      title,
      locale,
      version,
      sheets: sheets.map((sheet) => ({ sheetId: sheet.sheetId, title: sheet.title })),
    }))
  }

  const names = Object.keys(actions) as ActionName[]
  const methods = Object.fromEntries(
    names.map((name) => [name, (spreadsheetId: string, args: unknown) => act(spreadsheetId, name, args)]),
  ) as ActionMethods

  return { ...methods, act, create, copy, remove, file, read, values, cell, list }
}

const idLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** An id of Google's look: 44 characters. */
function drawnId(random: () => number): string {
  const drawn = Array.from({ length: 43 }, () => idLetters[Math.floor(random() * idLetters.length)])
  return `1${drawn.join('')}`
}
