import type { Row } from '../../db/database.ts'
import { type Change, type Changeset, type ConflictRow, isWrite } from './changes.ts'
import type { LinkDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import type { Part } from './ports.ts'
import type { Step } from './run.ts'
import { recommendationsFor, suggestion } from './suggest.ts'
import { claimsOf, holderStatements, type Taken } from './unique.ts'
import { blockedMoves, type Move } from './unique-moves.ts'
import { rowKey } from './work.ts'

/**
 * What of a plan may be written: a unique value that a row here holds becomes a conflict, as a device's does. A new row waits whole,
 * of another one only that column does. Conflicts that people have before them as they are, or settled so, are left out.
 */
export async function disputeUnique(step: Step, part: Part, set: Changeset): Promise<Changeset> {
  const { engine, link, run } = step
  const { table } = link
  const writes = table.unique.length === 0 ? [] : set.changes.filter(({ op }) => isWrite(op))
  if (writes.length === 0) return set
  const columns = table.unique.map(({ column }) => column)
  const wanted = { values: writes.map(({ after }) => pick(after, columns)), keys: [] }
  const found = await engine.database.batch(holderStatements(table, wanted))
  const blocked = blockedMoves(claimsOf(found.flatMap(({ rows }) => rows)), writes.map(moveOf))
  if (blocked.size === 0) return set
  const conflicts: ConflictRow[] = []
  const changes = set.changes.flatMap((change): Change[] => {
    const taken = isWrite(change.op) ? (blocked.get(rowKey(table.name, change.key)) ?? []) : []
    const [first] = taken
    if (!first) return [change]
    const comes = change.op === 'insert' || change.before?.deleted_at != null
    for (const one of comes ? [first] : taken)
      conflicts.push(conflictOf(link, run.scope, part, change, one, comes))
    return comes ? [] : without(change, taken)
  })
  return { ...set, changes, conflicts: [...set.conflicts, ...conflicts] }
}

/** Conflicts that are neither open with the same values nor settled so by a person. */
export async function newConflicts(
  { engine }: Step,
  conflicts: readonly ConflictRow[],
): Promise<ConflictRow[]> {
  const asked = conflicts.filter(({ kind }) => kind === 'merge' || kind === 'unique')
  if (asked.length === 0) return [...conflicts]
  const [found] = await engine.database.batch([
    {
      sql: `SELECT id, theirs FROM conflicts WHERE id IN (SELECT value FROM json_each(?1))
        AND (resolved_at IS NULL OR resolution IN ('rename_local', 'keep_local', 'keep_remote', 'merge'))`,
      params: [JSON.stringify(asked.map(({ id }) => id))],
    },
  ])
  const known = new Map((found?.rows ?? []).map(({ id, theirs }) => [String(id), theirs ?? null]))
  return conflicts.filter(({ id, theirs }) => !known.has(id) || known.get(id) !== theirs)
}

const moveOf = ({ table, key, op, before, after }: Change): Move => ({
  table,
  key,
  before: op === 'insert' ? null : before,
  after,
})

/** The change but for these columns; nothing where no other is left. */
function without(change: Change, taken: readonly Taken[]): Change[] {
  const names = new Set(taken.map(({ column }) => column))
  const columns = change.columns.filter((column) => !names.has(column))
  if (columns.length === 0) return []
  return [{ ...change, columns, after: { ...change.after, ...pick(change.before ?? {}, [...names]) } }]
}

function conflictOf(
  link: LinkDeclaration,
  scope: string,
  part: Part,
  { table, key, before, after, why }: Change,
  { column, holder }: Taken,
  comes: boolean,
): ConflictRow {
  const value = after[column] ?? null
  // All that the remote says of a new row: shown again, it is the same.
  const all = link.owns.filter((one) => one !== table.key && after[one] != null)
  const said = comes ? all : [column]
  return {
    id: `c_${digest(JSON.stringify([link.name, scope, 'unique', table.name, key, column]))}`,
    part: part.id,
    tbl: table.name,
    key,
    col: column,
    kind: 'unique',
    base: '{}',
    ours: JSON.stringify({ [column]: comes ? value : (before?.[column] ?? null) }),
    theirs: JSON.stringify(pick(after, said)),
    detail: `${comes ? 'insert' : 'update'}: Unique field '${column}' conflicts with existing remote document (${why[column]?.[0] ?? link.remote})`,
    recommendations: recommendationsFor(column, suggestion(table, column, { key, value, attempt: 0 })),
    op: comes ? 'insert' : 'update',
    holder,
    origin: link.remote,
  }
}

const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))
