import { getTableColumns, getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Row, SqlValue, Statement } from '../../db/database.ts'
import type { Rule } from './merge.ts'
import type { Part, RemoteColumn } from './ports.ts'
import { folded, whole } from './unique.ts'

// The declaration language. A system is data plus a few pure functions; the engine never asks for its name.

/** A D1 table that is kept in sync. Its schema carries `syncColumns` and one key column of text. */
export interface TableDeclaration {
  readonly name: string
  readonly key: string
  /** All columns, in the order of the schema */
  readonly columns: readonly string[]
  /** How each column is merged. A column without a rule can't be proposed. */
  readonly merge: Readonly<Record<string, Rule>>
  /** Whether its changes go to the history and the feed. Off only for tables that are a record themselves. */
  readonly history: boolean
  /** Whether a link reads it as its inbox */
  readonly inbox: boolean
  readonly unique: readonly UniqueColumn[]
  /** Why these live rows can't be the table together; null: they can. Whoever writes, all of it is asked: the table is small */
  readonly whole: ((rows: readonly Row[]) => string | null) | null
  /** How devices keep it; null: they don't */
  readonly device: DeviceDeclaration | null
}

/** A column whose value at most one live row of the table may hold. Its table lies in one lane. */
export interface UniqueColumn {
  readonly column: string
  /** Column of the schema that holds what is compared; a partial unique index over live rows enforces it */
  readonly stored: string
  /** What is compared of a value; null: nothing is claimed */
  readonly fold: (value: SqlValue) => string | null
}

/** A column as devices know it. */
export interface DeviceColumn {
  /** `money` is in the smallest unit; `time` is milliseconds here and ISO-8601 on the wire */
  readonly type: 'text' | 'url' | 'integer' | 'real' | 'money' | 'time'
  /** Devices may propose it */
  readonly write: boolean
  /** It is never empty */
  readonly required?: boolean
  /** Longest text, in characters */
  readonly max?: number
  /** What it may hold */
  readonly values?: readonly string[]
  /** Of an integer: 1 is yes, 0 is no */
  readonly flag?: true
  /** Names under which programs are known to keep it */
  readonly aliases?: readonly string[]
}

/** What the rules of an edit are told beside the edit. */
export interface EditContext {
  /** What the row is called here */
  readonly key: string
  readonly now: number
  readonly actor: string
  /** When, by the device's clock */
  readonly at: number | null
  /** What an operator set under the declaration's `config`; null: nothing */
  readonly config: unknown
  /** The row as the edit finds it; null: there is none */
  readonly row: Row | null
  /** What the device says that the row was */
  readonly base: Row
}

/** A table that devices keep copies of, and edit. */
export interface DeviceDeclaration {
  /** What people call it */
  readonly label: string
  /** `false`: its rows are edited as devices edit theirs, by a sheet or a program, and no device is offered a copy */
  readonly offered?: false
  /** The lane of the rows that this user's devices keep */
  readonly lane: (user: string | null) => string
  readonly columns: Readonly<Record<string, DeviceColumn>>
  /** What a row is called here whatever a device calls it; null: that is no name of a row */
  readonly key: (called: string) => string | null
  /** Key in `config` that the rules are told of */
  readonly config?: string
  /** The edit's values with what they imply, or why it can't be taken */
  readonly admit: (
    values: Row,
    context: EditContext,
  ) => { readonly values: Row } | { readonly reject: string }
  /** Columns that are one decision: an edit that names any of `by` has all of them accepted, or none */
  readonly together?: {
    readonly by: readonly string[]
    readonly columns: readonly string[]
    readonly decide: (theirs: Row, context: EditContext & { readonly row: Row }) => Decision
  }
  /** What becomes of a column that was changed on both sides; absent: a person must say */
  readonly disputed?: (column: string, theirs: Row, context: EditContext & { readonly row: Row }) => Decision
  /** Why a row may not be deleted without a person's word; null: it may */
  readonly holds: (row: Row, context: EditContext) => string | null
}

/** Whether an edit's columns are taken, by which rule; or why a person must say. */
export type Decision =
  | { readonly take: boolean; readonly rule: string }
  | { readonly conflict: string; readonly recommendations: readonly string[] }

/** A table that a link writes out whole. */
export interface Exported {
  /** What stands over the columns; the first is the key */
  readonly headers: readonly string[]
  /** One row (head): it moves with every change of a row, and never comes back to what it was */
  readonly head: Statement
  /** Live rows by header, by key, after this one */
  readonly page: (after: string | null, most: number) => Statement
}

