import type { Database, Row, SqlValue } from '../../db/database.ts'
import type { Warning } from '../protocol/common.ts'

export type { Warning }

// What the engine needs of the world. Systems, remotes and Workers implement these; tests hand in doubles.

/** Milliseconds since 1970, and time zones' calendar days. */
export interface Clock {
  now(): number
}

/** Ids that sort by the time they were made at (ULID). */
export interface Ids {
  next(): string
}

/** A number in [0, 1). */
export type Random = () => number

/** One structured line: `event` names what happened, the rest is data without secrets. */
export type Log = (event: string, data: Record<string, unknown>) => void

/**
 * Why a remote did not do what was asked, in words for a person.
 * `busy`: try again at `at` (quota, gate). `unavailable`: may pass (network, 5xx, time-out).
 * `refused`: will not pass until someone acts (401, 403, 404); `mend` says who does what.
 */
export type RemoteFailure =
  | { readonly type: 'busy'; readonly at: number; readonly reason: string }
  | { readonly type: 'unavailable'; readonly reason: string; readonly mend: string; readonly at?: number }
  | { readonly type: 'refused'; readonly reason: string; readonly mend: string }

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: RemoteFailure }

/** A part of a scope that is read, merged and reported on its own: a tab, a page. */
export interface Part {
  readonly id: string
  readonly name: string
  /** IANA name; days are counted there */
  readonly timeZone: string
  /** What the link's declaration gave the remote about this part */
  readonly options: Readonly<Record<string, SqlValue>>
}

/** One row as the remote shows it, already typed by the link's columns. */
export interface RemoteRow {
  /** Place in its page, from 0; a sheet's row number less the first data row's */
  readonly position: number
  /** By column of the table. A column that is not here takes no part in the merge: absent is not zero. */
  readonly values: Readonly<Record<string, SqlValue>>
  /** Columns that the remote itself shows as pinned to the value here */
  readonly pinned?: readonly string[]
  /** Columns whose cell must not be written (formula, unreadable text of a person) */
  readonly locked?: readonly string[]
  /** Links both ways with row ids: the id that the row carries; null: none */
  readonly ref?: string | null
  /** Links both ways: column -> why its cell can't be read, and what stands there */
  readonly unread?: Readonly<Record<string, { readonly reason: string; readonly raw: string }>>
  /** Links both ways: columns whose cell carries a note of ours */
  readonly noted?: readonly string[]
}

/** A row that the remote shows and that can't be taken as it is: it is listed in the run, and its page goes on. */
export interface RejectedRow {
  readonly reason: string
  /** What stood there, cut at 1 KB */
  readonly raw: string
  readonly position: number
  /** Its values by column where its key can be read: the row is there, though it can't be read */
  readonly values?: Readonly<Record<string, SqlValue>>
}

/** One page of a remote. `refused` in place of rows: the page failed the sanity rules and changes nothing. */
export interface Page {
  readonly part: string
  readonly rows: readonly RemoteRow[]
  readonly rejected?: readonly RejectedRow[]
  /** Rows and pages of the whole part, as the remote says; lists that are read page by page say both */
  readonly total?: number
  readonly pages?: number
  /** The part's change stamp when this page was made, where the remote tells it */
  readonly stamp?: string
  /** Position -> values that the list itself doesn't show (`Remote.detail`) */
  readonly details?: ReadonlyMap<number, Row>
  readonly warnings: readonly Warning[]
  /** Where a row, or a cell of it, stands in the remote, in its own words */
  readonly where: (position: number, column?: string) => string
  readonly refused?: { readonly reason: string; readonly mend: string }
  /** When the remote was changed last, in milliseconds, where it says so */
  readonly modified?: number
  /** Nothing stands in the part, not even a header */
  readonly blank?: true
  /** Cursor of the part's next page; null after its last */
  readonly next: string | null
}

/** A value that a remote should show in place of `seen`, the value it showed when the page was read. */
export interface CellChange {
  /** Values of the link's match columns, by column */
  readonly match: Readonly<Record<string, SqlValue>>
  readonly column: string
  /** null: the cell was empty */
  readonly seen: SqlValue
  readonly value: SqlValue
}

/** What became of a write: `theirs` were changed by a person meanwhile and stay theirs; they merge next run. */
export interface WriteReport {
  readonly written: number
  readonly theirs: readonly { readonly where: string; readonly raw: string }[]
  readonly repaired: number
  readonly warnings: readonly Warning[]
}

