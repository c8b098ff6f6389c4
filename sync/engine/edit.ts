import type { Row, SqlValue } from '../../db/database.ts'
import type { Mutation, MutationAnswer } from '../protocol/lane.ts'
import type { ConflictRow } from './changes.ts'
import type { Decision, DeviceColumn, DeviceDeclaration, EditContext, TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { type Draft, settle } from './draft.ts'
import { recommendationsFor, suggestion } from './suggest.ts'
import { type Claims, type Taken, takenOf } from './unique.ts'

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

interface About extends Pick<EditInput, 'table' | 'edit' | 'origin' | 'claims'> {}

function merge(draft: Draft, about: About, of: EditContext, values: Row, row: Row | null): MutationAnswer {
  const { table, edit, origin, claims } = about
  const taken = takenOf(
    claims,
    table,
    draft.key,
    row === null ? { ...draft.after, ...values } : values,
  ).filter(({ column }) => !draft.pins.has(column))
  const [first] = taken
  // A new row has no place beside the one that holds its value: all of it waits.
  if (row === null && first) return openUnique(draft, about, first, 'insert', edit.values)
  const one = table.device.together?.by.some((column) => column in values) ? table.device.together : undefined
  const grouped = one && row ? one.decide(values, { ...of, row }) : null
  const rules = new Set<string>()
  const disputes: Dispute[] = []
  const unique: MutationAnswer[] = []
  if (grouped && 'conflict' in grouped && one)
    disputes.push(...one.columns.map((column) => ({ ...grouped, column, whole: true })))
  const own = new Set<string>()
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
      unique.push(openUnique(draft, about, holder, 'update', { [column]: value }))
      own.add(column)
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
  for (const column of own) delete standing[column]
  const clash = disputes.length === 0 ? null : openMerge(draft, about, disputes, row ?? {}, values)
  const set = Object.keys(standing).length > 0 && { set: standing }
  const [open = clash] = unique
  if (open) return { ...open, ...set }
  if (rules.size === 0) return { status: 'applied', ...set }
  return { status: 'merged', reason: `kept by ${[...rules].join(', ')}`, ...set }
}

interface Dispute {
  readonly column: string
  /** One of columns that are decided together */
  readonly whole?: boolean
  readonly conflict: string
  readonly recommendations: readonly string[]
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

/** One conflict a row, whatever the number of its columns. */
function openMerge(
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

/** A unique value that another row holds. Whose it is, the conflict says to those only who may see that row. */
function openUnique(
  draft: Draft,
  about: About,
  { column, holder }: Taken,
  op: 'insert' | 'update',
  theirs: Row,
): MutationAnswer {
  const value = theirs[column] ?? null
  return openConflict(draft, about, {
    kind: 'unique',
    col: column,
    op,
    holder,
    detail: `Unique field '${column}' conflicts with existing remote document`,
    base: pick(about.edit.base, [column]),
    ours: { [column]: op === 'insert' ? value : (draft.after[column] ?? null) },
    theirs,
    recommendations: recommendationsFor(column, suggestion(draft.key, value, 0)),
  })
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

function openConflict(
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
  const question = of.kind === 'unique' ? of.col : theirs
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
export function wrongValue({ columns, label }: DeviceDeclaration, values: Row): string | null {
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
