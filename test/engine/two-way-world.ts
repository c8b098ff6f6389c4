import type { Row, SqlValue } from '../../db/database.ts'
import type {
  Answer,
  EditsReport,
  Page,
  Part,
  Remote,
  RemoteContext,
  RemoteEdit,
  RemoteRow,
  RowSeen,
} from '../../sync/engine/ports.ts'
import type { Push } from '../../sync/protocol/lane.ts'
import { type Durable, drain, durable, type Instance, instance, rows, syncRequest, testIds } from './world.ts'

/** A row as people see it in a tab, and the id that they don't see. */
export interface TabRow {
  values: Record<string, SqlValue>
  ref: string | null
  notes: Set<string>
  locked?: string[]
  unread?: Record<string, { reason: string; raw: string }>
}

/** A workbook in memory: what a person sees, by tab. It takes edits as a remote must, and faults as it is told. */
export interface Workbook extends Remote {
  readonly tabs: Map<string, TabRow[]>
  stamp: number
  modified: number
  calls: { probe: number; read: number; edit: number }
  sent: RemoteEdit[][]
  /** Answers in place of the next calls */
  readonly fail: Answer<never>[]
  /** So many edits are carried out, and their answers do not come */
  loseAnswers: number
  /** What a person does between the reading and the writing */
  meanwhile: (() => void) | null
  row(tab: string, n: number): TabRow
  type(tab: string, values: Record<string, SqlValue>): TabRow
}

export function workbook(): Workbook {
  const book: Workbook = {
    tabs: new Map(),
    stamp: 1,
    modified: 0,
    calls: { probe: 0, read: 0, edit: 0 },
    sent: [],
    fail: [],
    loseAnswers: 0,
    meanwhile: null,
    row: (tab, n) => book.tabs.get(tab)?.[n] as TabRow,
    type(tab, values) {
      const row: TabRow = { values: { ...values }, ref: null, notes: new Set() }
      book.tabs.set(tab, [...(book.tabs.get(tab) ?? []), row])
      book.stamp++
      return row
    },
    async probe(context) {
      context.called('drive')
      book.calls.probe++
      const fault = book.fail.shift()
      return fault ?? { ok: true, value: String(book.stamp) }
    },
    async read(context, part) {
      context.called('read')
      book.calls.read++
      const fault = book.fail.shift()
      return fault ?? { ok: true, value: pageOf(book, context, part) }
    },
    async edit(context, part, edits) {
      context.called('write')
      book.calls.edit++
      const fault = book.fail.shift()
      if (fault) return fault
      book.meanwhile?.()
      book.meanwhile = null
      book.sent.push([...edits])
      const report = carryOut(book, context, part, edits)
      if (book.loseAnswers-- > 0)
        return { ok: false, failure: { type: 'unavailable', reason: 'lost', mend: 'Nothing.' } }
      return { ok: true, value: report }
    },
  }
  return book
}

function pageOf(book: Workbook, { both, columns }: RemoteContext, part: Part): Page {
  const all = book.tabs.get(part.id) ?? []
  const shown = Object.keys(columns)
  const isEmpty = ({ values }: TabRow) => shown.every((column) => values[column] == null)
  const nameless = ({ values }: TabRow) =>
    !both?.rowIds && both?.match.some((column) => values[column] == null)
  const readable = all.map((row, position) => ({ row, position })).filter(({ row }) => !isEmpty(row))
  return {
    part: part.id,
    rows: readable
      .filter(({ row }) => !nameless(row))
      .map(({ row, position }): RemoteRow => {
        const unread = row.unread ?? {}
        const seen = shown.filter((column) => !(column in unread))
        return {
          position,
          values: Object.fromEntries(seen.map((column) => [column, row.values[column] ?? null])),
          ref: both?.rowIds ? row.ref : null,
          locked: [...(row.locked ?? []), ...Object.keys(unread)],
          unread,
          noted: [...row.notes],
        }
      }),
    rejected: readable
      .filter(({ row }) => nameless(row))
      .map(({ row, position }) => ({
        reason: 'its name is missing',
        raw: JSON.stringify(row.values),
        position,
      })),
    warnings: [],
    where: (position, column) => `${part.name}!${column ?? ''}${position + 2}`,
    modified: book.modified,
    ...(all.length === 0 && { blank: true as const }),
    next: null,
  }
}

/** No cell shows a text of nothing otherwise than nothing. */
const shownOf = (values: Readonly<Record<string, SqlValue>>): Record<string, SqlValue> =>
  Object.fromEntries(Object.entries(values).map(([column, value]) => [column, value === '' ? null : value]))