/** A row of a remote as it was read: found again by its id, else by its match columns, else by its place and what it shows. */
export interface RowSeen {
  readonly position: number
  readonly ref: string | null
  /** What was read, by column: the match columns, and those that the link owns */
  readonly shows: Readonly<Record<string, SqlValue>>
}

/** One thing that a remote should show otherwise, for links both ways. `id` names it in the report. */
export type RemoteEdit =
  /** A cell that still shows `seen` is to show `value` (null: nothing) */
  | {
      readonly type: 'cell'
      readonly id: string
      readonly at: RowSeen
      readonly column: string
      readonly seen: SqlValue
      readonly value: SqlValue
    }
  /** A new row behind all others. One that is there already, by its id or its match columns, is done */
  | {
      readonly type: 'row'
      readonly id: string
      readonly ref: string | null
      readonly values: Readonly<Record<string, SqlValue>>
    }
  /** Empties the cells of a row, and its id, while they show what was read; one that shows anything else stays whole */
  | { readonly type: 'clear'; readonly id: string; readonly at: RowSeen }
  /** Gives a row this id in place of the one that was read, or of none */
  | { readonly type: 'ref'; readonly id: string; readonly at: RowSeen; readonly ref: string }
  /** Says at a cell that it waits for a person and how to answer there; null: takes our note away, and nobody else's */
  | {
      readonly type: 'note'
      readonly id: string
      readonly at: RowSeen
      readonly column: string
      readonly note: CellNote | null
    }

/** What a person is told at a cell. `here`: the value in the database; null in `base`: it is not known. */
export interface CellNote {
  readonly reason: string
  readonly base: SqlValue
  readonly here: SqlValue
  readonly shows: SqlValue
}

/** What became of edits: ids of those that are done. The others are tried again by the next run, if they are still wanted. */
export interface EditsReport extends WriteReport {
  readonly done: readonly string[]
}

/** Some rows of a table that is copied out whole. */
export interface ExportSlice {
  /** Names the copy: the same for all its slices, and no other copy's */
  readonly copy: string
  readonly headers: readonly string[]
  /** Rows of the copy before these */
  readonly from: number
  readonly rows: readonly (readonly SqlValue[])[]
  /** These are the last rows: what the copy is and when it was made, in words. null: more to come */
  readonly heading: string | null
}

/**
 * What became of a slice. `gone`: what was written of this copy before is not there any more, so it has to begin anew.
 * `refused`: this table can't be copied until somebody acts; others can.
 */
export type SliceWritten =
  | { readonly type: 'written'; readonly cells: number; readonly warnings: readonly Warning[] }
  | { readonly type: 'gone' }
  | { readonly type: 'refused'; readonly reason: string; readonly mend: string }

/** Where whole tables are copied to. */
export interface Exports {
  /** Ids of the parts whose last copy is there. One call for all */
  there(context: RemoteContext, parts: readonly Part[]): Promise<Answer<readonly string[]>>
  /** Writes a slice. Nobody sees a copy before its last slice, which takes the place of the copy before. Safe to repeat */
  write(context: RemoteContext, part: Part, slice: ExportSlice): Promise<Answer<SliceWritten>>
}

/** What a remote is told at every call of one run. */
export interface RemoteContext {
  /** What the link's `open` gave: the spreadsheet's id, the list's name */
  readonly target: Readonly<Record<string, SqlValue>>
  readonly columns: Readonly<Record<string, RemoteColumn>>
  /**
   * A link both ways: an empty cell says null, an unreadable one is named in `unread`, formulas in `locked`. `rowIds`: rows
   * carry ids that the remote keeps out of people's sight
   */
  readonly both?: { readonly match: readonly string[]; readonly rowIds: boolean }
  /** Parts that this run still reads */
  readonly parts: readonly Part[]
  /** Rows that the remote is asked about, where the link declares them */
  readonly subjects: readonly Row[]
  /** What this remote asked to remember of earlier runs; JSON. Replace it by `remember`. */
  readonly memory: unknown
  remember(memory: unknown): void
  /** Stores what is remembered by now, before a call that must not be made twice. False: another instance has taken over */
  keep(): Promise<boolean>
  /** Lives as long as the run's instance: answers already fetched. May be empty at any call. */
  readonly scratch: Map<string, unknown>
  /** Higher goes first at the gate. */
  readonly priority: number
  /** What an operator set for this link and its connection, by key; null where nothing was set */
  readonly settings: Readonly<Record<string, unknown>>
  /** Calls that may be under way at once */
  readonly ahead: number
  /** Tells people what the run waits for, in words; null when it goes on */
  waits(reason: string | null): void
  /** Counted calls, for the run's report */
  called(kind: string): void
}

