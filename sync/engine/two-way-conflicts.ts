import type { Row, SqlValue } from '../../db/database.ts'
import type { ConflictRow } from './changes.ts'
import { digest } from './digest.ts'
import { scopeKeyOf } from './plan.ts'
import type { Part } from './ports.ts'
import type { TwoWayLink } from './two-way-rows.ts'

// Conflicts that a page both ways opens beside those of its rows' edits.

interface Of {
  readonly link: TwoWayLink
  readonly scope: string
  readonly part: Part
  readonly run: string
}

const idOf = (of: Of, ...what: readonly unknown[]): string =>
  `c_${digest(JSON.stringify([scopeKeyOf(of), ...what]))}`

/** A value that the table can't hold. `column` null: it is about the row. */
export const unreadableConflict = (
  of: Of,
  said: {
    readonly key: string
    readonly column: string | null
    readonly ours: SqlValue
    readonly raw: SqlValue
    readonly where: string
    readonly reason: string
  },
): ConflictRow => ({
  id: idOf(of, 'unreadable', said.key, said.column, said.raw),
  part: of.part.id,
  tbl: of.link.table.name,
  key: said.key,
  col: said.column,
  kind: 'unreadable',
  base: null,
  ours: said.ours,
  theirs: said.raw === null ? null : String(said.raw),
  detail: `${said.where}: ${said.reason}; the last good value stays in use`,
  recommendations: ['Correct the cell; the conflict closes by itself.'],
})

/** A row that says to be one that is there already. */
export const doubleConflict = (
  of: Of,
  said: {
    readonly name: string | null
    readonly label: string
    readonly values: Row
    readonly where: string
  },
): ConflictRow => ({
  id: idOf(of, 'duplicate', said.name, said.values),
  part: of.part.id,
  tbl: of.link.table.name,
  key: said.label,
  col: null,
  kind: 'duplicate',
  base: null,
  ours: null,
  theirs: JSON.stringify(said.values),
  detail: `${said.where}: ${said.label} stands twice; this row is not used`,
  recommendations: ['Remove one of the two rows, or correct its name; the conflict closes by itself.'],
})

/** A row that was taken out there and changed here. */
export const deletionConflict = (
  of: Of,
  {
    key,
    row,
    base,
    changed,
  }: { readonly key: string; readonly row: Row; readonly base: Row; readonly changed: readonly string[] },
): ConflictRow => ({
  id: idOf(of, 'delete', key, of.run),
  part: of.part.id,
  tbl: of.link.table.name,
  key,
  col: null,
  kind: 'delete',
  base: JSON.stringify(base),
  ours: JSON.stringify(Object.fromEntries(of.link.owns.map((column) => [column, row[column] ?? null]))),
  theirs: null,
  detail: `delete: it is gone from ${of.part.name}, and ${changed.join(', ')} ${changed.length === 1 ? 'was' : 'were'} changed here meanwhile`,
  recommendations: [
    `Delete the row (keep_local), or have it written into ${of.part.name} again (keep_remote).`,
  ],
  op: 'delete',
  origin: of.link.remote,
})
