import type { Row, SqlValue } from '../../db/database.ts'
import type { Mutation, MutationAnswer } from '../protocol/lane.ts'
import type { ConflictRow } from './changes.ts'
import type { DeviceColumn, DeviceDeclaration, EditContext, TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { type Draft, propose, settle } from './draft.ts'

export type Edit = Extract<Mutation, { type: 'edit' }>

/** What an edit is judged with beside the draft of its row. */
export interface EditInput {
  readonly table: TableDeclaration & { readonly device: DeviceDeclaration }
  readonly edit: Edit
  readonly origin: string
  readonly context: Pick<EditContext, 'now' | 'actor' | 'config'>
}

/**
 * Merges a device's edit into the draft of its row. Pure but for the draft. Nothing that was said is dropped: it is in the
 * row, or in the history as refused by a named rule, or in a conflict, or rejected with the reason.
 */
export function judgeEdit(draft: Draft, { table, edit, origin, context }: EditInput): MutationAnswer {
  const { device } = table
  const wrong = wrongValue(device, edit.values)
  if (wrong !== null) return { status: 'rejected', reason: wrong }
  const there = draft.before !== null || Object.keys(draft.why).length > 0
  const row = there && draft.after.deleted_at == null ? { ...draft.after } : null
  const of: EditContext = { ...context, key: draft.key, at: edit.at, row, base: { ...edit.base } }
  const about = { table, edit, origin }
  if (edit.op === 'delete') return remove(draft, about, of)
  if (row === null && edit.op === 'update') {
    if (!there) return { status: 'rejected', reason: `${device.label} has no row ${edit.key}` }
    const detail = 'it was deleted meanwhile'
    return openConflict(draft, about, {
      kind: 'deleted',
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
  if (there && row === null) revive(draft, origin)
  return merge(draft, about, of, values, row)
}

interface About extends Pick<EditInput, 'table' | 'edit' | 'origin'> {}

function merge(draft: Draft, about: About, of: EditContext, values: Row, row: Row | null): MutationAnswer {
  const { table, edit, origin } = about
  const together = table.device.together
  const one = together?.by.some((column) => column in values) ? together : undefined
  const decision = one && row ? one.decide(values, { ...of, row }) : null
  const clash =
    decision && 'conflict' in decision
      ? openConflict(draft, about, {
          kind: 'merge',
          detail: decision.conflict,
          base: pick(edit.base, one?.columns ?? []),
          ours: pick(row ?? {}, one?.columns ?? []),
          theirs: pick(values, one?.columns ?? []),
          recommendations: decision.recommendations,
        })
      : null
  const rules = new Set<string>()
  const open = draft.conflicts.length
  for (const [column, value] of Object.entries(values)) {
    const grouped = decision !== null && one?.columns.includes(column)
    if (grouped && clash) continue
    const pin = draft.pins.get(column)
    if (grouped && !pin && 'take' in decision) {
      const ours = draft.after[column] ?? null
      settle(draft, column, { value, origin }, decision.take ? value : ours, origin, decision.rule)
    } else
      propose(draft, table, {
        column,
        value,
        row: values,
        found: row,
        origin,
        ...(column in edit.base && { base: edit.base[column] ?? null }),
        part: null,
        scopeKey: `edit ${JSON.stringify(value)}`,
      })
    const refused = draft.refused[column]
    if (refused) rules.add(refused.rule)
  }
  const standing = standingOf(draft, table, edit.values, row)
  const set = Object.keys(standing).length > 0 && { set: standing }
  if (clash) return { ...clash, ...set }
  const [unsettled] = draft.conflicts.slice(open)
  if (unsettled) return { status: 'conflict', reason: unsettled.detail, conflict: unsettled.id, ...set }
  if (rules.size === 0) return { status: 'applied', ...set }
  return { status: 'merged', reason: `kept by ${[...rules].join(', ')}`, ...set }
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

function openConflict(
  draft: Draft,
  { table, edit, origin }: About,
  of: {
    readonly kind: string
    readonly detail: string
    readonly base: Row
    readonly ours: Row | null
    readonly theirs: Row | null
    readonly recommendations: readonly string[]
  },
): MutationAnswer {
  const theirs = of.theirs && JSON.stringify(of.theirs)
  // Said again, by whomever and under whichever number, it is the same question.
  const id = `c_${digest(JSON.stringify([table.name, draft.key, of.kind, theirs]))}`
  const conflict: ConflictRow = {
    id,
    part: null,
    tbl: table.name,
    key: draft.key,
    col: null,
    kind: of.kind,
    base: JSON.stringify(of.base),
    ours: of.ours && JSON.stringify(of.ours),
    theirs,
    detail: `${edit.op}: ${of.detail} (${origin})`,
    recommendations: of.recommendations,
  }
  if (!draft.conflicts.some((open) => open.id === id)) draft.conflicts.push(conflict)
  // It stays in the history too, and the row is in the feed again: the device may have it otherwise.
  for (const [column, value] of Object.entries(of.theirs ?? { deleted_at: 1 }))
    draft.refused[column] = { value, origin, rule: 'conflict' }
  return { status: 'conflict', reason: of.detail, conflict: id }
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

/** Why the values can't be stored; null: they can. */
function wrongValue({ columns, label }: DeviceDeclaration, values: Row): string | null {
  for (const [name, value] of Object.entries(values)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (!column) return `${label} has no column ${name}`
    if (!column.write) return `${name} can't be set`
    const wrong = value === null ? (column.required ? 'it is never empty' : null) : wrongScalar(column, value)
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}

const LONGEST = 20_000

function wrongScalar({ type, max = LONGEST, values }: DeviceColumn, value: SqlValue): string | null {
  if (type === 'text' || type === 'url') {
    if (typeof value !== 'string') return `${shortened(JSON.stringify(value))} is not a text`
    if (value.length > max) return `a text of ${value.length} characters; at most ${max}`
    if (!value.isWellFormed()) return 'a text with half a character'
    if (type === 'url' && !isWebAddress(value)) return `"${shortened(value)}" is not an address`
    return values && !values.includes(value) ? `"${shortened(value)}" is none of ${values.join(', ')}` : null
  }
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `${shortened(JSON.stringify(value))} is not a number`
  if (type !== 'real' && !Number.isSafeInteger(value)) return `${value} is not a whole number`
  return type === 'time' && (value < FIRST_TIME || value > LAST_TIME) ? `${value} is not a time` : null
}

/** What somebody sent, as an answer quotes it: answers are kept, and a thousand of them fit into one row. */
export const shortened = (text: string, most = 100): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

/** Milliseconds of the first and the last time that ISO-8601 writes with four digits of a year. */
const FIRST_TIME = -62_167_219_200_000
const LAST_TIME = 253_402_300_799_999

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}

const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(
    columns.flatMap((column): [string, SqlValue][] => (column in row ? [[column, row[column] ?? null]] : [])),
  )
