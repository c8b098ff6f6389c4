import type { Row, SqlValue } from '../../db/database.ts'
import type { Mutation, MutationAnswer } from '../protocol/lane.ts'
import type { Decision, DeviceDeclaration, EditContext, TableDeclaration } from './declare.ts'
import { type About, type Dispute, openConflict, openMerge, openUnique, pick } from './dispute.ts'
import { type Draft, settle } from './draft.ts'
import { type Claims, type Taken, takenOf } from './unique.ts'
import { wrongValue } from './wrong-value.ts'

export type Edit = Extract<Mutation, { type: 'edit' }>

/** What an edit is judged with beside the draft of its row. */
export interface EditInput {
  readonly table: TableDeclaration & { readonly device: DeviceDeclaration }
  readonly edit: Edit
  readonly origin: string
  readonly context: Pick<EditContext, 'now' | 'actor' | 'config'>
  /** Who holds the unique values that the edit names */
  readonly claims: Claims
}

/**
 * Merges a device's edit into the draft of its row. Pure but for the draft. Nothing that was said is dropped: it is in the
 * row, or in the history as refused by a named rule, or in a conflict, or rejected with the reason.
 */
export function judgeEdit(draft: Draft, { table, edit, origin, context, claims }: EditInput): MutationAnswer {
  const { device } = table
  const wrong = wrongValue(device, edit.values)
  if (wrong !== null) return { status: 'rejected', reason: wrong }
  const there = draft.before !== null || Object.keys(draft.why).length > 0
  const row = there && draft.after.deleted_at == null ? { ...draft.after } : null
  const of: EditContext = { ...context, key: draft.key, at: edit.at, row, base: { ...edit.base } }
  const about = { table, edit, origin, claims }
  if (edit.op === 'delete') return remove(draft, about, of)
  if (row === null && edit.op === 'update') {
    if (!there) return { status: 'rejected', reason: `${device.label} has no row ${edit.key}` }
    // Nothing was said, so nothing waits.
    if (Object.keys(edit.values).length === 0) return { status: 'applied' }
    const detail = 'it was deleted meanwhile'
    return openConflict(draft, about, {
      kind: 'deleted',
      op: 'update',
      detail,
      base: edit.base,
      ours: null,
      theirs: edit.values,
      recommendations: ['Bring the row back with this edit, or let the edit go.'],
    })
  }
  const admitted = device.admit({ ...edit.values }, of)
  if ('reject' in admitted) return { status: 'rejected', reason: admitted.reject }
  const { values } = admitted
  const unknown = Object.keys(values).find((column) => !table.merge[column])
  if (unknown !== undefined) throw new Error(`${table.name}.${unknown} has no merge rule`)
  const answer = merge(draft, about, of, values, row)
  if (there && row === null && answer.status !== 'conflict') revive(draft, origin)
  return answer
}