/** How a column of the table stands in the remote. `type` is a word of the remote's own (count, text, url …). */
export interface RemoteColumn {
  readonly header: string
  readonly aliases: readonly string[]
  readonly type: string
  readonly required?: boolean
}

/** Anything outside D1 that holds a copy and is read by pages. */
export interface Remote {
  /** A cheap answer to "have you changed?", taken before any data is read. */
  probe(context: RemoteContext): Promise<Answer<string>>
  /** A page of a part: its first, or the one at a `cursor` that an earlier page gave as `next`. */
  read(context: RemoteContext, part: Part, cursor: string | null): Promise<Answer<Page>>
  /** Writes only cells that still show `seen`. Safe to repeat. Absent: the remote is read-only. */
  write?(context: RemoteContext, part: Part, changes: readonly CellChange[]): Promise<Answer<WriteReport>>
  /**
   * Links both ways: everything that a part should show otherwise, in as few calls as can be, each atomic and verified. Safe to
   * repeat. Where the part was blank when this run read it, it first writes the headers; one that was emptied since stays empty.
   */
  edit?(context: RemoteContext, part: Part, edits: readonly RemoteEdit[]): Promise<Answer<EditsReport>>
  /**
   * What the list doesn't show of these rows. A row whose details can't be had is in `failed` and keeps nobody up; an
   * answer that is not ok says that the remote itself can't be reached.
   */
  detail?(context: RemoteContext, part: Part, rows: readonly RemoteRow[]): Promise<Answer<Details>>
  /** Does what a person asked for, once. It is never repeated by itself: see `Performed`. */
  perform?(context: RemoteContext, action: Action): Promise<Performed>
  /** What became of an action whose answer was lost, found by its key; null: it is not there. */
  find?(context: RemoteContext, action: Action): Promise<Answer<Row | null>>
  readonly exports?: Exports
}

export interface Details {
  /** Position -> further values by column */
  readonly rows: ReadonlyMap<number, Row>
  /** Position -> why there are none */
  readonly failed: ReadonlyMap<number, string>
}

/** Something that a person wants done in a remote, exactly once. */
export interface Action {
  readonly kind: string
  /** The caller's idempotency key, made unique by scope; the remote stores it with what it makes, where it can */
  readonly key: string
  readonly body: unknown
}

/**
 * `refused`: the remote said no, nothing was done. `not_sent`: it certainly did not reach the remote and may be sent
 * again. `lost`: it was sent and the answer did not come; only `find` can tell.
 */
export type Performed =
  | { readonly type: 'done'; readonly result: Row }
  | { readonly type: 'refused'; readonly reason: string; readonly mend: string }
  | { readonly type: 'not_sent'; readonly failure: RemoteFailure }
  | { readonly type: 'lost'; readonly reason: string }

/** Permission to call: asked before every call of a remote. */
export interface Pacer {
  /** Granted now, or a time at which to ask again. */
  permit(
    gate: string,
    kind: string,
    priority: number,
  ): Promise<{ granted: true } | { granted: false; at: number }>
  /** The remote said "too many": nobody is let through before `until`. */
  penalise(gate: string, kind: string, until: number): Promise<void>
}

/** A gate with few places: how many calls may be under way at once, and who goes first. */
export interface Places {
  /**
   * Runs `work` while holding a place. `exclusive`: alone, and before everybody who waits. The place is a lease that ends
   * at `until` by the gate's clock: `work` must have given up by then. null: no place was free within `patience` ms.
   */
  inside<T>(
    asked: {
      readonly priority: number
      readonly exclusive: boolean
      /** Places that the remote has at all */
      readonly most: number
      /** Longest that the place may be held, and longest to wait for one, in milliseconds */
      readonly lease: number
      readonly patience: number
    },
    /** Why it is not let in yet, in words; null when it is */
    onWait: (reason: string | null) => void,
    work: (until: number) => Promise<T>,
  ): Promise<T | null>
  /** The remote said "too many": nobody is let in before `until`. */
  penalise(until: number): Promise<void>
}

/** All that the engine's operations share. */
export interface Engine {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Log
  readonly remotes: (name: string) => Remote
  /** Called just before each write batch: throws in an instance that was replaced (PLATFORM §1, "Global uniqueness"). */
  readonly beforeBatch: () => Promise<void>
}
