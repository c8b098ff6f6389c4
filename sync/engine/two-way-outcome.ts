import type { Row, SqlValue } from '../../db/database.ts'
import type { MutationAnswer } from '../protocol/lane.ts'
import type { ConflictRow } from './changes.ts'
import { digest } from './digest.ts'
import type { Draft } from './draft.ts'
import type { PushWork } from './judge.ts'
import type { PageEntry } from './plan.ts'
import type { RemoteEdit, Warning } from './ports.ts'
import { setDeleted } from './set-row.ts'
import { type Asked, notedCell } from './two-way-ask.ts'
import { deletionConflict, doubleConflict, unreadableConflict } from './two-way-conflicts.ts'
import type { TwoWayInput, TwoWayPlan } from './two-way-plan.ts'
import {
  type Disputed,
  editedBy,
  editId,
  type LinkRow,
  nameIn,
  owing,
  seenAs,
  WHOLE_ROW,
} from './two-way-rows.ts'
import { judgeVanished } from './vanished.ts'
import { liveRow, rowKey, settleConflict } from './work.ts'

/** State of an entry: the row is missing, and a person wants it there again. */
const WANTED = -2

/** What a page comes to, as its rows are gone through. */
export class Outcome {
  readonly conflicts: ConflictRow[] = []
  readonly #warnings: Warning[]
  readonly #entries: PageEntry[] = []
  readonly #edits: RemoteEdit[] = []
  readonly #remember = new Map<string, LinkRow | null>()
  readonly #input: TwoWayInput
  readonly #work: PushWork
  #lookAgain = false
  /** Rows may be gone, and a second look or a person must say */
  #pending = false
  #marks: readonly PageEntry[] = []
  #deleted = 0
  /** Keys that go back into the remote though nothing of them changed here */
  readonly #back = new Set<string>()

  constructor(input: TwoWayInput, work: PushWork) {
    this.#input = input
    this.#work = work
    this.#warnings = [...input.page.warnings]
  }

  /** A conflict as this run opens it: asked again later, it is another one. */
  own(conflict: ConflictRow): ConflictRow {
    return { ...conflict, id: this.#idOf(conflict.id), part: this.#input.part.id }
  }

  #idOf(id: string): string {
    return `c_${digest(`${id}|${this.#input.run}`)}`
  }

  /** A row of the page: what is remembered of it now, and what of it should stand otherwise. */
  take(one: Asked, answers: ReadonlyMap<object, MutationAnswer>): void {
    const { link, page } = this.#input
    const { row, key, verdict, remembered } = one
    const entry: PageEntry = [key, nameIn(link, key, row.values), row.position, '', row.content, 0]
    const n = this.#entries.push(entry) - 1
    if (one.skipped) return
    const at = seenAs(row, link)
    const where = page.where(row.position)
    // A row that goes needs no id any more: it is known by what was read.
    if (link.rowIds && row.row.ref !== key && !one.clear)
      this.#edits.push({ type: 'ref', id: editId('ref', key), at, ref: key })
    const told = VERDICTS[verdict]
    if (told) this.#warnings.push({ kind: `row_${verdict}`, message: told, where })
    if (one.clear) {
      this.#edits.push({ type: 'clear', id: editId('clear', key), at })
      return
    }
    const disputes: Record<string, Disputed> = Object.fromEntries(one.waits)
    const left = new Set<string>()
    for (const { edit, origin } of one.edits) {
      const answer = answers.get(edit)
      const columns = Object.keys(edit.values)
      if (answer?.status === 'rejected') {
        for (const column of columns) left.add(column)
        this.#unreadable(one, columns.length === 1 ? (columns[0] ?? null) : null, answer.reason ?? '', origin)
      } else if (answer?.conflict !== undefined) {
        const opened = this.#draft(key)?.conflicts.find(({ id }) => id === answer.conflict)
        const whole = opened?.op === 'insert' || opened?.kind === 'deleted'
        const disputed = whole
          ? [WHOLE_ROW]
          : columns.filter((column) => opened && columnsOf(opened).includes(column))
        for (const column of disputed) {
          left.add(column)
          const shows = whole ? row.says : (row.values[column] ?? null)
          disputes[column] = { conflict: this.#idOf(answer.conflict), shows, noted: false }
        }
      }
    }
    for (const [column, { reason }] of Object.entries(row.row.unread ?? {}))
      this.#unreadable(one, column, reason, page.where(row.position, column))
    if (disputes[WHOLE_ROW]) {
      this.#put(key, remembered?.base ?? {}, disputes)
      this.#notes(one, disputes)
      return
    }
    const stands = this.#row(key)
    // What a column said that is not there any more is forgotten: it may come back empty, and would empty all rows.
    const unread = row.row.unread ?? {}
    const stays = (column: string) => row.shown.includes(column) || column in unread || one.waits.has(column)
    const base: Row = Object.fromEntries(
      Object.entries(remembered?.base ?? {}).filter(([column]) => stays(column)),
    )
    for (const column of row.shown) {
      if (left.has(column) || one.waits.has(column)) continue
      const shown = row.values[column] ?? null
      base[column] = shown
      const value = shownAs(stands?.[column])
      if (stands === null || value === shown) continue
      if (row.row.locked?.includes(column)) {
        this.#entries[n] = owing(entry)
        this.#warnings.push({
          kind: 'locked',
          message: `${column} is ${value} here, and the cell is a formula: it is not written over`,
          where: page.where(row.position, column),
        })
      } else
        this.#edits.push({ type: 'cell', id: editId('cell', key, column), at, column, seen: shown, value })
    }
    if (stands !== null) this.#put(key, base, disputes)
    this.#notes(one, disputes)
  }

