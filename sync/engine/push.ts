import type { Row, Statement } from '../../db/database.ts'
import type { Push, PushAnswer } from '../protocol/lane.ts'
import type { PinRow } from './changes.ts'
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
import { changesOf } from './draft.ts'
import { judge, rowKey, type Work } from './judge.ts'
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