type Column<T extends SQLiteTable> = keyof T['_']['columns'] & string

interface TableOptions<T extends SQLiteTable> {
  key: Column<T>
  merge: Partial<Record<Column<T>, Rule>>
  history?: boolean
  inbox?: boolean
  whole?: (rows: readonly Row[]) => string | null
  unique?: readonly { readonly column: Column<T>; readonly stored: Column<T>; readonly exact?: true }[]
  device?: DeviceDeclaration
}

/** Declares a synced table. */
export function table<T extends SQLiteTable>(
  schema: T,
  options: TableOptions<T> & { device: DeviceDeclaration },
): EditedTable
export function table<T extends SQLiteTable>(schema: T, options: TableOptions<T>): TableDeclaration
export function table<T extends SQLiteTable>(schema: T, options: TableOptions<T>): TableDeclaration {
  return {
    name: getTableName(schema),
    key: options.key,
    columns: Object.values(getTableColumns(schema)).map((column) => column.name),
    merge: options.merge as Record<string, Rule>,
    history: options.history ?? true,
    inbox: options.inbox ?? false,
    whole: options.whole ?? null,
    unique: (options.unique ?? []).map(({ column, stored, exact }) => ({
      column,
      stored,
      fold: exact ? whole : folded,
    })),
    device: options.device ?? null,
  }
}

/** How often a link looks, in milliseconds. An operator may change both at run time. */
export interface Schedule {
  /** Ask the remote whether it changed */
  readonly check: number
  /** Read everything, whatever the remote says */
  readonly full: number
  /** Also read everything on the first run of a new day in the time zone of any part */
  readonly daily?: boolean
  /** A login of the scope's user starts a run if the last good one is older. Absent: a login starts none */
  readonly login?: number
  /** The same for a device that comes back on line */
  readonly reconnect?: number
  /** The same for somebody who reads the rows */
  readonly lazy?: number
}

/** How a list that is read page by page is asked whether it changed, best first. */
export type Probe = 'stamp' | 'recentFirst' | 'rolling'

/** A remote's list, read page by page: pages are numbered from 1, and each says how many there are. */
export interface List {
  readonly probe: Probe
  /** `rolling`: pages of a check beside the first and the last, in rotation */
  readonly probePages: number
  /** `recentFirst`: column of a row's modification time (ms); rows younger than `overlap` ms are asked for details again */
  readonly modified?: string
  readonly overlap?: number
}

/** Proposals that were pushed and lie in D1: each run merges those newer than its last. */
export interface Inbox {
  readonly table: TableDeclaration
  /** Rows (key, col, value, origin) for the rows of a part, with after < version <= until */
  readonly read: (part: Part, after: number, until: number) => Statement
}

/** A table that is edited as devices edit theirs. */
export type EditedTable = TableDeclaration & { readonly device: DeviceDeclaration }

/** What stands in one part of a link both ways: people edit the rows there, and programs here. */
export interface Tie {
  readonly table: EditedTable
  /** Columns that the part shows and may propose */
  readonly owns: readonly string[]
  /** Columns by which a row of the part finds its row here; for `rowIds`, where it carries no id yet */
  readonly match: readonly string[]
  /** Nothing that people type names a row for good, so its key here is kept in the remote, out of sight */
  readonly rowIds: boolean
  readonly columns: Readonly<Record<string, RemoteColumn>>
  /** Adds what follows from the values shown: a key that is derived from an address */
  readonly complete?: (values: Row, part: Part) => Row
  /** Columns that tell rows apart where they are shown; absent: `match`. Those that it is derived from, where it is not shown itself */
  readonly named?: readonly string[]
}

/** What the remote says stands, or what is here, or the later one of the two, or a person must say. */
export type TwoWayPolicy = 'theirs' | 'ours' | 'newest' | 'manual'

