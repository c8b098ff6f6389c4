import type { Mutation } from '../protocol/lane.ts'
import type { TableDeclaration, UniqueColumn } from './declare.ts'
import type { Facts } from './facts.ts'
import { claim, claimedBy } from './unique.ts'
import { liveRow, rowKey, type Work } from './work.ts'

/** A unique value that a row holds, and that a later edit of the same push says it gives up. */
interface Promised {
  readonly table: TableDeclaration
  readonly unique: UniqueColumn
  readonly id: string
  readonly key: string
  readonly held: string
}

/** Rounds of a push that is judged again because a promise was not kept; after them nothing is taken for promised */
const ROUNDS = 3

/**
 * Judges edits as one step: a value that any of them gives up is free for all of them, whatever their order, so that names may go
 * round. Where an edit that should give one up was not taken, and somebody else took its value, they are judged again without it.
 */
export function judgeTogether<W extends Work, T>(
  tables: ReadonlyMap<string, TableDeclaration>,
  facts: Facts,
  mutations: readonly Mutation[],
  judge: (claims: Facts['claims']) => { readonly work: W; readonly fit: T },
): { readonly work: W; readonly fit: T } {
  let promised = promisesOf(tables, facts, mutations)
  for (let round = 0; promised.length > 0 && round < ROUNDS; round++) {
    const claims = new Map(facts.claims)
    for (const { table, unique, held } of promised) claims.delete(claim(table, unique, held))
    const judged = judge(claims)
    const broken = new Set(promised.filter((one) => isBroken(judged.work, one)).map(({ id }) => id))
    if (broken.size === 0) return judged
    promised = promised.filter(({ id }) => !broken.has(id))
  }
  return judge(facts.claims)
}

function promisesOf(
  tables: ReadonlyMap<string, TableDeclaration>,
  { rows }: Facts,
  mutations: readonly Mutation[],
): Promised[] {
  return mutations.flatMap((said) => {
    const table = tables.get(said.table)
    if (said.type !== 'edit' || !table) return []
    const key = table.device?.key(said.key) ?? null
    const row = key === null ? undefined : rows.get(rowKey(table.name, key))
    if (key === null || !row) return []
    return table.unique.flatMap((unique): Promised[] => {
      const held = claimedBy(unique, row)
      const { column, fold } = unique
      const gives =
        said.op === 'delete' || (column in said.values && fold(said.values[column] ?? null) !== held)
      return held === null || !gives ? [] : [{ table, unique, id: rowKey(table.name, key), key, held }]
    })
  })
}

/** The row holds the value after all, and so does another one. */
function isBroken({ drafts, claims }: Work, { table, unique, id, key, held }: Promised): boolean {
  const draft = drafts.get(id)?.draft
  const holder = claims.get(claim(table, unique, held))
  return (
    draft !== undefined &&
    claimedBy(unique, liveRow(draft)) === held &&
    holder !== undefined &&
    holder !== key
  )
}
