import type { Statement } from '../../db/database.ts'
import type { WebhookEvent } from '../protocol/records.ts'
import type { ConflictRow } from './changes.ts'
import { chunks } from './chunks.ts'
import { type RunState, runView } from './run-state.ts'

// Events for webhooks are rows written in the batch that made them (an outbox): nothing can be lost between the two,
// and sending is somebody else's work (DESIGN §9, "Effects").

/** A delivery for every webhook that wants this event; its id makes a repeated batch harmless. */
function deliver(type: WebhookEvent, id: string, data: unknown, at: number): Statement {
  const body = eventBody(type, data, at)
  return {
    sql: `INSERT INTO deliveries (id, webhook_id, type, body, status, created_at, next_at)
      SELECT ?1 || '_' || w.id, w.id, ?2, ?3, 'pending', ?4, ?4 FROM webhooks w
      WHERE w.active = 1 AND EXISTS (SELECT 1 FROM json_each(w.events) e WHERE e.value = ?2)
      ON CONFLICT (id) DO NOTHING`,
    params: [id, type, body, at],
  }
}

/** The end of a run. A run that found nothing new is not an event. */
export function runEvents(run: RunState, at: number): Statement[] {
  const types = { done: 'run.completed', degraded: 'run.degraded', failed: 'run.failed' } as const
  const type = run.status in types ? types[run.status as keyof typeof types] : null
  return type ? [deliver(type, `evt_${run.id}`, runView(run), at)] : []
}

/** Conflicts that a commit opens, of a run or (`runId` null) a push: one statement a parameter-full, not one a conflict. */
export function conflictEvents(
  conflicts: readonly ConflictRow[],
  { lane, runId, commit }: { readonly lane: string; readonly runId: string | null; readonly commit: string },
  at: number,
): Statement[] {
  const type: WebhookEvent = 'conflict.opened'
  const rows = conflicts.map((conflict) =>
    JSON.stringify([
      `evt_${conflict.id}_${runId ?? commit}`,
      eventBody(type, { ...conflict, lane, run_id: runId }, at),
    ]),
  )
  return chunks(rows).map((json) => ({
    sql: `INSERT INTO deliveries (id, webhook_id, type, body, status, created_at, next_at)
      SELECT j.value ->> 0 || '_' || w.id, w.id, ?2, j.value ->> 1, 'pending', ?3, ?3
      FROM json_each(?1) j CROSS JOIN webhooks w
      WHERE w.active = 1 AND EXISTS (SELECT 1 FROM json_each(w.events) e WHERE e.value = ?2)
      ON CONFLICT (id) DO NOTHING`,
    params: [json, type, at],
  }))
}

const eventBody = (type: WebhookEvent, data: unknown, at: number): string =>
  JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
