import type { Row, SqlValue } from '../../db/database.ts'
import type { Mutation, MutationAnswer, Push } from '../protocol/lane.ts'
import type { Change, PinChange, PinRow } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { type Draft, draftOf, propose, standing } from './draft.ts'
import { type Edit, judgeEdit } from './edit.ts'

/** A push while it is judged: what was read, and what came of its mutations so far. */
export interface Work {
  readonly tables: ReadonlyMap<string, TableDeclaration>
  readonly rows: ReadonlyMap<string, Row>
  readonly pins: Map<string, Map<string, PinRow>>
  /** What an operator set, by key */
  readonly config: ReadonlyMap<string, unknown>
  readonly drafts: Map<string, { draft: Draft; table: TableDeclaration }>
  readonly changes: Change[]
  readonly pinChanges: PinChange[]
  readonly push: Push
  readonly now: number
}

/** Names a row of any table. */
export const rowKey = (table: string, key: string) => `${table}|${key}`

/** What becomes of one mutation. Pure but for the work, which it adds to. */
export function judge(work: Work, mutation: Mutation): MutationAnswer {
  if (mutation.type === 'unread') return { status: 'rejected', reason: mutation.reason }
  const table = work.tables.get(mutation.table)
  if (!table) return { status: 'rejected', reason: `${mutation.table} is not a synced table` }
  if (mutation.type === 'edit') return judgeDeviceEdit(work, table, mutation)
  if (mutation.type === 'propose') return judgeProposal(work, table, mutation)
  const id = rowKey(table.name, mutation.key)
  const row = work.rows.get(id)
  if (!row || row.deleted_at != null)
    return { status: 'rejected', reason: `${table.name} has no row ${mutation.key}` }
  if (!table.merge[mutation.column])
    return { status: 'rejected', reason: `${mutation.column} can't be pinned` }
  const present = work.pins.get(id)?.get(mutation.column)
  if (mutation.type === 'unpin') {
    if (!present) return { status: 'unchanged' }
    work.pinChanges.push({ op: 'release', pin: present })
    work.pins.get(id)?.delete(mutation.column)
    work.changes.push(pinChange(work, table, mutation.key, row, present, null))
    return { status: 'applied' }
  }
  const draft = draftFor(work, table, mutation.key)
  const value = mutation.value === undefined ? (draft.after[mutation.column] ?? null) : mutation.value
  if (value === null) return { status: 'rejected', reason: `${mutation.column} has no value to pin` }
  const pin: PinRow = {
    tbl: table.name,
    key: mutation.key,
    col: mutation.column,
    value,
    source: 'api',
    actor: work.push.actor,
    note: mutation.note,
    until: mutation.until,
    at: work.now,
  }
  if (
    present?.source === 'api' &&
    present.value === value &&
    present.note === pin.note &&
    present.until === pin.until
  )
    return { status: 'unchanged' }
  const pins = work.pins.get(id) ?? new Map<string, PinRow>()
  work.pins.set(id, pins.set(mutation.column, pin))
  ;(draft.pins as Map<string, PinRow>).set(mutation.column, pin)
  propose(draft, table, {
    column: mutation.column,
    value,
    row: { [mutation.column]: value },
    found: standing(draft),
    origin: `pin by ${work.push.actor}`,
    part: null,
    scopeKey: 'push',
  })
  work.pinChanges.push({ op: 'set', pin })
  work.changes.push(pinChange(work, table, mutation.key, row, present ?? null, pin))
  return { status: 'applied' }
}

