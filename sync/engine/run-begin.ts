import type { Row } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import type { Change, PinRow } from './changes.ts'
import { commit } from './commit.ts'
import { proposedBy, type TableDeclaration, tiedTo } from './declare.ts'
import { due } from './due.ts'
import type { Part } from './ports.ts'
import { MEMORY, onFailure, onSuccess, remoteContext, type Step, type StepAnswer } from './run.ts'
import { endRun } from './run-end.ts'
import { fingerprintOf } from './run-frame.ts'
import { beginList } from './run-list-begin.ts'
import { noTally, type RunFrame } from './run-state.ts'

/** Begins a run: releases expired pins, asks the remote whether it changed, and lists the parts to do. */
export async function beginRun(step: Step, frame: RunFrame): Promise<StepAnswer> {
  const { run, engine, scratch } = step
  const now = engine.clock.now()
  run.startedAt ??= now
  run.status = 'running'
  const chosen = frame.parts.filter((part) => run.parts === null || run.parts.includes(part.id))
  const released = await releaseExpiredPins(step, now)
  if (released === 'stale') return { type: 'stale' }
  if (released > 0) {
    // The release made everything due, in D1: whatever becomes of this run, some run merges it all again.
    scratch.frame = null
    return { type: 'more' }
  }
  const decision = due({
    // It was due when it was asked for; what is left to say is how thoroughly.
    trigger: 'manual',
    forced: run.full,
    schedule: frame.schedule,
    now,
    zones: chosen.map((part) => part.timeZone),
    state: frame.state,
  })
  const mode = 'run' in decision ? decision.run : 'check'
  if (frame.list) return beginList(step, frame, frame.list, mode)

  scratch.asked = true
  let stamp: string | null = null
  let trouble: { reason: string; mend: string } | null = null
  if (chosen.length > 0) {
    const answer = await engine.remotes(step.link.remote).probe(
      remoteContext(
        step,
        frame,
        chosen.map((part) => part.id),
      ),
    )
    if (answer.ok) {
      onSuccess(scratch)
      stamp = answer.value
    } else {
      const next = onFailure(step, answer.failure)
      if (next.type === 'wait') {
        // What is pushed while it waits is news that this frame doesn't know of.
        scratch.frame = null
        return { type: 'wait', at: next.at, reason: answer.failure.reason }
      }
      trouble = { reason: next.reason, mend: next.mend }
    }
  }

  const changed = (part: Part) =>
    mode === 'full' ||
    stamp === null ||
    frame.state?.fingerprints[part.id] !== fingerprintOf(frame, part, stamp)
  const newest = (part: Part) =>
    step.link.ties ? (frame.outgoing[tiedTo(step.link, part.id).table.name] ?? 0) : frame.inboxHead
  const news = (part: Part) => (frame.state?.inbox[part.id] ?? 0) < newest(part)
  const read = trouble ? [] : chosen.filter(changed).map((part) => part.id)
  const todo = chosen.filter((part) => read.includes(part.id) || news(part) || mode === 'full')
  run.report.parts = [
    ...chosen.map((part) => partReport(part, frame, todo.includes(part) ? 'waiting' : 'unchanged', trouble)),
    ...(run.parts ?? []).filter((id) => !frame.parts.some((part) => part.id === id)).map(missing),
  ]
  run.checkpoint = {
    hash: frame.hash,
    mode,
    stamp,
    read,
    todo: todo.map((part) => part.id),
    cursor: null,
    trouble,
    inboxHead: frame.inboxHead,
    memory: scratch.session.get(MEMORY) ?? frame.state?.memory ?? null,
    again: [],
    deleted: {},
    tally: noTally,
    list: null,
    deferred: false,
    // What is neither changed there nor here is in step with all that the lane holds.
    ...(step.link.ties &&
      !trouble && {
        agreed: Object.fromEntries(
          chosen.filter((part) => !todo.includes(part)).map(({ id }) => [id, step.fence.version]),
        ),
      }),
  }
  engine.log('run.begun', {
    run: run.id,
    lane: run.lane,
    link: run.link,
    scope: run.scope,
    mode,
    parts: todo.length,
  })
  return todo.length === 0 ? endRun(step, frame, null) : { type: 'more' }
}

function partReport(
  part: Part,
  frame: RunFrame,
  status: 'waiting' | 'unchanged',
  trouble: { reason: string; mend: string } | null,
): PartReport {
  const degraded = trouble !== null && status === 'unchanged'
  return {
    id: part.id,
    name: part.name,
    status: degraded ? 'degraded' : status,
    rows: frame.pages[part.id]?.live ?? 0,
    updated: 0,
    derived: 0,
    sent: 0,
    warnings: status === 'unchanged' ? [...(frame.pages[part.id]?.warnings ?? [])] : [],
    at: null,
    ...(degraded ? trouble : {}),
  }
}

const missing = (id: string): PartReport => ({
  id,
  name: id,
  status: 'failed',
  rows: 0,
  updated: 0,
  derived: 0,
  sent: 0,
  reason: `${id} is not active any more`,
  mend: 'Nothing: what was synced stays.',
  warnings: [],
  at: null,
})

/** Pins whose time is over are released before the merge; everything is then due to be merged again. */
async function releaseExpiredPins(step: Step, now: number): Promise<number | 'stale'> {
  const { engine, run, link } = step
  const tables = proposedBy(link).map(({ table }) => table)
  const found = await engine.database.batch(
    tables.map(({ name, key }) => ({
      sql: `SELECT p.*, t.version FROM pins p LEFT JOIN ${name} t ON t.${key} = p.key
        WHERE p.lane = ?1 AND p.tbl = ?2 AND p.until <= ?3`,
      params: [run.lane, name, now],
    })),
  )
  const expired = found.flatMap(({ rows }, i) =>
    rows.map((row) => ({
      pin: pinOf(row),
      version: Number(row.version ?? 0),
      table: tables[i] ?? link.table,
    })),
  )
  if (expired.length === 0) return 0
  await engine.beforeBatch()
  const answer = await commit(engine.database, {
    id: engine.ids.next(),
    fence: step.fence,
    set: {
      changes: expired.map(unpinned),
      pins: expired.map(({ pin }) => ({ op: 'release', pin })),
      conflicts: [],
    },
    link: link.name,
    scope: run.scope,
    origin: 'pin',
    actor: 'expiry',
    runId: run.id,
    at: now,
    extra: [
      {
        sql: 'UPDATE link_state SET last_full_at = NULL WHERE lane = ?1 AND link = ?2',
        params: [run.lane, link.name],
      },
    ],
  })
  if (answer.type !== 'committed') return 'stale'
  step.fence = { ...step.fence, version: answer.version }
  return expired.length
}

const unpinned = ({
  table,
  pin,
  version,
}: {
  readonly table: TableDeclaration
  readonly pin: PinRow
  readonly version: number
}): Change => ({
  table,
  key: pin.key,
  op: 'unpin',
  before: { [pin.col]: pin.value, version },
  after: { [pin.col]: null },
  columns: [pin.col],
  why: { [pin.col]: [`pin by ${pin.actor}`, 'expired'] },
})

/** A pin from its row. */
export const pinOf = (row: Row): PinRow => ({
  tbl: String(row.tbl),
  key: String(row.key),
  col: String(row.col),
  value: JSON.parse(String(row.value)),
  source: String(row.source),
  actor: String(row.actor),
  note: String(row.note),
  until: row.until === null ? null : Number(row.until),
  at: Number(row.at),
})