function carryOut(
  book: Workbook,
  { both, columns }: RemoteContext,
  part: Part,
  edits: readonly RemoteEdit[],
): EditsReport {
  const list = book.tabs.get(part.id) ?? []
  book.tabs.set(part.id, list)
  const done: string[] = []
  const theirs: { where: string; raw: string }[] = []
  const shows = (row: TabRow, values: Readonly<Record<string, SqlValue>>) =>
    Object.entries(values).every(([column, value]) => (row.values[column] ?? null) === value)
  const named = (row: TabRow, values: Readonly<Record<string, SqlValue>>) =>
    both?.match.every((column) => (row.values[column] ?? null) === (values[column] ?? null)) === true
  const find = ({ ref, shows: shown, position }: RowSeen): TabRow | undefined => {
    const there = list[position]
    const isThere = there !== undefined && shows(there, shown)
    const all = !both?.rowIds
      ? list.filter((row) => named(row, shown))
      : ref === null
        ? []
        : list.filter((row) => row.ref === ref)
    if (all.length === 0) return !both?.rowIds || !isThere ? undefined : there
    return all.length === 1 ? all[0] : all.find((row) => row === there && isThere)
  }
  // All is planned on the tab as it stands, and then written at once.
  const rows = edits.map((edit) => (edit.type === 'row' ? undefined : find(edit.at)))
  for (const [n, edit] of edits.entries()) {
    if (edit.type === 'row') {
      const there = list.some((row) => (edit.ref !== null ? row.ref === edit.ref : named(row, edit.values)))
      if (!there) list.push({ values: shownOf(edit.values), ref: edit.ref, notes: new Set() })
      done.push(edit.id)
      continue
    }
    const row = rows[n]
    const stands = row && 'column' in edit ? (row.values[edit.column] ?? null) : null
    const isOurs =
      row !== undefined &&
      (edit.type === 'cell'
        ? stands === edit.seen || stands === edit.value
        : edit.type === 'clear'
          ? shows(row, edit.at.shows)
          : edit.type === 'ref'
            ? row.ref === edit.at.ref
            : edit.note === null || stands === edit.note.shows)
    if (!row || !isOurs) {
      theirs.push({ where: edit.id, raw: String(stands) })
      continue
    }
    done.push(edit.id)
    if (edit.type === 'cell') row.values[edit.column] = edit.value
    else if (edit.type === 'clear') {
      for (const column of Object.keys(columns)) delete row.values[column]
      row.ref = null
      row.notes.clear()
    } else if (edit.type === 'ref') row.ref = edit.ref
    else if (edit.note) row.notes.add(edit.column)
    else row.notes.delete(edit.column)
  }
  book.stamp++
  return { written: done.length, done, theirs, repaired: 0, warnings: [] }
}

export interface TwoWayWorld extends Instance {
  readonly world: Durable
  readonly book: Workbook
  /** Runs the link, to its end; the run's row */
  sync(full?: boolean): Promise<Row>
  /** What is here, live rows by key */
  here(table: string): Row[]
  edit(table: string, key: string, values: Row, op?: 'insert' | 'update' | 'delete'): Promise<string>
  conflicts(): Row[]
  /** What the last run said of a tab */
  part(tab: string): {
    status: string
    reason?: string
    warnings: { kind: string }[]
    sent: number
    updated: number
  }
}

/** The reference tables linked to a workbook in memory. */
export function twoWayWorld(config: Record<string, unknown> = {}): TwoWayWorld {
  const world = durable()
  const book = workbook()
  world.file
    .prepare(`INSERT INTO config VALUES ('sheets.reference', ?, 0, 'ann')`)
    .run(JSON.stringify({ spreadsheet_id: 'book-1', ...config }))
  const ids = testIds('k')
  const made = instance(world, 'reference', () => book, undefined, ids)
  let pushes = 0
  let last: Row = {}
  return {
    ...made,
    world,
    book,
    async sync(full = false) {
      world.clock.advance(300_000)
      const answer = await made.lane.request(syncRequest({ link: 'reference.sheet', scope: 'shared', full }))
      if (answer.type === 'skipped') throw new Error(answer.reason)
      await drain(world, made.lane)
      last = rows(world, 'SELECT * FROM runs WHERE id = ?', answer.runId)[0] as Row
      return last
    },
    here: (table) => rows(world, `SELECT * FROM ${table} WHERE deleted_at IS NULL ORDER BY id`),
    async edit(table, key, values, op = 'update') {
      const stands = rows(world, `SELECT * FROM ${table} WHERE id = ?`, key)[0] ?? {}
      world.clock.advance(1_000)
      const push: Push = {
        id: `push ${++pushes}`,
        actor: 'bot',
        origin: 'api',
        mutations: [{ type: 'edit', op, table, key, values, base: op === 'insert' ? {} : stands, at: null }],
      }
      const answer = await made.lane.push(push)
      if (answer.type === 'failed') throw new Error(answer.failure.detail)
      return answer.results[0]?.reason ?? String(answer.results[0]?.status)
    },
    conflicts: () => rows(world, 'SELECT * FROM conflicts WHERE resolved_at IS NULL ORDER BY opened_at, id'),
    part: (tab) =>
      (
        JSON.parse(String(last.report)) as { parts: (ReturnType<TwoWayWorld['part']> & { id: string })[] }
      ).parts.find(({ id }) => id === tab) as ReturnType<TwoWayWorld['part']>,
  }
}
