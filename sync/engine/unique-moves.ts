import type { Row } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'
import { type Claims, claim, claimedBy, type Taken } from './unique.ts'
import { rowKey } from './work.ts'

/** A row that would change, come or go; null: no live row. */
export interface Move {
  readonly table: TableDeclaration
  readonly key: string
  readonly before: Row | null
  readonly after: Row | null
}

/**
 * Rows that would all move at once: gives up the unique values that they leave, and answers by row which of their new values they
 * can't have, because a row that stays holds it, or one that is first. Who can't move keeps what he had, and so blocks others.
 */
export function blockedMoves(claims: Claims, moves: readonly Move[]): Map<string, Taken[]> {
  const steps = moves.flatMap(({ table, key, before, after }) =>
    table.unique.flatMap((unique) => {
      const [old, now] = [claimedBy(unique, before), claimedBy(unique, after)]
      const named = (value: string | null) => (value === null ? null : claim(table, unique, value))
      return old === now ? [] : [{ table, key, column: unique.column, old: named(old), now: named(now) }]
    }),
  )
  for (const { key, old } of steps) if (old !== null && claims.get(old) === key) claims.delete(old)
  const wanted = new Map<string, typeof steps>()
  for (const step of steps)
    if (step.now !== null) wanted.set(step.now, [...(wanted.get(step.now) ?? []), step])
  const stays = [...wanted].flatMap(([name, by]) => {
    const holder = claims.get(name)
    const first = by.find(({ key }) => key === holder) ?? by[0]
    return by.flatMap((step) =>
      holder !== undefined && holder !== step.key
        ? [{ step, holder }]
        : step === first
          ? []
          : [{ step, holder: String(first?.key) }],
    )
  })
  const blocked = new Map<string, Taken[]>()
  const done = new Set<(typeof steps)[number]>()
  for (const { step, holder } of stays) {
    if (done.has(step)) continue
    done.add(step)
    const id = rowKey(step.table.name, step.key)
    blocked.set(id, [...(blocked.get(id) ?? []), { column: step.column, holder }])
    if (step.old === null) continue
    claims.set(step.old, step.key)
    for (const other of wanted.get(step.old) ?? [])
      if (other.key !== step.key) stays.push({ step: other, holder: step.key })
  }
  return blocked
}
