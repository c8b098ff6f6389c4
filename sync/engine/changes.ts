import type { Row, SqlValue } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'

/** One change of one row, computed from the row as it stood at the commit's expected version. */
export interface Change {
  readonly table: TableDeclaration
  readonly key: string
  /** `refuse`, `pin` and `unpin` stand in the history only */
  readonly op: 'insert' | 'update' | 'delete' | 'refuse' | 'pin' | 'unpin'
  /** The whole row before; null for an insert */
  readonly before: Row | null
  /** The whole row after (for `refuse`: what was proposed; for pins: the pinned value by column) */
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
}

/** Everything that one commit does to synced tables, pins and conflicts. */
export interface Changeset {
  readonly changes: readonly Change[]
  readonly pins: readonly PinChange[]
  readonly conflicts: readonly ConflictRow[]
}

export const isEmpty = (set: Changeset): boolean =>
  set.changes.length === 0 && set.pins.length === 0 && set.conflicts.length === 0

/** Whether a change writes its row, and not only the history. */
export const isWrite = (op: Change['op']): boolean => op === 'insert' || op === 'update' || op === 'delete'
