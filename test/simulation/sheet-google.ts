import type { SqlValue } from '../../db/database.ts'
import { ID_HEADER } from '../../sync/remotes/google-sheets/both-layout.ts'
import { ownIn, withOwn } from '../../sync/remotes/google-sheets/note.ts'
import { emulatedGoogle, remoteOf } from '../engine/google-world.ts'
import type { Durable } from '../engine/world.ts'
import type { Paper } from './sheet-paper.ts'
import { SHAPES, type Shape } from './sheet-shapes.ts'
import type { Make } from './sheet-stage.ts'
import type { ActKind } from './sheet-story.ts'

const BOOK = 'book-1'
const ROBOT = 'robot@tidemark.test'
const REMARK = 'Remark'
/** A column of formulas beside the table */
const CHECK = 'Check'
const FORMULA = '=1+1'

/** A tab of an emulated spreadsheet, and the real remote. */
export interface GoogleScene {
  readonly paper: Paper
  readonly remote: Make
  /** Writes that reached Google */
  readonly written: () => number
  /** The remote has read the tab, and is about to write: what a person types now it does not see */
  readonly inWindow: () => boolean
  /** Formulas that stand beside the table */
  readonly formulas: () => number
}

/** What moves rows, and changes no cell: a write that hits a wrong row by it is put right. */
const MOVES: ReadonlySet<ActKind> = new Set(['sort', 'insert', 'remove'])
export const onlyMoves = (act: ActKind): boolean => MOVES.has(act) || act.startsWith('bot')

export function googleScene(world: Durable, shape: Shape): GoogleScene {
  const google = emulatedGoogle(world.clock)
  const { person } = google
  const { tab } = shape
  const headers = shape.columns.map((column) => shape.headers[column] as string)
  person.create({
    id: BOOK,
    sheets: [
      { title: tab, rows: [[...headers, REMARK, CHECK]] },
      ...SHAPES.filter((other) => other !== shape).map((other) => ({
        title: other.tab,
        rows: [other.columns.map((column) => other.headers[column] as string)],
      })),
    ],
  })
  person.share(BOOK, { email: ROBOT, role: 'writer' })
  let editing = false
  let window = false
  let written = 0

  const sheet = () => {
    const found = person.file(BOOK).sheets.find(({ title }) => title === tab)
    if (!found) throw new Error(`no tab ${tab}`)
    return found
  }
  const cells = () => sheet().rows.slice(1)
  const idAt = () => (sheet().rows[0] ?? []).findIndex((cell) => cell?.value === ID_HEADER)
  const width = headers.length + 2
  const at = (n: number, column: number) => `${tab}!${letter(column)}${n + 2}`
  const line = (n: number, ids: boolean) =>
    `${tab}!A${n + 2}:${letter(ids ? Math.max(idAt(), width - 1) : width - 1)}${n + 2}`
  const enter = (n: number, column: number, value: SqlValue) =>
    person.setRows(BOOK, { at: at(n, column), rows: [[value === null ? '' : (value as string | number)]] })
  const out = (column: string, value: SqlValue): SqlValue =>
    typeof value === 'number' && shape.money.includes(column) ? value / 100 : value
  const into = (column: string, value: SqlValue): SqlValue =>
    typeof value === 'number' && shape.money.includes(column) ? Math.round(value * 100) : value
  const blankId = (n: number) => {
    const column = idAt()
    if (column >= 0) enter(n, column, null)
  }

  const paper: Paper = {
    rows: () =>
      cells().map((row) => ({
        values: Object.fromEntries(
          shape.columns.map((column, c) => [column, into(column, (row[c]?.value ?? null) as SqlValue)]),
        ),
        ref: (row[idAt()]?.value ?? null) as string | null,
        noted: shape.columns.filter((_, c) => ownIn(row[c]?.note) !== null),
        remark: (row[headers.length]?.value ?? null) as SqlValue,
      })),
    type: (n, column, value) => enter(n, shape.columns.indexOf(column), out(column, value)),
    order(order, ids) {
      if (ids) {
        const stand = order.map((_, n) => n)
        for (const [n, from] of order.entries()) {
          const now = stand.indexOf(from)
          if (now === n) continue
          person.moveRow(BOOK, { tab, row: now + 2, before: n + 2 })
          stand.splice(n, 0, ...stand.splice(now, 1))
        }
        return
      }
      // By way of rows below: notes go along, and hidden cells stay.
      const below = order.length
      for (const n of order.keys())
        person.copyPaste(BOOK, { from: line(n, false), to: line(below + n, false) })
      for (const [n, from] of order.entries())
        person.copyPaste(BOOK, { from: line(below + from, false), to: line(n, false) })
      if (below > 0) person.deleteRow(BOOK, { tab, row: below + 2, count: below })
    },
    insert: (n, values, remark) =>
      person.insertRow(BOOK, {
        tab,
        row: n + 2,
        values: [
          ...shape.columns.map((column) => out(column, values[column] ?? null) as string | number | null),
          remark as string | null,
          remark === null ? null : FORMULA,
        ],
      }),
    remove: (n) => person.deleteRow(BOOK, { tab, row: n + 2 }),
    copy(n, ids) {
      person.duplicateRow(BOOK, { tab, row: n + 2 })
      if (!ids) blankId(n + 1)
    },
    cut(n, ids) {
      person.cutPaste(BOOK, { from: line(n, ids), to: line(cells().length, ids) })
    },
    blankId,
    dropNote(n, column) {
      const place = at(n, shape.columns.indexOf(column))
      person.setNote(BOOK, { cell: place, note: withOwn(person.cell(BOOK, place).note, null) ?? '' })
    },
  }

  const remote: Make = (guard) => {
    const fetch = async (input: Request | string | URL): Promise<Response> => {
      const request = new Request(input)
      const kind = kindOf(request)
      if (kind === 'token') return google.fetch(request)
      if (kind === 'write') written++
      window = editing && kind === 'write'
      return guard(
        kind,
        async () => {
          const answer = await google.fetch(request)
          window = editing && kind === 'read'
          return answer
        },
        (fault) => {
          window = false
          if (fault === 'busy')
            return Response.json(
              { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } },
              { status: 429, headers: { 'retry-after': '1' } },
            )
          if (fault === 'down')
            return Response.json(
              { error: { code: 503, message: 'Down', status: 'UNAVAILABLE' } },
              { status: 503 },
            )
          throw new TypeError('fetch failed')
        },
      )
    }
    const real = remoteOf({ ...google, fetch }, world.clock)
    return {
      ...real,
      async edit(...call) {
        editing = true
        try {
          return await (real.edit as NonNullable<typeof real.edit>)(...call)
        } finally {
          editing = false
          window = false
        }
      },
    }
  }
  return {
    paper,
    remote,
    written: () => written,
    inWindow: () => window,
    formulas: () => cells().filter((row) => row[headers.length + 1]?.formula === FORMULA).length,
  }
}

const kindOf = ({ url, method }: Request): string =>
  /token/.test(url)
    ? 'token'
    : /drive/.test(url)
      ? 'probe'
      : /batchUpdate/.test(url) && method === 'POST'
        ? 'write'
        : 'read'

const letter = (column: number): string => String.fromCharCode(65 + column)
