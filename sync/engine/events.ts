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

/**
 * Conflicts that a commit opens, of a run or (`runId` null) something else: one statement a parameter-full. The bodies are made by
 * the database, of rows that stand in it by then: without webhooks they cost nothing.
 */
export function conflictEvents(
  conflicts: readonly ConflictRow[],
  { lane, runId, commit }: { readonly lane: string; readonly runId: string | null; readonly commit: string },
  at: number,
): Statement[] {
  const type: WebhookEvent = 'conflict.opened'
  const fields = ['id', 'part', 'tbl', 'key', 'col', 'kind', 'base', 'ours', 'theirs', 'detail']
  return chunks(conflicts.map(({ id }) => JSON.stringify(id))).map((json) => ({
    sql: `INSERT INTO deliveries (id, webhook_id, type, body, status, created_at, next_at)
      SELECT 'evt_' || c.id || '_' || ?4 || '_' || w.id, w.id, ?2,
        json_object('type', ?2, 'timestamp', ?5, 'data', json_object(${fields.map((name) => `'${name}', c.${name}`).join(', ')},
          'recommendations', json(c.recommendations), 'lane', ?6, 'run_id', ?7)), 'pending', ?3, ?3
      FROM webhooks w CROSS JOIN json_each(?1) j CROSS JOIN conflicts c ON c.id = j.value
      WHERE c.opened_at = ?3 AND w.active = 1 AND EXISTS (SELECT 1 FROM json_each(w.events) e WHERE e.value = ?2)
      ON CONFLICT (id) DO NOTHING`,
    params: [json, type, at, runId ?? commit, new Date(at).toISOString(), lane, runId],
  }))
}

/** A conflict as the log has it. Its sides stand in its row. */
export const loggedConflict = ({ id, tbl, key, col, kind }: ConflictRow) => ({
  conflict: id,
  table: tbl,
  key,
  column: col,
  kind,
})

const eventBody = (type: WebhookEvent, data: unknown, at: number): string =>
  JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
