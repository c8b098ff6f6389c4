import type { Row, SqlValue } from '../../db/database.ts'
import type { Mutation, MutationAnswer, Push } from '../protocol/lane.ts'
import type { Change, ConflictRow, PinRow, StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { type Draft, propose, standing } from './draft.ts'
import { type Edit, type EditInput, judgeEdit } from './edit.ts'
import { takenOf } from './unique.ts'
import { brokenWhole } from './whole.ts'
import { draftFor, liveRow, moving, NOT_STORED, rowKey, settleConflict, type Work } from './work.ts'

/** A push while it is judged. */
export interface PushWork extends Work {
  readonly push: Push
}

/** What becomes of one mutation. Pure but for the work, which it adds to. */
export function judge(work: PushWork, mutation: Mutation): MutationAnswer {
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
  const [taken] = takenOf(work.claims, table, mutation.key, { [mutation.column]: value })
  if (taken) return { status: 'rejected', reason: takenReason(taken.column, value) }
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
  moving(work, table, draft, () =>
    propose(draft, table, {
      column: mutation.column,
      value,
      row: { [mutation.column]: value },
      found: standing(draft),
      origin: `pin by ${work.push.actor}`,
      part: null,
      scopeKey: 'push',
    }),
  )
  work.pinChanges.push({ op: 'set', pin })
  work.changes.push(pinChange(work, table, mutation.key, row, present ?? null, pin))
  return { status: 'applied' }
}

const takenReason = (column: string, value: SqlValue) => `${column}: "${value}" is another row's`

function judgeDeviceEdit(work: PushWork, table: TableDeclaration, said: Edit): MutationAnswer {
  const { device } = table
  const { origin } = work.push
  if (!device) return { status: 'rejected', reason: `${table.name} is not a table that devices keep` }
  const key = device.key(said.key)
  if (key === null) return { status: 'rejected', reason: `"${said.key.slice(0, 100)}" can't name a row` }
  const id = rowKey(table.name, key)
  const draft = draftFor(work, table, key)
  const stands = Number(liveRow(draft)?.version ?? 0)
  if (said.if_version !== undefined && said.if_version !== stands)
    return {
      status: 'rejected',
      reason: stands === 0 ? 'moved: there is no such row' : `moved: the row stands at version ${stands}`,
    }
  const parked = liveRow(draft) === null ? (work.open.get(id) ?? []).find(isParked) : undefined
  const undo = table.whole ? takeBack(work, table, draft) : null
  const answer =
    parked && said.op === 'delete'
      ? withdraw(work, parked)
      : judgeRow(work, { ...table, device }, draft, said, parked)
  const broken = brokenWhole(work, table)
  if (broken !== null && undo) {
    undo()
    return { status: 'rejected', reason: broken }
  }
  for (const conflict of draft.conflicts) {
    keepAmended(work, table, draft, conflict)
    openHere(work, conflict)
  }
  const how = said.op === 'delete' ? 'withdrawn' : 'amended'
  for (const conflict of settledBy(work, id, said, draft, origin)) settleConflict(work, conflict, how)
  return key === said.key ? answer : { ...answer, key }
}

/** How a draft and what follows from it are set back to where they stand now. */
function takeBack(work: PushWork, table: TableDeclaration, draft: Draft): () => void {
  const [after, why, refused] = [{ ...draft.after }, { ...draft.why }, { ...draft.refused }]
  const [conflicts, changes] = [[...draft.conflicts], work.changes.length]
  const set = (into: Record<string, unknown>, from: Record<string, unknown>) => {
    for (const name of Object.keys(into)) delete into[name]
    Object.assign(into, from)
  }
  return () => {
    moving(work, table, draft, () => set(draft.after, after))
    set(draft.why, why)
    set(draft.refused, refused)
    draft.conflicts.splice(0, draft.conflicts.length, ...conflicts)
    work.changes.splice(changes)
  }
}

/** An edit that waits whole, because its unique value is another row's. */
const isParked = ({ kind, op }: StoredConflict) => kind === 'unique' && op === 'insert'

/** What was never here is not deleted: the edit that waited is taken back. */
function withdraw(work: PushWork, parked: StoredConflict): MutationAnswer {
  settleConflict(work, parked, 'withdrawn')
  return { status: 'applied' }
}

/** An edit of a row that waits whole is one of what waits. */
function judgeRow(
  work: PushWork,
  table: EditInput['table'],
  draft: Draft,
  said: Edit,
  parked: StoredConflict | undefined,
): MutationAnswer {
  const { origin } = work.push
  const { config } = table.device
  const earlier = saidSoFar(draft, origin)
  const values = parked ? { ...(JSON.parse(String(parked.theirs)) as Row), ...said.values } : said.values
  const edit: Edit = parked
    ? { ...said, op: 'insert', values, base: {} }
    : { ...said, base: { ...said.base, ...standingFor(work, table.name, draft.key, said.base) } }
  const context = {
    now: work.now,
    actor: work.actor,
    config: config === undefined ? null : (work.config.get(config) ?? null),
  }
  const answer = moving(work, table, draft, () =>
    judgeEdit(draft, { table, edit, origin, context, claims: work.claims }),
  )
  keepOvertaken(work, table, draft, earlier)
  return answer
}

/** A device that goes on from its own value that waits goes on from what stood when it was said. */
const standingFor = (work: PushWork, table: string, key: string, base: Row): Row =>
  Object.fromEntries(
    (work.open.get(rowKey(table, key)) ?? []).flatMap(({ kind, col, origin, theirs, ours }) => {
      if (kind !== 'unique' || col === null || origin !== work.push.origin || ours === null) return []
      const [waits, stood] = [theirs, ours].map((side) => (JSON.parse(String(side)) as Row)[col] ?? null)
      return base[col] === waits ? [[col, stood ?? null]] : []
    }),
  )

/** Conflicts of a row count for the edits of the same push that follow. */
function openHere(work: PushWork, conflict: ConflictRow): void {
  const id = rowKey(conflict.tbl, conflict.key)
  const known = work.open.get(id) ?? []
  const before = known.find((one) => one.id === conflict.id)
  const stored: StoredConflict = {
    ...conflict,
    lane: '',
    link: '',
    openedAt: work.now,
    version: before?.version ?? NOT_STORED,
    runId: null,
    resolvedAt: null,
    resolution: null,
    resolvedBy: null,
    resolvedVersion: null,
  }
  work.open.set(id, [...known.filter((one) => one !== before), stored])
}

/** What waited of another device, and waits no more because this one asks for something else: it stays in the history. */
function keepAmended(
  { changes, open }: PushWork,
  table: TableDeclaration,
  { key, after }: Draft,
  { id, kind, origin, theirs }: ConflictRow,
): void {
  const known = open.get(rowKey(table.name, key))?.find((one) => one.id === id)
  if (kind !== 'unique' || !known?.origin || known.origin === origin) return
  const [said, now] = [known.theirs, theirs].map((side) => JSON.parse(String(side)) as Row)
  const lost = Object.entries(said ?? {}).filter(([column, value]) => value !== (now?.[column] ?? null))
  if (lost.length === 0) return
  const why = [known.origin, 'later edit'] as const
  changes.push({
    table,
    key,
    op: 'refuse',
    before: { ...after },
    after: Object.fromEntries(lost),
    columns: lost.map(([column]) => column),
    why: Object.fromEntries(lost.map(([column]) => [column, why])),
  })
}

/** Kinds of conflicts that a device's edit opens. */
const OF_DEVICES: ReadonlySet<string> = new Set(['unique', 'merge', 'delete', 'deleted'])

/** What waited is moot where its own device says otherwise, and that was taken. */
function settledBy(work: PushWork, id: string, said: Edit, draft: Draft, origin: string): StoredConflict[] {
  const row = liveRow(draft)
  return (work.open.get(id) ?? []).filter((conflict) => {
    if (draft.conflicts.some((opened) => opened.id === conflict.id)) return false
    if (isParked(conflict)) return row !== null
    if (conflict.origin !== origin || !OF_DEVICES.has(conflict.kind)) return false
    if (row === null) return said.op === 'delete'
    if (conflict.theirs === null) return false
    const columns = Object.keys(JSON.parse(String(conflict.theirs)) as Row)
    return columns.every((column) => column in said.values && row[column] === said.values[column])
  })
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
  { changes }: PushWork,
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
  work: PushWork,
  table: TableDeclaration,
  mutation: Extract<Mutation, { type: 'propose' }>,
): MutationAnswer {
  const unknown = Object.keys(mutation.values).filter((column) => !table.merge[column])
  if (unknown.length > 0) return { status: 'rejected', reason: `${unknown.join(', ')} can't be set` }
  const [taken] = takenOf(work.claims, table, mutation.key, { ...mutation.values })
  if (taken)
    return { status: 'rejected', reason: takenReason(taken.column, mutation.values[taken.column] ?? null) }
  const draft = draftFor(work, table, mutation.key)
  const found = standing(draft)
  const before = JSON.stringify(draft.after)
  const row: Row = { ...mutation.values }
  const { origin } = work.push
  moving(work, table, draft, () => {
    for (const [column, value] of Object.entries(mutation.values))
      propose(draft, table, { column, value, row, found, origin, part: null, scopeKey: 'push' })
  })
  if (found !== null && JSON.stringify(draft.after) === before) {
    const same = Object.entries(mutation.values).every(([column, value]) => draft.after[column] === value)
    const rule = Object.values(draft.refused)[0]?.rule
    return same ? { status: 'unchanged' } : { status: 'superseded', reason: `kept by ${rule}` }
  }
  return { status: 'applied' }
}

function pinChange(
  { push }: PushWork,
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
