import { query, type Row } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import type { Change, PinRow } from './changes.ts'
import { commit } from './commit.ts'
import { due } from './due.ts'
import type { Part } from './ports.ts'
import { onFailure, onSuccess, remoteContext, type Step, type StepAnswer } from './run.ts'
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
      if (next.type === 'wait') return { type: 'wait', at: next.at, reason: answer.failure.reason }
      trouble = { reason: next.reason, mend: next.mend }
    }
  }

  const changed = (part: Part) =>
    mode === 'full' ||
    stamp === null ||
    frame.state?.fingerprints[part.id] !== fingerprintOf(frame, part, stamp)
  const news = (part: Part) => (frame.state?.inbox[part.id] ?? 0) < frame.inboxHead
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
    memory: frame.state?.memory ?? null,
    again: [],
    deleted: {},
    tally: noTally,
    list: null,
    deferred: false,
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
  const rows = await query<Row>(
    engine.database,
    `SELECT p.*, t.version FROM pins p LEFT JOIN ${link.table.name} t ON t.${link.table.key} = p.key
      WHERE p.lane = ?1 AND p.tbl = ?2 AND p.until <= ?3`,
    run.lane,
    link.table.name,
    now,
  )
  if (rows.length === 0) return 0
  const pins = rows.map(pinOf)
  await engine.beforeBatch()
  const answer = await commit(engine.database, {
    id: engine.ids.next(),
    fence: step.fence,
    set: {
      changes: pins.map((pin, i) => unpinned(step, pin, Number(rows[i]?.version ?? 0))),
      pins: pins.map((pin) => ({ op: 'release', pin })),
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
  return pins.length
}

const unpinned = ({ link }: Step, pin: PinRow, version: number): Change => ({
  table: link.table,
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