function judgeDeviceEdit(work: Work, table: TableDeclaration, edit: Edit): MutationAnswer {
  const { device: declared } = table
  const { origin } = work.push
  if (!declared) return { status: 'rejected', reason: `${table.name} is not a table that devices keep` }
  const key = declared.key(edit.key)
  if (key === null) return { status: 'rejected', reason: `"${edit.key.slice(0, 100)}" can't name a row` }
  const known = work.drafts.has(rowKey(table.name, key)) || work.rows.has(rowKey(table.name, key))
  const draft = draftFor(work, table, key)
  const earlier = saidSoFar(draft, origin)
  const answer = judgeEdit(draft, {
    table: { ...table, device: declared },
    edit,
    origin,
    context: {
      now: work.now,
      actor: work.push.actor,
      config: declared.config === undefined ? null : (work.config.get(declared.config) ?? null),
    },
  })
  keepOvertaken(work, table, draft, earlier)
  // A row that was not made is not one that is empty.
  if (!known && Object.keys(draft.why).length === 0) work.drafts.delete(rowKey(table.name, key))
  return key === edit.key ? answer : { ...answer, key }
}

interface Said {
  readonly column: string
  readonly value: SqlValue
  readonly why: readonly [origin: string, rule: string]
}

/** What the edits of a push said of a row so far: taken, to be overtaken by a later one, or refused. */
const saidSoFar = ({ why, after, refused }: Draft, origin: string): Said[] => [
  ...Object.keys(why).map(
    (column): Said => ({
      column,
      value: after[column] ?? null,
      why: [origin, 'later edit'],
    }),
  ),
  ...Object.entries(refused).map(
    ([column, { value, origin, rule }]): Said => ({ column, value, why: [origin, rule] }),
  ),
]

/** What the draft has forgotten of that was acknowledged, so it stays in the history. */
function keepOvertaken(
  { changes }: Work,
  table: TableDeclaration,
  { key, after, refused }: Draft,
  earlier: readonly Said[],
): void {
  for (const { column, value, why } of earlier) {
    if (value === (after[column] ?? null) || value === refused[column]?.value) continue
    changes.push({
      table,
      key,
      op: 'refuse',
      before: { ...after },
      after: { [column]: value },
      columns: [column],
      why: { [column]: why },
    })
  }
}

function judgeProposal(
  work: Work,
  table: TableDeclaration,
  mutation: Extract<Mutation, { type: 'propose' }>,
): MutationAnswer {
  const unknown = Object.keys(mutation.values).filter((column) => !table.merge[column])
  if (unknown.length > 0) return { status: 'rejected', reason: `${unknown.join(', ')} can't be set` }
  const draft = draftFor(work, table, mutation.key)
  const found = standing(draft)
  const before = JSON.stringify(draft.after)
  const row: Row = { ...mutation.values }
  const { origin } = work.push
  for (const [column, value] of Object.entries(mutation.values))
    propose(draft, table, { column, value, row, found, origin, part: null, scopeKey: 'push' })
  if (found !== null && JSON.stringify(draft.after) === before) {
    const same = Object.entries(mutation.values).every(([column, value]) => draft.after[column] === value)
    const rule = Object.values(draft.refused)[0]?.rule
    return same ? { status: 'unchanged' } : { status: 'superseded', reason: `kept by ${rule}` }
  }
  return { status: 'applied' }
}

function draftFor(work: Work, table: TableDeclaration, key: string): Draft {
  const id = rowKey(table.name, key)
  const found =
    work.drafts.get(id)?.draft ?? draftOf(table, key, work.rows.get(id) ?? null, new Map(work.pins.get(id)))
  work.drafts.set(id, { draft: found, table })
  return found
}

function pinChange(
  { push }: Work,
  table: TableDeclaration,
  key: string,
  row: Row,
  before: PinRow | null,
  after: PinRow | null,
): Change {
  const column = (after ?? before)?.col ?? ''
  return {
    table,
    key,
    op: after ? 'pin' : 'unpin',
    before: { [column]: before?.value ?? null, version: row.version ?? 0 },
    after: { [column]: after?.value ?? null },
    columns: [column],
    why: { [column]: [`${push.actor}${after?.note ? `: ${after.note}` : ''}`, after ? 'pin' : 'released'] },
  }
}
