import type { Row, SqlValue } from '../../db/database.ts'
import type { Change, ConflictRow, PinRow } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'

/** A row while proposals are merged into it, one after the other. */
export interface Draft {
  readonly key: string
  readonly before: Row | null
  readonly after: Row
  readonly why: Record<string, readonly [string, string]>
  readonly refused: Record<string, { value: SqlValue; origin: string; rule: string }>
  readonly conflicts: ConflictRow[]
  readonly pins: ReadonlyMap<string, PinRow>
}

/** A draft of a stored row, or of a new one (`before` null, all columns null). */
export function draftOf(
  table: TableDeclaration,
  key: string,
  before: Row | null,
  pins: ReadonlyMap<string, PinRow> = new Map(),
): Draft {
  const after: Row = before ? { ...before } : {}
  if (!before) for (const column of table.columns) after[column] = null
  after[table.key] = key
  return { key, before, after, why: {}, refused: {}, conflicts: [], pins }
}

/** The row as a proposal finds it, for all of the proposal's values; null where there is none yet. */
export const standing = ({ before, after, why }: Draft): Row | null =>
  before === null && Object.keys(why).length === 0 ? null : { ...after }

/**
 * Merges one proposed value into a draft, by the pin if there is one, else by the table's rule. A proposal that
 * was not taken is kept in `refused` (DESIGN §9, "Owns means: may propose").
 */
export function propose(
  draft: Draft,
  table: TableDeclaration,
  proposal: {
    column: string
    value: SqlValue
    /** The row that the proposal is part of */
    row: Row
    /** The row that it found (`standing`) */
    found: Row | null
    origin: string
    base?: SqlValue
    part: string | null
    scopeKey: string
  },
): void {
  const { column, value, row, origin } = proposal
  const ours = draft.after[column] ?? null
  const rule = table.merge[column]
  if (!rule) throw new Error(`${table.name}.${column} has no merge rule, and nothing may propose it`)
  const pin = draft.pins.get(column)
  const verdict = pin
    ? { value: pin.value }
    : rule.merge({
        ours,
        theirs: value,
        theirRow: row,
        ourRow: proposal.found,
        ...(proposal.base === undefined ? {} : { base: proposal.base }),
      })
  const by = pin ? 'pin' : rule.name
  if ('conflict' in verdict) {
    draft.conflicts.push({
      id: `c_${digest(`${proposal.scopeKey}|${table.name}|${draft.key}|${column}`)}`,
      part: proposal.part,
      tbl: table.name,
      key: draft.key,
      col: column,
      kind: 'merge',
      base: proposal.base ?? null,
      ours,
      theirs: value,
      detail: `${column}: ${verdict.conflict} (${origin})`,
      recommendations: [],
    })
    return
  }
  settle(draft, column, { value, origin }, verdict.value, pin ? `pin by ${pin.actor}` : origin, by)
}

/** Writes down what became of a proposed value: `kept` stands from now on, from where and by which rule. */
export function settle(
  draft: Draft,
  column: string,
  proposed: { readonly value: SqlValue; readonly origin: string },
  kept: SqlValue,
  from: string,
  rule: string,
): void {
  if (kept !== (draft.after[column] ?? null)) {
    draft.after[column] = kept
    draft.why[column] = [from, rule]
  }
  if (kept !== proposed.value) draft.refused[column] = { ...proposed, rule }
  else delete draft.refused[column]
}

const opOf = ({ before, after }: Draft): Change['op'] =>
  before === null ? 'insert' : before.deleted_at == null && after.deleted_at != null ? 'delete' : 'update'

/** What a draft came to: an insert or update if anything changed, and a record of what was refused. */
export function changesOf(draft: Draft, table: TableDeclaration): Change[] {
  const changes: Change[] = []
  const columns = Object.keys(draft.why).filter((c) => (draft.before?.[c] ?? null) !== draft.after[c])
  // A new row that waits for a person is not here yet, and one that was only looked at never will be.
  const said = Object.keys(draft.why).length > 0
  const waits = draft.before === null && columns.length === 0 && (draft.conflicts.length > 0 || !said)
  if (!waits && (draft.before === null || columns.length > 0)) {
    changes.push({
      table,
      key: draft.key,
      op: opOf(draft),
      before: draft.before,
      after: draft.after,
      columns,
      why: draft.why,
    })
  }
  const refused = Object.entries(draft.refused)
  if (refused.length > 0) {
    changes.push({
      table,
      key: draft.key,
      op: 'refuse',
      before: draft.after,
      after: Object.fromEntries(refused.map(([column, r]) => [column, r.value])),
      columns: refused.map(([column]) => column),
      why: Object.fromEntries(refused.map(([column, r]) => [column, [r.origin, r.rule] as const])),
    })
  }
  return changes
}
