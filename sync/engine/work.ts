import type { Row } from '../../db/database.ts'
import type { Change, Changeset, PinChange, PinRow, Settled, StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { changesOf, type Draft, draftOf } from './draft.ts'
import { type Claims, reclaim } from './unique.ts'

/** What was read of a lane, and what came so far of what somebody wants changed in it. */
export interface Work {
  readonly tables: ReadonlyMap<string, TableDeclaration>
  readonly rows: ReadonlyMap<string, Row>
  readonly pins: Map<string, Map<string, PinRow>>
  /** What an operator set, by key */
  readonly config: ReadonlyMap<string, unknown>
  /** Open conflicts of the rows, and those that this work opens */
  readonly open: Map<string, readonly StoredConflict[]>
  readonly claims: Claims
  readonly drafts: Map<string, { draft: Draft; table: TableDeclaration }>
  readonly changes: Change[]
  readonly pinChanges: PinChange[]
  readonly settled: Settled[]
  readonly actor: string
  readonly now: number
}

/** The version of a conflict that this very work opens. Old ones may have 0. */
export const NOT_STORED = -1

/** Names a row of any table. */
export const rowKey = (table: string, key: string) => `${table}|${key}`

/** The row's draft: as stored, or as it was left. */
export function draftFor(work: Work, table: TableDeclaration, key: string): Draft {
  const id = rowKey(table.name, key)
  const found =
    work.drafts.get(id)?.draft ?? draftOf(table, key, work.rows.get(id) ?? null, new Map(work.pins.get(id)))
  work.drafts.set(id, { draft: found, table })
  return found
}

/** The row as it stands in a draft; null: there is none, or it is deleted. */
export const liveRow = ({ before, after, why }: Draft): Row | null =>
  (before !== null || Object.keys(why).length > 0) && after.deleted_at == null ? { ...after } : null

/** Changes a row's draft, and moves its unique values along. */
export function moving<T>(work: Work, table: TableDeclaration, draft: Draft, change: () => T): T {
  const before = liveRow(draft)
  const done = change()
  reclaim(work.claims, table, draft.key, before, liveRow(draft))
  return done
}

/** A conflict ends, or is open again. The history tells it to whoever keeps the row. */
export function settleConflict(
  work: Work,
  conflict: StoredConflict,
  resolution: string | null,
  notes = '',
): void {
  const table = work.tables.get(conflict.tbl)
  const id = rowKey(conflict.tbl, conflict.key)
  const others = (work.open.get(id) ?? []).filter((one) => one.id !== conflict.id)
  work.open.set(id, resolution === null ? [...others, conflict] : others)
  const draft = work.drafts.get(id)?.draft
  const opened = draft?.conflicts.findIndex((one) => one.id === conflict.id) ?? -1
  if (opened >= 0) draft?.conflicts.splice(opened, 1)
  // One that was opened by this very work was never there.
  if (conflict.version === NOT_STORED) return
  work.settled.push({ id: conflict.id, resolution, by: work.actor, notes })
  if (!table) return
  const row = draft ? draft.after : (work.rows.get(id) ?? null)
  work.changes.push({
    table,
    key: conflict.key,
    op: resolution === null ? 'reopen' : 'resolve',
    before: resolution === null ? { conflict: conflict.id, resolution: conflict.resolution } : null,
    prev: Number(row?.version ?? conflict.version),
    after: { conflict: conflict.id, resolution },
    columns: ['conflict', 'resolution'],
    why: { conflict: [work.actor, resolution ?? 'undo'] },
  })
}

/** What the work comes to. What an edit was refused stays in the history too; a parser's answer says it all (`refusals` false). */
export function changesetOf(work: Work, refusals: boolean): Changeset {
  const drafts = [...work.drafts.values()]
  return {
    changes: [
      ...drafts.flatMap(({ draft, table }) => changesOf(refusals ? draft : { ...draft, refused: {} }, table)),
      ...work.changes,
    ],
    pins: work.pinChanges,
    conflicts: drafts.flatMap(({ draft }) => draft.conflicts),
    settled: work.settled,
  }
}
