import type { Row, SqlValue, Statement } from '../../db/database.ts'
import type { Mutation, MutationAnswer, Push, PushAnswer } from '../protocol/lane.ts'
import type { Change, PinChange, PinRow } from './changes.ts'
import { chunks } from './chunks.ts'
import { assertEpoch, commit, type Fence, isEpochFailure } from './commit.ts'
import type { TableDeclaration } from './declare.ts'
import {
  type DeviceLane,
  deviceLaneOf,
  digestsOf,
  type Numbered,
  number,
  readDeviceLane,
  remembered,
  saveDeviceLane,
} from './device-lane.ts'
import { digest } from './digest.ts'
import { changesOf, type Draft, draftOf, propose, standing } from './draft.ts'
import { type Edit, judgeEdit } from './edit.ts'
import type { Engine } from './ports.ts'
import { pinOf } from './run-begin.ts'
import { insertRun, type RunState } from './run-state.ts'

/**
 * Applies a push in order, in one commit with its answer: repeating it changes nothing and answers the same. Each
 * mutation is judged alone; a bad one is rejected and the rest goes on. A released pin queues, in the same batch, the
 * runs of `remerge` that propose its column again. `stale`: the lane has another holder.
 */
export async function applyPush(
  engine: Engine,
  tables: ReadonlyMap<string, TableDeclaration>,
  fence: Fence,
  push: Push,
  remerge: (columns: readonly { table: string; column: string }[]) => readonly RunState[],
): Promise<
  { type: 'stale' } | { type: 'answer'; answer: PushAnswer; fence: Fence; runs: readonly RunState[] }
> {
  const content = push.device ? '' : contentOf(push)
  const read = await readPushed(engine, tables, fence.lane, push)
  if (read.known) {
    const answer: PushAnswer =
      read.known.content === content
        ? (JSON.parse(String(read.known.answer)) as PushAnswer)
        : {
            type: 'failed',
            failure: {
              type: 'forked',
              detail: `The push ${push.id} was already applied with other content.`,
              mend: 'Send it again under another id.',
            },
          }
    return { type: 'answer', answer, fence, runs: [] }
  }
  const digests = push.device ? digestsOf(push) : []
  const numbered: Numbered = push.device
    ? number(push.device, read.device, digests)
    : { type: 'go', known: [] }
  if (numbered.type === 'failed') return { type: 'answer', answer: numbered, fence, runs: [] }
  const known = numbered.known.length > 0 ? { known: numbered.known.length } : {}
  const now = engine.clock.now()
  const { rows, pins, config } = read
  const work: Work = { tables, rows, pins, config, drafts: new Map(), changes: [], pinChanges: [], push, now }
  const fresh = push.mutations.slice(numbered.known.length)
  const results = [...numbered.known, ...fresh.map((mutation) => judge(work, mutation))]
  const drafts = [...work.drafts.values()]
  const conflicts = drafts.flatMap(({ draft }) => draft.conflicts)
  const changes = [
    // What a device is told stays in the history too; a parser's answer says it all.
    ...drafts.flatMap(({ draft, table }) =>
      changesOf(push.device ? draft : { ...draft, refused: {} }, table),
    ),
    ...work.changes,
  ]
  const remember: Statement[] = push.device
    ? fresh.length === 0
      ? []
      : [saveDeviceLane(push.device, fence.lane, remembered(digests, results), now)]
    : [
        {
          sql: 'INSERT INTO pushes (lane, id, content, answer, at) VALUES (?1, ?2, ?3, ?4, ?5)',
          params: [
            fence.lane,
            push.id,
            content,
            JSON.stringify({ type: 'answered', version: fence.version + 1, results }),
            now,
          ],
        },
      ]
  if (changes.length + work.pinChanges.length + conflicts.length === 0) {
    // A device's numbers are settled all the same; a parser's push that says nothing new may be judged again.
    if (push.device && remember.length > 0) {
      await engine.beforeBatch()
      try {
        await engine.database.batch([assertEpoch(fence), ...remember])
      } catch (error) {
        if (isEpochFailure(String(error))) return { type: 'stale' }
        throw error
      }
    }
    return {
      type: 'answer',
      answer: { type: 'answered', version: fence.version, results, ...known },
      fence,
      runs: [],
    }
  }
  const answer: PushAnswer = { type: 'answered', version: fence.version + 1, results, ...known }
  const released = work.pinChanges.filter(({ op }) => op === 'release')
  const runs =
    released.length === 0 ? [] : remerge(released.map(({ pin }) => ({ table: pin.tbl, column: pin.col })))
  await engine.beforeBatch()
  const done = await commit(engine.database, {
    id: engine.ids.next(),
    fence,
    set: { changes, pins: work.pinChanges, conflicts },
    link: '',
    scope: '',
    origin: push.origin,
    actor: push.actor,
    runId: null,
    at: now,
    extra: [...remember, ...runs.map(insertRun)],
  })
  if (done.type === 'stale') return { type: 'stale' }
  if (done.type === 'violation')
    return {
      type: 'answer',
      answer: { type: 'failed', failure: { type: 'conflict', detail: done.detail } },
      fence,
      runs: [],
    }
  engine.log('commit', {
    lane: fence.lane,
    push: push.device ? `${push.device.incarnation}/${push.device.first}` : push.id,
    version: done.version,
    rows: changes.length,
    rowsWritten: done.rowsWritten,
  })
  for (const conflict of conflicts) engine.log('conflict.opened', { lane: fence.lane, ...conflict })
  return { type: 'answer', answer, fence: { ...fence, version: done.version }, runs }
}