  #draft(key: string): Draft | undefined {
    return this.#work.drafts.get(rowKey(this.#input.link.table.name, key))?.draft
  }

  /** The row as it stands after the merge; null: it is not there. */
  #row(key: string): Row | null {
    const draft = this.#draft(key)
    if (draft) return liveRow(draft)
    return this.#stored(key)
  }

  /** The row as it stood before; null: it was not there. */
  #stored(key: string): Row | null {
    const stored = this.#input.facts.lane.rows.get(rowKey(this.#input.link.table.name, key))
    return stored && stored.deleted_at === null ? stored : null
  }

  /** Says at cells that they wait, and takes away what was said of those that don't. */
  #notes({ row, key, ended }: Asked, disputes: Readonly<Record<string, Disputed>>): void {
    const { link } = this.#input
    const at = seenAs(row, link)
    const stands = this.#row(key)
    const cellOf = (column: string) => notedCell(row, column)
    for (const [column, { conflict, noted }] of Object.entries(disputes)) {
      const cell = cellOf(column)
      if (noted || cell === undefined || row.row.noted?.includes(cell)) continue
      const opened = this.#draft(key)?.conflicts.find(({ id }) => this.#idOf(id) === conflict)
      this.#edits.push({
        type: 'note',
        id: editId('note', key, column),
        at,
        column: cell,
        note: {
          reason: ASKED[opened?.kind ?? ''] ?? 'both sides changed it to different values',
          base: this.#input.facts.remembered.get(key)?.base[cell] ?? null,
          here: stands?.[cell] ?? null,
          shows: row.values[cell] ?? null,
        },
      })
    }
    const waiting = new Set(Object.keys(disputes).map(cellOf))
    const over = new Set(ended.map(({ column }) => cellOf(column)))
    for (const column of row.row.noted ?? [])
      if (!waiting.has(column) && (over.has(column) || Object.keys(disputes).length === 0))
        this.#edits.push({ type: 'note', id: editId('unnote', key, column), at, column, note: null })
  }

  #put(key: string, base: Row, disputes: Readonly<Record<string, Disputed>>): void {
    const before = this.#input.facts.remembered.get(key)
    const now: LinkRow = { base, disputes }
    if (before && JSON.stringify(before) === JSON.stringify(now)) return
    this.#remember.set(key, now)
  }

  /** A value that the table can't hold: the last good one stays, and the conflict closes when the cell can be read. */
  #unreadable({ key, row }: Asked, column: string | null, reason: string, where: string): void {
    const raw =
      column === null ? JSON.stringify(row.values) : (row.row.unread?.[column]?.raw ?? row.values[column])
    const ours = column === null ? null : (this.#row(key)?.[column] ?? null)
    this.conflicts.push(
      unreadableConflict(this.#input, { key, column, ours, raw: raw ?? null, where, reason }),
    )
    // What the remote itself can't read it has warned of.
    if (column === null || !row.row.unread?.[column])
      this.#warnings.push({ kind: 'unreadable', message: reason, where, raw: String(raw ?? '') })
  }

  /** Rows that say to be one that is there already. */
  doubles(): void {
    const { link, facts, page } = this.#input
    for (const { position, values, name } of facts.rows) {
      if (facts.matches.get(position)?.verdict !== 'double') continue
      const label = link.match.map((column) => values[column]).join(', ')
      const where = page.where(position)
      this.#warnings.push({
        kind: 'duplicate',
        message: `${label} stands twice: this row is not used`,
        where,
        raw: label,
      })
      this.conflicts.push(doubleConflict(this.#input, { name, label, values, where }))
    }
  }

  /** Says which rows are left out as nothing tells who they are, and whether there are any. Each may be one of those that are gone. */
  #nameless(gone: number): boolean {
    const { page } = this.#input
    const rejected = page.rejected ?? []
    const kept =
      gone === 0 ? '' : `; ${gone} known ${gone === 1 ? 'row is' : 'rows are'} not seen, and may be this one`
    for (const { reason, raw, position } of rejected)
      this.#warnings.push({
        kind: 'rejected',
        message: `${reason}${kept}`,
        where: page.where(position),
        raw,
      })
    return rejected.length > 0
  }

  /** Rows that the page shows no more. */
  vanished(asked: readonly Asked[]): void {
    const { link, facts, word } = this.#input
    const shown = new Set(asked.map(({ key }) => key))
    const gone = facts.known.filter(([key]) => !shown.has(key))
    const isNameless = this.#nameless(gone.length)
    const doubled = new Set(
      facts.rows.flatMap(({ position, name }) =>
        facts.matches.get(position)?.verdict === 'double' ? [name] : [],
      ),
    )
    const kept = new Set(facts.deletions?.resolution === 'keep_remote' ? facts.deletions.keys : [])
    const judged: PageEntry[] = []
    for (const entry of gone) {
      const [key] = entry
      const waits = facts.remembered.get(key)?.disputes[WHOLE_ROW]
      const how = waits && (facts.answers.get(waits.conflict) ?? null)
      const isWanted =
        entry[5] >= 0 && (word === 'keep' || kept.has(key) || how === 'keep_remote' || how === 'merge')
      if ((isWanted || entry[5] === WANTED) && word !== 'take') {
        this.#back.add(key)
        this.#remember.set(key, null)
        // Until it is there again: the answer is not asked for twice.
        this.#entries.push([key, entry[1], entry[2], entry[3], entry[4], this.#row(key) ? WANTED : -1])
      } else if (word === 'take') this.#letGo(entry)
      // Its name stands twice there: it may be the row that is not used.
      else if ((waits && how === null) || doubled.has(entry[1]) || isNameless)
        this.#entries.push(owing(entry))
      else judged.push(entry)
    }
    const byKey = new Map(
      judged.flatMap(([key]): [string, Row][] => {
        const row = facts.lane.rows.get(rowKey(link.table.name, key))
        return row ? [[key, row]] : []
      }),
    )
    const verdict = judgeVanished({ ...this.#input, known: facts.known, pins: [] }, judged, shown.size, byKey)
    this.#pending = verdict.lookAgain || verdict.conflicts.length > 0
    this.#lookAgain = verdict.lookAgain
    this.#marks = verdict.entries
    // Rows that were asked about, kept, and are taken out again are another question. Of what is deleted here nobody is asked.
    const since = judged.flatMap(([key, , , , , state]) =>
      state > 0 && byKey.get(key)?.deleted_at === null ? [[key, state]] : [],
    )
    for (const asked of verdict.conflicts)
      this.conflicts.push({ ...asked, id: `c_${digest(JSON.stringify([asked.id, since]))}` })
    const doomed = new Set(verdict.changes.map(({ key }) => key))
    for (const entry of verdict.entries) {
      const [key] = entry
      if (!doomed.has(key)) {
        this.#entries.push(entry)
        if (entry[5] === -1 && facts.remembered.has(key)) this.#forget(key)
        continue
      }
      const base = facts.remembered.get(key)?.base ?? {}
      const row = byKey.get(key) as Row
      const changed = Object.keys(base).filter((column) => base[column] !== shownAs(row[column]))
      if (changed.length > 0) this.#disputeDeletion(entry, row, base, changed)
      else this.#letGo(entry)
    }
  }

  /** The row is deleted here too. What was asked of it is moot. */
  #letGo([key, name, position, rest, content]: PageEntry): void {
    const { link, part, word, now } = this.#input
    if (this.#row(key)) {
      const rule = word === 'take' ? 'approved' : 'absent twice'
      setDeleted(this.#work, link.table, key, now, { origin: `${link.remote} ${part.name}`, rule })
      this.#deleted++
    }
    this.#forget(key)
    this.#entries.push([key, name, position, rest, content, -1])
  }

  /** The row is nowhere any more, and what was asked of it is moot. */
  #forget(key: string): void {
    this.#settleMoot(key)
    this.#remember.set(key, null)
  }

  #settleMoot(key: string): void {
    const { link, facts, part } = this.#input
    const asked = Object.values(facts.remembered.get(key)?.disputes ?? {}).map(({ conflict }) => conflict)
    for (const conflict of this.#work.open.get(rowKey(link.table.name, key)) ?? [])
      if (asked.includes(conflict.id))
        settleConflict(this.#work, conflict, 'withdrawn', `its row is gone from ${part.name}`)
  }

  /** A table that is taken whole or not at all waits for rows that may be gone: what was known, and since when they are. */
  postponed(): PageEntry[] | null {
    if (!this.#pending || this.#input.link.table.whole === null) return null
    const back = this.#entries.filter(([key]) => this.#back.has(key))
    const marks = new Map([...this.#marks, ...back].map((entry) => [entry[0], entry]))
    return this.#input.facts.known.map((entry) => {
      const mark = marks.get(entry[0])
      // What would be deleted now is still here, and missing as long as it was.
      const isKept = mark?.[5] === -1 && entry[5] >= 0 && this.#stored(entry[0])
      return mark && !isKept ? mark : entry
    })
  }

  /** A row that was taken out there and changed here: a person says. */
  #disputeDeletion(entry: PageEntry, row: Row, base: Row, changed: readonly string[]): void {
    const { facts } = this.#input
    const [key] = entry
    this.#settleMoot(key)
    const conflict = deletionConflict(this.#input, { key, row, base, changed })
    this.conflicts.push(conflict)
    this.#remember.set(key, {
      base: facts.remembered.get(key)?.base ?? {},
      disputes: { [WHOLE_ROW]: { conflict: conflict.id, shows: null, noted: false } },
    })
    this.#entries.push([entry[0], entry[1], entry[2], entry[3], entry[4], this.#input.now])
  }

  /** Rows that are here and not there. */
  append(): void {
    const { link, facts, page } = this.#input
    // Columns that nobody keeps there are not agreed on.
    const [first] = page.rows
    const there = new Set(Object.keys(first ? { ...first.values, ...first.unread } : link.columns))
    const waiting = new Set(this.#entries.flatMap((entry) => (entry[5] >= 0 ? [entry[0]] : [])))
    for (const key of new Set([...facts.outgoing, ...this.#back])) {
      if (waiting.has(key) && !this.#back.has(key)) continue
      const row = this.#row(key)
      if (!row) continue
      const columns = [...new Set([...link.match, ...link.owns])].filter((column) => there.has(column))
      this.#edits.push({
        type: 'row',
        id: editId('row', key),
        ref: link.rowIds ? key : null,
        values: Object.fromEntries(
          columns.map((column): [string, SqlValue] => [column, shownAs(row[column])]),
        ),
      })
    }
  }

  result(
    asked: readonly Asked[],
  ): Omit<TwoWayPlan, 'changes' | 'pins' | 'conflicts' | 'settled' | 'refused'> {
    const { page } = this.#input
    const appended = new Set(
      this.#edits.flatMap((edit) => (edit.type === 'row' ? [editedBy(edit.id).key] : [])),
    )
    const read = page.rows.length + (page.rejected?.length ?? 0)
    return {
      edits: this.#edits,
      remember: this.#remember,
      postponed: false,
      unjudged: new Set(asked.flatMap(({ key, skipped }) => (skipped ? [key] : []))),
      entries: this.#entries.filter(([key, , , , , state]) => state !== -1 || !appended.has(key)),
      warnings: this.#warnings,
      counts: {
        read,
        merged: asked.filter(({ skipped }) => !skipped).length,
        skipped: asked.filter(({ skipped }) => skipped).length,
        rejected: read - asked.length,
        deleted: this.#deleted,
      },
      lookAgain: this.#lookAgain,
      deferred: [],
      cells: [],
    }
  }
}

/** No remote shows a text of nothing otherwise than nothing. */
const shownAs = (value: SqlValue | undefined): SqlValue => (value === '' ? null : (value ?? null))

/** What a person at a cell is told of why it is asked, by kind of conflict. */
const ASKED: Readonly<Record<string, string>> = {
  deleted: 'the row was deleted in the database meanwhile',
  unique: 'another row has this value already',
}

/** Columns that a conflict is about. */
const columnsOf = ({ col, theirs }: ConflictRow): string[] =>
  col !== null ? [col] : Object.keys(JSON.parse(String(theirs ?? '{}')) as Row)

/** What the run's report says of a row that is not plainly the one that it was. */
const VERDICTS: Readonly<Record<string, string>> = {
  copied: 'this row carried the id of another one: it is a new row, with an id of its own',
  found: 'the id was missing: the row was found again by what it shows',
  permuted: 'the rows were moved past their ids: what they show says which is which',
  renamed: 'the row has another name, and is the same by what it shows',
  returned: 'the row was gone, and is back',
}
