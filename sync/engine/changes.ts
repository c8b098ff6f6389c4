import type { Row, SqlValue } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'

/** One change of one row, computed from the row as it stood at the commit's expected version. */
export interface Change {
  readonly table: TableDeclaration
  readonly key: string
  /** All but the first three stand in the history only; `resolve` and `reopen` are of a conflict of the row */
  readonly op: 'insert' | 'update' | 'delete' | 'refuse' | 'pin' | 'unpin' | 'resolve' | 'reopen'
  /** The whole row before; null for an insert */
  readonly before: Row | null
  /** The row's version before, where `before` doesn't say it: its history goes on there */
  readonly prev?: number
  /** The whole row after (for `refuse`: what was proposed; for pins: the pinned value by column; for conflicts: id and how) */
  readonly after: Row
  /** Columns that differ */
  readonly columns: readonly string[]
  /** Column -> [where the value came from, the rule that chose it] */
  readonly why: Readonly<Record<string, readonly [string, string]>>
}

/** A value that a person fixed. */
export interface PinRow {
  readonly tbl: string
  readonly key: string
  readonly col: string
  readonly value: SqlValue
  /** `api`, or the name of the link whose remote shows it */
  readonly source: string
  readonly actor: string
  readonly note: string
  readonly until: number | null
  readonly at: number
}

export interface PinChange {
  readonly op: 'set' | 'release'
  readonly pin: PinRow
}

/** An edit that no rule may settle, as it is opened. The id is derived, so that it is opened once. */
export interface ConflictRow {
  readonly id: string
  readonly part: string | null
  readonly tbl: string
  readonly key: string
  readonly col: string | null
  readonly kind: string
  readonly base: SqlValue
  readonly ours: SqlValue
  readonly theirs: SqlValue
  readonly detail: string
  readonly recommendations: readonly string[]
  /** What a device's edit was, or what an undo would do; null: a remote shows it */
  readonly op?: 'insert' | 'update' | 'delete'
  /** Key of the row that holds the value */
  readonly holder?: string
  readonly origin?: string
  /** When it was said, by the clock of whoever said it */
  readonly saidAt?: number | null
}

/** A conflict as it is stored. */
export interface StoredConflict extends ConflictRow {
  readonly lane: string
  readonly link: string
  readonly openedAt: number
  readonly version: number
  readonly runId: string | null
  readonly resolvedAt: number | null
  readonly resolution: string | null
  readonly resolvedBy: string | null
  readonly resolvedVersion: number | null
}

/** The end of a conflict, by a strategy or by itself; or, where `resolution` is null, its being open again. */
export interface Settled {
  readonly id: string
  readonly resolution: string | null
  readonly by: string
  readonly notes: string
}

/** Everything that one commit does to synced tables, pins and conflicts. */
export interface Changeset {
  readonly changes: readonly Change[]
  readonly pins: readonly PinChange[]
  readonly conflicts: readonly ConflictRow[]
  readonly settled?: readonly Settled[]
}

export const isEmpty = (set: Changeset): boolean =>
  set.changes.length === 0 &&
  set.pins.length === 0 &&
  set.conflicts.length === 0 &&
  (set.settled ?? []).length === 0

/** Whether a change writes its row, and not only the history. */
export const isWrite = (op: Change['op']): boolean => op === 'insert' || op === 'update' || op === 'delete'

/** A conflict as its row says. */
export const conflictOf = (row: Row): StoredConflict => ({
  id: String(row.id),
  part: row.part === null ? null : String(row.part),
  tbl: String(row.tbl),
  key: String(row.key),
  col: row.col === null ? null : String(row.col),
  kind: String(row.kind),
  base: row.base ?? null,
  ours: row.ours ?? null,
  theirs: row.theirs ?? null,
  detail: String(row.detail),
  recommendations: JSON.parse(String(row.recommendations)) as string[],
  ...(row.op != null && { op: row.op as 'insert' | 'update' | 'delete' }),
  ...(row.holder != null && { holder: String(row.holder) }),
  ...(row.origin != null && { origin: String(row.origin) }),
  saidAt: row.said_at == null ? null : Number(row.said_at),
  lane: String(row.lane),
  link: String(row.link),
  openedAt: Number(row.opened_at),
  version: Number(row.version),
  runId: row.run_id == null ? null : String(row.run_id),
  resolvedAt: row.resolved_at == null ? null : Number(row.resolved_at),
  resolution: row.resolution == null ? null : String(row.resolution),
  resolvedBy: row.resolved_by == null ? null : String(row.resolved_by),
  resolvedVersion: row.resolved_version == null ? null : Number(row.resolved_version),
})
