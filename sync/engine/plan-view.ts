import type { Plan } from '../protocol/lane.ts'
import type { Change, Changeset } from './changes.ts'
import type { LinkDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { ownerOf } from './pin-owned.ts'
import type { Skip } from './undo.ts'

type PlannedChange = Plan['changes'][number]

/** Columns that hold when something is done: what is planned now is done later. */
const TIMES = new Set(['deleted_at', 'edited_at'])

/** A changeset as people are shown it. What is the same to them has the same digest. */
export function planOf(
  lane: string,
  { changes, conflicts, settled = [] }: Changeset,
  skips: readonly Skip[],
  links: readonly LinkDeclaration[],
): Plan {
  const pinned = new Set(
    changes.filter(({ op }) => op === 'pin').map(({ table, key }) => `${table.name}|${key}`),
  )
  const shown: Omit<Plan, 'digest'> = {
    lane,
    changes: changes.flatMap(changeOf),
    settles: settled.map(({ id, resolution }) => ({ conflict: id, strategy: resolution ?? 'reopen' })),
    opens: conflicts.map(({ id, tbl, key, kind, detail }) => ({
      conflict: id,
      table: tbl,
      key,
      kind,
      detail,
    })),
    skips: [...skips],
    offers: changes.flatMap(({ table, key, op, columns }) =>
      op !== 'update' || pinned.has(`${table.name}|${key}`)
        ? []
        : columns.flatMap((column) => {
            const link = ownerOf(links, table.name, column)
            return link ? [{ table: table.name, key, column, link: link.name }] : []
          }),
    ),
  }
  return { ...shown, digest: digest(JSON.stringify(shown)) }
}

function changeOf({ table, key, op, before, after, columns }: Change): PlannedChange[] {
  if (op === 'resolve' || op === 'reopen') return []
  const wasGone = before?.deleted_at != null
  const isGone = after.deleted_at != null
  const shownAs = op === 'update' && wasGone && !isGone ? 'insert' : op === 'insert' && isGone ? 'delete' : op
  return [
    {
      table: table.name,
      key,
      op: shownAs,
      columns: Object.fromEntries(
        columns
          .filter((column) => !TIMES.has(column))
          .map((column) => [column, { before: before?.[column] ?? null, after: after[column] ?? null }]),
      ),
    },
  ]
}
