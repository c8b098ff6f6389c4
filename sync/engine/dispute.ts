import type { Row, SqlValue } from '../../db/database.ts'
import type { MutationAnswer } from '../protocol/lane.ts'
import type { ConflictRow } from './changes.ts'
import { digest } from './digest.ts'
import type { Draft } from './draft.ts'
import type { EditInput } from './edit.ts'
import { recommendationsFor, suggestion } from './suggest.ts'
import type { Taken } from './unique.ts'

/** The edit that is disputed. */
export interface About extends Pick<EditInput, 'table' | 'edit' | 'origin' | 'claims'> {}

/** A column that no rule may settle. */
export interface Dispute {
  readonly column: string
  /** One of columns that are decided together */
  readonly whole?: boolean
  readonly conflict: string
  readonly recommendations: readonly string[]
}

/** One conflict a row, whatever the number of its columns. */
export function openMerge(
  draft: Draft,
  about: About,
  disputes: readonly Dispute[],
  row: Row,
  values: Row,
): MutationAnswer {
  const columns = disputes.map(({ column }) => column)
  return openConflict(draft, about, {
    kind: 'merge',
    col: columns.length === 1 ? (columns[0] ?? null) : null,
    op: 'update',
    detail: [...Map.groupBy(disputes, ({ conflict }) => conflict)].map(inWords).join('; '),
    base: pick(about.edit.base, columns),
    ours: pick(row, columns),
    theirs: pick(values, columns),
    recommendations: [...new Set(disputes.flatMap(({ recommendations }) => recommendations))],
  })
}

const inWords = ([why, of]: [string, Dispute[]]): string =>
  of.some(({ whole }) => whole) ? why : `${of.map(({ column }) => column).join(', ')}: ${why}`

/** Unique values that other rows hold. Whose they are, the conflict says to those only who may see these rows. */
export function openUnique(
  draft: Draft,
  about: About,
  taken: readonly [Taken, ...Taken[]],
  op: 'insert' | 'update',
  theirs: Row,
): MutationAnswer {
  const [{ column, holder }] = taken
  const columns = taken.map((each) => each.column)
  const value = theirs[column] ?? null
  return openConflict(draft, about, {
    kind: 'unique',
    col: column,
    op,
    holder,
    detail: `Unique field '${column}' conflicts with existing remote document`,
    base: pick(about.edit.base, columns),
    ours: op === 'insert' ? { [column]: value } : pick(draft.after, columns),
    theirs,
    recommendations: recommendationsFor(
      column,
      suggestion(about.table, column, { key: draft.key, value, attempt: 0 }),
    ),
  })
}

export function openConflict(
  draft: Draft,
  { table, edit, origin }: About,
  of: {
    readonly kind: string
    readonly col?: string | null
    readonly op: 'insert' | 'update' | 'delete'
    readonly holder?: string
    readonly detail: string
    readonly base: Row
    readonly ours: Row | null
    readonly theirs: Row | null
    readonly recommendations: readonly string[]
  },
): MutationAnswer {
  const theirs = of.theirs && JSON.stringify(of.theirs)
  // Said again, by whomever and under whichever number, it is the same question. A row asks for one value of a unique column.
  const question = of.kind !== 'unique' ? theirs : of.op === 'insert' ? 'insert' : of.col
  const id = `c_${digest(JSON.stringify([table.name, draft.key, of.kind, question ?? null]))}`
  const conflict: ConflictRow = {
    id,
    part: null,
    tbl: table.name,
    key: draft.key,
    col: of.col ?? null,
    kind: of.kind,
    base: JSON.stringify(of.base),
    ours: of.ours && JSON.stringify(of.ours),
    theirs,
    detail: `${edit.op}: ${of.detail} (${origin})`,
    recommendations: of.recommendations,
    op: of.op,
    ...(of.holder !== undefined && { holder: of.holder }),
    origin,
    saidAt: edit.at,
  }
  const at = draft.conflicts.findIndex((open) => open.id === id)
  if (at < 0) draft.conflicts.push(conflict)
  else draft.conflicts[at] = conflict
  // It stays in the history too, and the row is in the feed again: the device may have it otherwise.
  for (const [column, value] of Object.entries(of.theirs ?? { deleted_at: 1 }))
    draft.refused[column] = { value, origin, rule: 'conflict' }
  return { status: 'conflict', reason: of.detail, conflict: id }
}

export const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(
    columns.flatMap((column): [string, SqlValue][] => (column in row ? [[column, row[column] ?? null]] : [])),
  )
