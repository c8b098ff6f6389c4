import type { Row, SqlValue } from '../../db/database.ts'
import { namesFor } from '../../sync/engine/auto-resolve.ts'
import type { StoredConflict } from '../../sync/engine/changes.ts'
import type { TableDeclaration } from '../../sync/engine/declare.ts'
import { type Sides, sidesOf } from '../../sync/engine/sides.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import { ownerOf } from '../shared/access.ts'
import { withTimes } from '../shared/times.ts'
import { asSeenBy } from './runs.ts'
import type { Standing } from './standing.ts'

/** A conflict, its table, and its sides. */
interface About {
  readonly conflict: StoredConflict
  readonly table: TableDeclaration
  readonly sides: Sides
  /** The column, or the first of several; null: the row as such */
  readonly field: string | null
  readonly standing: Standing
}

/**
 * A conflict as people see it: the edit that waits beside what stands here now; where it was settled, beside what stood when
 * it was opened. Who may not see everything is told that a value is taken, not by which row, and not who settled it;
 * and whoever may not settle it is shown no strategy.
 */
export function syncConflictView(
  {
    conflict,
    table,
    notes,
    owner,
  }: Pick<About, 'conflict' | 'table'> & {
    readonly notes: string | null
    /** Whose device it came from */
    readonly owner: string | null
  },
  standing: Standing,
  actor: Actor,
): SyncConflict {
  const mayKnow = ownerOf(actor) === null
  const maySettle = mayKnow || (owner !== null && owner === actor.user)
  const { kind, key, resolvedAt, resolution, resolvedBy } = conflict
  const sides = sidesOf(conflict, table)
  const changed = sides.theirs && sides.ours ? Object.keys(sides.theirs)[0] : undefined
  const field = conflict.col ?? changed ?? null
  const about: About = { conflict, table, sides, field, standing }
  const { remoteId, remote } = remoteOf(about)
  const [base, local, there] = [sides.base, sides.theirs, remote].map(
    (side) => side && withTimes(side, table.device ?? NO_TIMES),
  )
  return {
    _id: conflict.id,
    collection: table.name,
    ...(conflict.link !== '' && { link: conflict.link }),
    localId: key,
    remoteId: kind === 'unique' && !mayKnow ? null : remoteId,
    field,
    localValue: (field === null ? null : local?.[field]) ?? null,
    remoteValue: (field === null ? null : there?.[field]) ?? null,
    timestamp: iso(conflict.openedAt),
    resolved: resolvedAt !== null,
    // Notes of a resolution that was undone say nothing of what is open.
    notes: (resolvedAt === null ? null : notes) || noteOf(about),
    kind,
    base: base ?? null,
    remote: there ?? null,
    local: local ?? null,
    ...(maySettle && owner !== null && owner !== '' && { localBy: `${owner}’s device` }),
    ...(conflict.link !== '' && { localBy: 'the sheet' }),
    ...(conflict.saidAt != null && { localAt: iso(conflict.saidAt) }),
    ...(resolvedAt === null && saidHere(about, mayKnow)),
    recommendations: [...conflict.recommendations],
    strategies: resolvedAt === null && maySettle ? strategiesOf(about) : [],
    resolution,
    resolved_by: resolvedBy === null ? null : asSeenBy(actor, resolvedBy),
    resolved_at: resolvedAt === null ? null : iso(resolvedAt),
  }
}

/** Who changed the row here last, and when; nothing of a row that merely has the same name. */
function saidHere(
  { conflict, table, standing }: About,
  mayKnow: boolean,
): Pick<SyncConflict, 'remoteBy' | 'remoteAt'> {
  const said = conflict.kind === 'unique' ? null : standing.said(table, conflict)
  return said ? { ...(mayKnow && { remoteBy: said.by }), remoteAt: iso(said.at) } : {}
}

/** The row here that is in the way, and what of it. */
function remoteOf({ conflict, table, sides, field, standing }: About): {
  readonly remoteId: string | null
  readonly remote: Row | null
} {
  const { kind, key, holder, resolvedAt } = conflict
  if (resolvedAt !== null)
    return { remoteId: kind === 'unique' ? (holder ?? null) : sides.ours && key, remote: sides.ours }
  if (kind === 'unique' && field !== null) {
    const taken = standing.holder(table, field, sides.theirs?.[field] ?? null)
    return taken
      ? { remoteId: taken.key, remote: { [field]: taken.value } }
      : { remoteId: null, remote: null }
  }
  const row = standing.row(table, key)
  const columns = Object.keys(sides.ours ?? sides.theirs ?? table.device?.columns ?? {})
  return {
    remoteId: row && key,
    remote: row && Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
  }
}

/** What happened, in the words of the seed where it has some. */
function noteOf({ conflict: { kind, detail }, field }: About): string {
  if (kind === 'unique') return `Unique field '${field}' conflicts with existing remote document`
  if (kind === 'merge') return `Field '${field}' was changed on both sides`
  if (kind === 'deleted') return 'The remote document was deleted meanwhile'
  if (kind === 'delete') return 'Deleted locally, and changed remotely meanwhile'
  if (kind === 'undo' && field !== null)
    return `Field '${field}' was changed again since, so it was not put back`
  return detail
}

/** What can settle it. A value that is taken must be replaced; one that became free meanwhile may stay. */
function strategiesOf({ conflict, table, sides, field, standing }: About): SyncConflict['strategies'] {
  const plain = (strategy: 'keep_local' | 'keep_remote') => ({
    strategy,
    needsValue: false,
    suggestion: null,
  })
  if (conflict.kind !== 'unique' || field === null)
    return [
      plain('keep_local'),
      plain('keep_remote'),
      ...(sides.ours && sides.theirs && table.device
        ? [{ strategy: 'merge' as const, needsValue: true, suggestion: null }]
        : []),
    ]
  const theirs = sides.theirs ?? {}
  const isTaken = (value: SqlValue) =>
    ![undefined, conflict.key].includes(standing.holder(table, field, value)?.key)
  const names = namesFor(table, conflict, theirs).map((row) => row[field] ?? null)
  const suggestion = names.find((each) => !isTaken(each)) ?? null
  const needsValue = isTaken(theirs[field] ?? null)
  const valued = { needsValue, suggestion: needsValue ? suggestion : null }
  return [
    { strategy: 'rename_local', needsValue: true, suggestion },
    { strategy: 'keep_local', ...valued },
    plain('keep_remote'),
    { strategy: 'merge', needsValue: true, suggestion },
  ]
}

/** Of a table that no device keeps nothing is known of the types. */
const NO_TIMES = { columns: {} }

const iso = (at: number): string => new Date(at).toISOString()
