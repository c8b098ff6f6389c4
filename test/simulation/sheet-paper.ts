import type { SqlValue } from '../../db/database.ts'
import type { Answer, Remote } from '../../sync/engine/ports.ts'
import type { TabRow, Workbook } from '../engine/two-way-world.ts'
import type { Fault, Make } from './sheet-stage.ts'

export interface PaperRow {
  readonly values: Readonly<Record<string, SqlValue>>
  readonly ref: string | null
  readonly noted: readonly string[]
  /** What stands in a column of people's own */
  readonly remark: SqlValue
}

/** A tab as people see it and what they do to it. Rows count from 0; empty ones stand among the others. */
export interface Paper {
  rows(): readonly PaperRow[]
  type(n: number, column: string, value: SqlValue): void
  /** `order[n]` is the row that comes to stand at n; `ids`: the hidden ids go along */
  order(order: readonly number[], ids: boolean): void
  insert(n: number, values: Readonly<Record<string, SqlValue>>, remark: SqlValue): void
  remove(n: number): void
  /** A copy below the row, with the hidden id or without */
  copy(n: number, ids: boolean): void
  /** The row's cells move to a new row at the end, with the hidden id or without; an empty row stays */
  cut(n: number, ids: boolean): void
  blankId(n: number): void
  dropNote(n: number, column: string): void
}

const REMARK = 'remark'

/** A tab of a workbook in memory. */
export function memoryPaper(
  book: Workbook,
  tab: string,
  columns: readonly string[],
  now: () => number,
): Paper {
  const list = (): TabRow[] => {
    const rows = book.tabs.get(tab) ?? []
    book.tabs.set(tab, rows)
    return rows
  }
  const at = (n: number) => list()[n] as TabRow
  const touch = () => {
    book.stamp++
    book.modified = now()
  }
  return {
    rows: () =>
      list().map(({ values, ref, notes }) => ({
        values: Object.fromEntries(columns.map((column) => [column, values[column] ?? null])),
        ref,
        noted: [...notes],
        remark: values[REMARK] ?? null,
      })),
    type(n, column, value) {
      at(n).values[column] = value
      touch()
    },
    order(order, ids) {
      const before = list().map((row) => ({ ...row }))
      for (const [n, from] of order.entries()) {
        const row = before[from] as TabRow
        list()[n] = { ...row, ref: ids ? row.ref : (before[n]?.ref ?? null) }
      }
      touch()
    },
    insert(n, values, remark) {
      list().splice(n, 0, { values: { ...values, [REMARK]: remark }, ref: null, notes: new Set() })
      touch()
    },
    remove(n) {
      list().splice(n, 1)
      touch()
    },
    copy(n, ids) {
      const { values, ref, notes } = at(n)
      list().splice(n + 1, 0, { values: { ...values }, ref: ids ? ref : null, notes: new Set(notes) })
      touch()
    },
    cut(n, ids) {
      const { values, ref, notes } = at(n)
      list().push({ values, ref: ids ? ref : null, notes })
      list()[n] = { values: {}, ref: ids ? null : ref, notes: new Set() }
      touch()
    },
    blankId(n) {
      at(n).ref = null
      touch()
    },
    dropNote(n, column) {
      at(n).notes.delete(column)
      touch()
    },
  }
}

/** The workbook as the remote of an instance. */
export function memoryRemote(book: Workbook, now: () => number): Make {
  const failed = (fault: Fault): Answer<never> => ({
    ok: false,
    failure:
      fault === 'busy'
        ? { type: 'busy', at: now() + 1_000, reason: 'the quota is used up' }
        : { type: 'unavailable', reason: 'it does not answer', mend: 'Nothing.' },
  })
  const edit = book.edit as NonNullable<Remote['edit']>
  return (guard) => ({
    probe: (context) => guard('probe', () => book.probe(context), failed),
    read: (context, part, cursor) => guard('read', () => book.read(context, part, cursor), failed),
    edit: (context, part, edits) => guard('edit', () => edit(context, part, edits), failed),
  })
}