/** What a push says; what its edits are based on is how it was come to, and differs when it is said again. */
const contentOf = ({ origin, mutations }: Push): string =>
  digest(JSON.stringify([origin, mutations.map((m) => (m.type === 'edit' ? { ...m, base: undefined } : m))]))

interface Work {
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

const rowKey = (table: string, key: string) => `${table}|${key}`

async function readPushed(
  engine: Engine,
  tables: ReadonlyMap<string, TableDeclaration>,
  lane: string,
  push: Push,
): Promise<{
  rows: Map<string, Row>
  pins: Map<string, Map<string, PinRow>>
  config: Map<string, unknown>
  known: Row | undefined
  device: DeviceLane | null
}> {
  const names = [...new Set(push.mutations.map(({ table }) => table))].filter((name) => tables.has(name))
  const reads = names.flatMap((name) => {
    const table = tables.get(name) as TableDeclaration
    const called = push.mutations.filter((m) => m.table === name && m.type !== 'unread').map(({ key }) => key)
    const keys = new Set(called.map((key) => JSON.stringify(table.device ? table.device.key(key) : key)))
    return chunks([...keys]).map((json) => ({
      name,
      sql: `SELECT t.* FROM json_each(?1) j CROSS JOIN ${name} t ON t.${table.key} = j.value`,
      params: [json],
    }))
  })
  const settings = names.flatMap((name) => tables.get(name)?.device?.config ?? [])
  const [seen, pinned, set, ...results] = await engine.database.batch([
    push.device
      ? readDeviceLane(push.device, lane)
      : { sql: 'SELECT content, answer FROM pushes WHERE lane = ?1 AND id = ?2', params: [lane, push.id] },
    { sql: 'SELECT * FROM pins WHERE lane = ?1', params: [lane] },
    {
      sql: 'SELECT key, value FROM config WHERE key IN (SELECT value FROM json_each(?1))',
      params: [JSON.stringify(settings)],
    },
    ...reads,
  ])
  const [found] = seen?.rows ?? []
  const rows = new Map<string, Row>()
  results.forEach((result, i) => {
    const name = reads[i]?.name ?? ''
    for (const row of result.rows) rows.set(rowKey(name, String(row[tables.get(name)?.key ?? ''])), row)
  })
  const pins = new Map<string, Map<string, PinRow>>()
  for (const pin of (pinned?.rows ?? []).map(pinOf)) {
    const of = pins.get(rowKey(pin.tbl, pin.key)) ?? new Map<string, PinRow>()
    pins.set(rowKey(pin.tbl, pin.key), of.set(pin.col, pin))
  }
  return {
    rows,
    pins,
    config: new Map((set?.rows ?? []).map(({ key, value }) => [String(key), JSON.parse(String(value))])),
    known: push.device ? undefined : found,
    device: push.device ? deviceLaneOf(found) : null,
  }
}

function judge(work: Work, mutation: Mutation): MutationAnswer {
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