/** The tie between one table and one remote. */
export interface LinkDeclaration {
  /** `<system>.<link>` */
  readonly name: string
  readonly table: TableDeclaration
  /** Name of the remote */
  readonly remote: string
  /** Columns that this link may propose */
  readonly owns: readonly string[]
  /** Columns whose merged values go back to the cells that differ, in parts whose option `write_back` is 1 */
  readonly writes: readonly string[]
  /** Columns by which a row of the remote finds its row here */
  readonly match: readonly string[]
  /**
   * Further ways to find it, one after the other, each by columns of its own. A way that finds several rows is a conflict,
   * never a guess.
   */
  readonly orMatch?: readonly (readonly string[])[]
  /** `false`: only rows that exist here are merged; the others wait (`link_deferred`) and are tried again by each run */
  readonly adds?: boolean
  /** Pages of a list in place of one page a part */
  readonly list?: List
  /** Column values that the remote's list doesn't show: rows that are new or changed are asked for them (`Remote.detail`) */
  readonly details?: boolean
  /**
   * A link of the same lane that goes first where both are due, and after whose news the rows that wait here are tried
   * again
   */
  readonly after?: string
  /** What people may ask the remote to do through this link */
  readonly actions?: readonly string[]
  /** How the columns stand in the remote */
  readonly columns: Readonly<Record<string, RemoteColumn>>
  readonly schedule: Schedule
  readonly lane: (scope: string) => string
  /** Higher goes first at the gate */
  readonly priority: number
  readonly scopes: {
    /** Rows (scope): every scope that exists */
    readonly list: Statement
    /** One row: what the remote needs to know of this scope; no row: the scope is gone */
    readonly target: (scope: string) => Statement
    /** Rows (id, name, time_zone, and any options): the parts that are read */
    readonly parts: (scope: string) => Statement
    /** Rows that the remote is asked about, for remotes that list nothing themselves */
    readonly subjects?: (scope: string) => Statement
    /** Rows (key): the live rows that this link keeps, to tell which of them a list doesn't show any more */
    readonly rows?: (scope: string) => Statement
    /** Whom a scope stands for: who may start it and see it */
    readonly per: 'user' | 'shared' | 'workspace'
  }
  /** Adds the columns that the remote doesn't show. */
  readonly complete?: (values: Row, part: Part) => Row
  readonly inbox?: Inbox
  /**
   * Statements for rows computed from the part's rows, run in the same commit; they write nothing when nothing is new.
   * `keys`: JSON array of the rows that the commit changes
   */
  readonly derive?: (part: Part, day: string, now: number, keys: string) => readonly Statement[]
  /**
   * Statements that end actions which were given up as unknown, and whose row is here; they write nothing when there is none.
   * They go with the end of a run and with the giving up: the row may have come before either
   */
  readonly settles?: (scope: string, now: number) => readonly Statement[]
  /**
   * A link both ways: part id -> what stands in it, all of one lane. What it says of table and columns for itself is that of
   * its first tie
   */
  readonly ties?: Readonly<Record<string, Tie>>
  /** Links both ways: what stands where a part's cell was changed on both sides, as an operator has set */
  readonly policy?: (settings: Readonly<Record<string, unknown>>, part: string) => TwoWayPolicy
  /**
   * A link that only writes out: part id -> the table that is copied there whole. It proposes nothing, and its copies hold the rows
   * of all users: they are an admin's
   */
  readonly exports?: Readonly<Record<string, Exported>>
  /** Whether a row that vanished from the remote is deleted here (under the guard), or rows are only ever added */
  readonly deletes: 'guarded' | 'never'
  /** Keys in `config` that an operator may set for this link; `connection` is shared with other links of the remote */
  readonly config?: { readonly schedule?: string; readonly aliases?: string; readonly connection?: string }
}

/** Declares a link. */
export const link = (
  name: string,
  of: TableDeclaration,
  remote: string,
  options: Omit<LinkDeclaration, 'name' | 'table' | 'remote'>,
): LinkDeclaration => ({ name, table: of, remote, ...options })

/** A link as one of its parts sees it: of a link both ways, what is tied to that part. */
export function tiedTo(of: LinkDeclaration, part: string): LinkDeclaration {
  const tie = of.ties?.[part]
  return tie ? { ...of, ...tie } : of
}

/** What a link may propose: columns by table. */
export const proposedBy = (
  of: LinkDeclaration,
): readonly { readonly table: TableDeclaration; readonly owns: readonly string[] }[] =>
  of.ties ? Object.values(of.ties) : [of]

/** A named set of tables and links that ship together. */
export interface System {
  readonly name: string
  readonly tables: readonly TableDeclaration[]
  readonly links: readonly LinkDeclaration[]
}

/** A hash of what a link declares: a run begun under another declaration starts again. */
export const declarationHash = (of: LinkDeclaration): string =>
  JSON.stringify([
    of.name,
    of.table.name,
    of.owns,
    of.match,
    of.columns,
    Object.entries(of.table.merge).map(([column, rule]) => `${column}:${rule.name}`),
    ...Object.entries(of.ties ?? {}).map(([part, { table, owns, match, columns }]) => [
      part,
      table.name,
      owns,
      match,
      columns,
    ]),
    ...Object.entries(of.exports ?? {}).map(([part, { headers }]) => [part, headers]),
  ])