function merge(draft: Draft, about: About, of: EditContext, values: Row, row: Row | null): MutationAnswer {
  const { table, edit, origin, claims } = about
  const taken = takenOf(
    claims,
    table,
    draft.key,
    row === null ? { ...draft.after, ...values } : values,
  ).filter(({ column }) => !draft.pins.has(column))
  const [first, ...more] = taken
  // A new row has no place beside the one that holds its value: all of it waits.
  if (row === null && first) return openUnique(draft, about, [first, ...more], 'insert', edit.values)
  const one = table.device.together?.by.some((column) => column in values) ? table.device.together : undefined
  const grouped = one && row ? one.decide(values, { ...of, row }) : null
  const rules = new Set<string>()
  const disputes: Dispute[] = []
  const unique: Taken[] = []
  if (grouped && 'conflict' in grouped && one)
    disputes.push(...one.columns.map((column) => ({ ...grouped, column, whole: true })))
  const said = Object.keys(edit.values).filter((column) => column in values)
  const implied = Object.keys(values).filter((column) => !(column in edit.values))
  for (const column of [...said, ...implied]) {
    const value = values[column] ?? null
    const isGrouped = grouped !== null && one?.columns.includes(column)
    if (isGrouped && 'conflict' in grouped) continue
    // What an edit implies is moot where nothing of it changed the row.
    const isMoot =
      row !== null &&
      said.length > 0 &&
      said.every((each) => (draft.after[each] ?? null) === (row[each] ?? null))
    if (!isGrouped && isMoot && !(column in edit.values)) continue
    const ours = draft.after[column] ?? null
    const pin = draft.pins.get(column)
    const decision: Decision = pin
      ? { take: value === pin.value, rule: 'pin' }
      : ((isGrouped ? grouped : null) ?? decide(about, of, row, column, values))
    if ('conflict' in decision) {
      disputes.push({ ...decision, column })
      continue
    }
    const holder = taken.find((each) => each.column === column)
    if (decision.take && holder && value !== ours) {
      unique.push(holder)
      continue
    }
    const kept = pin
      ? pin.value
      : 'value' in decision
        ? (decision.value as SqlValue)
        : decision.take
          ? value
          : ours
    settle(draft, column, { value, origin }, kept, pin ? `pin by ${pin.actor}` : origin, decision.rule)
    const refused = draft.refused[column]
    // What follows from an edit was not said.
    if (refused && column in edit.values) rules.add(refused.rule)
    else delete draft.refused[column]
  }
  const standing = standingOf(draft, table, edit.values, row)
  for (const { column } of unique) delete standing[column]
  const clash = disputes.length === 0 ? null : openMerge(draft, about, disputes, row ?? {}, values)
  const set = Object.keys(standing).length > 0 && { set: standing }
  const [held, ...others] = unique
  const own = unique.map(({ column }) => column)
  const open = held ? openUnique(draft, about, [held, ...others], 'update', pick(values, own)) : clash
  if (open) return { ...open, ...set }
  if (rules.size === 0) return { status: 'applied', ...set }
  return { status: 'merged', reason: `kept by ${[...rules].join(', ')}`, ...set }
}

/** By the table's rule; where that can't say, by what the declaration says of columns changed on both sides. */
function decide(
  { table, edit }: About,
  of: EditContext,
  row: Row | null,
  column: string,
  values: Row,
): Decision & { readonly value?: SqlValue } {
  const rule = table.merge[column]
  if (!rule) throw new Error(`${table.name}.${column} has no merge rule, and nothing may propose it`)
  const theirs = values[column] ?? null
  const verdict = rule.merge({
    ours: row?.[column] ?? null,
    theirs,
    theirRow: values,
    ourRow: row,
    // Where there is no row, nothing of it can have been changed meanwhile.
    ...(row && column in edit.base && { base: edit.base[column] ?? null }),
  })
  if (!('conflict' in verdict))
    return { take: verdict.value === theirs, value: verdict.value, rule: rule.name }
  const said = row && table.device.disputed?.(column, values, { ...of, row })
  return said ?? { conflict: verdict.conflict, recommendations: [] }
}

/** Deletes a row unless a person must say. What is gone already stays gone. */
function remove(draft: Draft, about: About, of: EditContext): MutationAnswer {
  const { table, edit, origin } = about
  if (of.row === null) return { status: 'applied' }
  const held = table.device.holds(of.row, of)
  if (held === null) {
    draft.after.deleted_at = of.now
    draft.why.deleted_at = [origin, 'deleted']
    return { status: 'applied' }
  }
  const conflict = openConflict(draft, about, {
    kind: 'delete',
    op: 'delete',
    detail: held,
    base: edit.base,
    ours: pick(of.row, Object.keys(table.device.columns)),
    theirs: null,
    recommendations: ['Delete the row, or keep it.'],
  })
  return { ...conflict, set: pick(of.row, Object.keys(table.device.columns)) }
}

function revive(draft: Draft, origin: string): void {
  draft.after.deleted_at = null
  draft.why.deleted_at = [origin, 'returned']
}

/** What the device must take over: columns that stand otherwise than it said, and those that its edit moved beside. */
function standingOf(draft: Draft, table: About['table'], said: Row, before: Row | null): Row {
  const set: Row = {}
  for (const column of Object.keys(table.device.columns)) {
    const now = draft.after[column] ?? null
    const moved = column in said || now !== (before?.[column] ?? null)
    if (moved && now !== (said[column] ?? null)) set[column] = now
  }
  return set
}
