import type { Row } from '../../db/database.ts'
import { isGuard } from '../../sync/engine/guard-kinds.ts'
import type { Conflict, WebhookEvent } from '../../sync/protocol/records.ts'

const iso = (at: unknown): string => new Date(Number(at)).toISOString()
const maybeIso = (at: unknown): string | null => (at == null ? null : iso(at))

/** A conflict as it travels. */
export const conflictView = (row: Row): Conflict => ({
  id: String(row.id),
  lane: String(row.lane),
  link: String(row.link),
  scope: String(row.scope),
  part: row.part as string | null,
  table: String(row.tbl),
  key: String(row.key),
  column: row.col as string | null,
  kind: String(row.kind),
  base: row.base ?? null,
  ours: row.ours ?? null,
  // Keys of rows, thousands maybe; `ours` names the first hundred.
  theirs: isGuard({ kind: String(row.kind) }) ? null : (row.theirs ?? null),
  detail: String(row.detail),
  recommendations: JSON.parse(String(row.recommendations)),
  opened_at: iso(row.opened_at),
  run_id: row.run_id as string | null,
  resolved_at: maybeIso(row.resolved_at),
  resolution: row.resolution as string | null,
})

/** A webhook as it travels, without its secret. */
export const webhookView = (row: Row) => ({
  id: String(row.id),
  url: String(row.url),
  events: JSON.parse(String(row.events)) as WebhookEvent[],
  active: row.active === 1,
  created_at: iso(row.created_at),
})

/** A delivery as it travels. */
export const deliveryView = (row: Row) => ({
  id: String(row.id),
  webhook_id: String(row.webhook_id),
  type: row.type as WebhookEvent,
  status: row.status as 'pending' | 'sent' | 'dead',
  attempts: Number(row.attempts),
  last_error: row.last_error as string | null,
  created_at: iso(row.created_at),
  sent_at: maybeIso(row.sent_at),
})
