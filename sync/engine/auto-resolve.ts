import type { Row } from '../../db/database.ts'
import type { StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import type { Resolution } from './resolve.ts'
import { sidesOf } from './sides.ts'
import { suggestion } from './suggest.ts'
import { takenOf } from './unique.ts'
import { draftFor, liveRow, rowKey, type Work } from './work.ts'

/** An edit younger than this is renamed: whoever made it is still there to see it. */
const YOUNG = 60 * 60_000
/** Names that are tried, one after the other */
const NAMES = 5

/** Names that a conflict may be given: who holds them must be known beforehand. */
export const namesFor = (table: TableDeclaration, { key, kind, col }: StoredConflict, theirs: Row): Row[] => {
  const value = kind === 'unique' && col !== null ? theirs[col] : null
  return col === null || typeof value !== 'string'
    ? []
    : Array.from({ length: NAMES }, (_, attempt) => ({
        [col]: suggestion(table, col, { key, value, attempt }),
      }))
}

/**
 * The rules of auto-resolve, in their order: the value is free by now (the other row is gone) → the local edit stands; it is
 * younger than an hour → it is renamed; the row here is newer → it is kept. Anything else is a person's to say.
 */
export function autoResolve(work: Work, conflict: StoredConflict): Resolution | { readonly skip: string } {
  const table = work.tables.get(conflict.tbl)
  if (!table) return { skip: `${conflict.tbl} is not a synced table` }
  const { theirs } = sidesOf(conflict, table)
  const saidAt = conflict.saidAt ?? conflict.openedAt
  const row = liveRow(draftFor(work, table, conflict.key))
  if (row === null && conflict.op === 'update' && conflict.kind !== 'deleted')
    return { skip: 'the row was deleted meanwhile: a person must say' }
  if (conflict.kind === 'unique' && theirs) {
    const [taken] = takenOf(work.claims, table, conflict.key, theirs)
    if (!taken) return by('keep_local')
    if (work.now - saidAt < YOUNG) return renamed(work, table, conflict, theirs, taken.column)
    const id = rowKey(table.name, taken.holder)
    const holder = work.drafts.get(id)?.draft.after ?? work.rows.get(id) ?? null
    return isNewer(holder, saidAt) ? by('keep_remote') : { skip: OLDER }
  }
  if ((conflict.kind === 'deleted' || conflict.kind === 'delete') && row === null) return by('keep_local')
  if (conflict.kind === 'merge' || conflict.kind === 'delete')
    return isNewer(row, saidAt) ? by('keep_remote') : { skip: UNSURE }
  return { skip: `a conflict of the kind ${conflict.kind} is a person's to settle` }
}

const UNSURE = 'the local edit is newer than the remote row: a person must say'
const OLDER = 'the local edit is newer than the remote row, and older than an hour: a person must say'

/** Why a rule settles a conflict in this way. */
export const WHY = {
  keep_local: 'the other row no longer exists',
  rename_local: 'the local edit is younger than an hour',
  keep_remote: 'the remote row is newer',
} as const

const by = (strategy: keyof typeof WHY): Resolution => ({ strategy, notes: `auto-resolve: ${WHY[strategy]}` })

/** A free name like the one that is taken. */
function renamed(
  work: Work,
  table: TableDeclaration,
  conflict: StoredConflict,
  theirs: Row,
  column: string,
): Resolution | { readonly skip: string } {
  const free = namesFor(table, conflict, theirs).find(
    (name) => takenOf(work.claims, table, conflict.key, name).length === 0,
  )
  if (!free) return { skip: `no free name like "${theirs[column]}" was found` }
  return { ...by('rename_local'), newValue: free[column] }
}

/** When the row was last edited: by the clock of whoever did, if the table keeps that. */
const isNewer = (row: Row | null, saidAt: number): boolean =>
  row !== null && Number(row.edited_at ?? row.updated_at ?? 0) > saidAt
