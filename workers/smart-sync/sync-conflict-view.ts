import type { Row, SqlValue } from '../../db/database.ts'
import type { SyncConflict } from '../../sync/protocol/collections.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { ownerOf } from '../shared/access.ts'
import type { DeviceTable } from '../shared/names.ts'
import { withTimes } from '../shared/times.ts'
import { asSeenBy } from './runs.ts'
import type { Standing } from './standing.ts'
import { suggested } from './suggested.ts'

type Sides = Record<string, SqlValue>

const read = (json: unknown): Sides | null => (json == null ? null : (JSON.parse(String(json)) as Sides))
const iso = (at: unknown): string => new Date(Number(at)).toISOString()

/**
 * A conflict as people see it: the edit that waits beside what stands here now; where it was settled, what stood then. Who may not see
 * everything is told that a value is taken, not by which row, and not who settled it.
 */
export function syncConflictView(
  row: Row,
  table: DeviceTable,
  standing: Standing,
  actor: Actor,
): SyncConflict {
  const open = row.resolved_at === null
  const local = read(row.theirs)
  const ours = read(row.ours)
  const key = String(row.key)
  const field = (row.col as string | null) ?? (local && ours ? (Object.keys(local)[0] ?? null) : null)
  const unique = row.kind === 'unique'
  const holder = unique && field !== null ? standing.holder(table, field, local?.[field] ?? null) : null
  const there = standing.row(table, key)
  const remote = !open
    ? ours
    : unique && field !== null
      ? holder && { [field]: holder.value }
      : there && pick(there, ours ?? local ?? table.device.columns)
  const remoteKey = !open ? (row.holder as string | null) : unique ? (holder?.key ?? null) : there && key
  const shown = (sides: Sides | null) => sides && withTimes(sides, table.device)
  const [localShown, remoteShown] = [shown(local), shown(remote)]
  return {
    _id: String(row.id),
    collection: table.name,
    localId: key,
    remoteId: unique && ownerOf(actor) !== null ? null : remoteKey,
    field,
    localValue: (field === null ? null : localShown?.[field]) ?? null,
    remoteValue: (field === null ? null : remoteShown?.[field]) ?? null,
    timestamp: iso(row.opened_at),
    resolved: !open,
    notes: row.notes == null ? noteOf(row, field) : String(row.notes),
    kind: String(row.kind),
    base: shown(read(row.base)),
    remote: remoteShown,
    local: localShown,
    recommendations: JSON.parse(String(row.recommendations)) as string[],
    strategies: open
      ? strategiesOf(row, field === null ? null : (local?.[field] ?? null), holder !== null)
      : [],
    resolution: row.resolution as string | null,
    resolved_by: row.resolved_by == null ? null : asSeenBy(actor, String(row.resolved_by)),
    resolved_at: open ? null : iso(row.resolved_at),
  }
}

/** What happened, in the words of the seed where it has some. */
function noteOf({ kind, detail }: Row, field: string | null): string {
  if (kind === 'unique') return `Unique field '${field}' conflicts with existing remote document`
  if (kind === 'merge') return `Field '${field}' was changed on both sides`
  if (kind === 'deleted') return 'The remote document was deleted meanwhile'
  if (kind === 'delete') return 'The document was deleted locally, and changed remotely meanwhile'
  if (kind === 'undo') return `Field '${field}' was changed again since, so it was not put back`
  return String(detail)
}

/** What can settle it. A value that is taken must be replaced; one that became free meanwhile may stay. */
function strategiesOf(row: Row, value: SqlValue, taken: boolean): SyncConflict['strategies'] {
  const plain = (strategy: 'keep_local' | 'keep_remote') => ({
    strategy,
    needsValue: false,
    suggestion: null,
  })
  const merge = (needsValue: boolean) => ({ strategy: 'merge' as const, needsValue, suggestion: null })
  if (row.kind === 'unique') {
    const suggestion = suggested(String(row.id), value)
    return [
      { strategy: 'rename_local', needsValue: true, suggestion },
      { strategy: 'keep_local', needsValue: taken, suggestion: taken ? suggestion : null },
      plain('keep_remote'),
      { ...merge(taken), suggestion: taken ? suggestion : null },
    ]
  }
  const both = row.ours !== null && row.theirs !== null
  return [plain('keep_local'), plain('keep_remote'), ...(both ? [merge(true)] : [])]
}

const pick = (row: Row, columns: object): Sides =>
  Object.fromEntries(Object.keys(columns).map((name) => [name, row[name] ?? null]))
