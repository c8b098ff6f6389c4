import { LIMITS } from '../../sync/protocol/common.ts'
import { DEVICE_LIMITS, type DeviceMutation } from '../../sync/protocol/device.ts'
import { newIncarnation } from './attach.ts'
import type { Values } from './edit.ts'
import type { Sqlite } from './file.ts'

export interface Lane {
  readonly lane: string
  readonly incarnation: string
  readonly cursor: string | null
  /** A reading of everything goes on */
  readonly reading: boolean
  readonly round: number
  /** The number that the next mutation gets */
  readonly next: number
  /** The last number of a push that was not answered yet: it is repeated as it was */
  readonly sending: number | null
}

/** A mutation that was numbered: its body never changes again. */
export interface Queued {
  readonly n: number
  readonly link: number
  readonly row: string
  readonly body: string
  /** The row before it was deleted */
  readonly was: Values | null
}

export const mutationIn = ({ body }: Queued) => JSON.parse(body) as DeviceMutation

export function laneOf(db: Sqlite, lane: string): Lane {
  const row = db.prepare('SELECT * FROM tidemark_lanes WHERE lane = ?').get(lane) ?? {}
  return {
    lane,
    incarnation: String(row.incarnation),
    cursor: row.cursor === null ? null : String(row.cursor),
    reading: row.reading !== 0,
    round: Number(row.round),
    next: Number(row.next),
    sending: row.sending === null ? null : Number(row.sending),
  }
}

export function enqueue(
  db: Sqlite,
  lane: string,
  queued: { link: number; row: string; body: string; was: Values | null },
): void {
  const { n } = db
    .prepare('UPDATE tidemark_lanes SET next = next + 1 WHERE lane = ? RETURNING next - 1 AS n')
    .get(lane) as { n: number }
  db.prepare('INSERT INTO tidemark_outbox (lane, n, link, row, body, was) VALUES (?, ?, ?, ?, ?, ?)').run(
    lane,
    n,
    queued.link,
    queued.row,
    queued.body,
    queued.was && JSON.stringify(queued.was),
  )
}

const queuedOf = (row: Record<string, unknown>): Queued => ({
  n: Number(row.n),
  link: Number(row.link),
  row: String(row.row),
  body: String(row.body),
  was: row.was === null ? null : (JSON.parse(String(row.was)) as Values),
})

const waitingOf = (db: Sqlite, lane: string, limit: number, upTo: number | null = null): Queued[] =>
  db
    .prepare(
      'SELECT * FROM tidemark_outbox INDEXED BY tidemark_outbox_waiting WHERE lane = ?1 AND settled_at IS NULL AND (?3 IS NULL OR n <= ?3) ORDER BY n LIMIT ?2',
    )
    .all(lane, limit, upTo)
    .map(queuedOf)

export const countWaiting = (db: Sqlite, lane: string): number =>
  Number(
    db
      .prepare(
        'SELECT count(*) AS n FROM tidemark_outbox INDEXED BY tidemark_outbox_waiting WHERE lane = ? AND settled_at IS NULL',
      )
      .get(lane)?.n,
  )

export const waitingFor = (db: Sqlite, link: number, row: string): Queued[] =>
  db
    .prepare('SELECT * FROM tidemark_outbox WHERE link = ? AND row = ? AND settled_at IS NULL ORDER BY n')
    .all(link, row)
    .map(queuedOf)

/** Room for what stands around the mutations of a request. */
const FRAME = 4_000
export const LARGEST = LIMITS.body - FRAME

/** What the next push carries, at most so many edits, remembered before it is sent: after a crash the very same is sent again. */
export function takeBatch(db: Sqlite, { lane, sending }: Lane, most: number): Queued[] {
  const batch: Queued[] = []
  let bytes = 0
  // A batch that is under way is the same, whatever was said of batches since.
  const limit =
    sending === null ? Math.min(Math.max(1, most), DEVICE_LIMITS.mutations) : DEVICE_LIMITS.mutations
  for (const queued of waitingOf(db, lane, limit, sending)) {
    bytes += Buffer.byteLength(queued.body) + 1
    if (batch.length > 0 && bytes > LARGEST) break
    batch.push(queued)
  }
  const last = batch.at(-1)?.n ?? null
  if (last !== sending) db.prepare('UPDATE tidemark_lanes SET sending = ? WHERE lane = ?').run(last, lane)
  return batch
}

/** Bodies are put together from frozen texts: the same batch is the same bytes. */
export function bodyOf({ lane, incarnation, cursor }: Lane, batch: readonly Queued[]): string {
  const [first] = batch
  const parts = [
    `"lane":${JSON.stringify(lane)}`,
    `"incarnation":${JSON.stringify(incarnation)}`,
    ...(first ? [`"first":${first.n}`] : []),
    ...(cursor === null ? [] : [`"cursor":${JSON.stringify(cursor)}`]),
    `"mutations":[${batch.map(({ body }) => body).join(',')}]`,
  ]
  return `{${parts.join(',')}}`
}

/** Acknowledged ones are kept for a server that is restored to what it was before. */
const KEPT_MS = 30 * 86_400_000

export function settle(db: Sqlite, lane: string, n: number, now: number): void {
  db.prepare('UPDATE tidemark_outbox SET settled_at = ? WHERE lane = ? AND n = ?').run(now, lane, n)
}

/** All up to `last` but these, which have more to be done. */
export function settleOthers(
  db: Sqlite,
  lane: string,
  last: number,
  but: readonly number[],
  now: number,
): void {
  db.prepare(`UPDATE tidemark_outbox INDEXED BY tidemark_outbox_waiting SET settled_at = ?1 WHERE lane = ?2 AND settled_at IS NULL AND n <= ?3
       AND n NOT IN (SELECT value FROM json_each(?4))`).run(now, lane, last, JSON.stringify(but))
}

export function forgetOld(db: Sqlite, lane: string, now: number): void {
  db.prepare(
    'DELETE FROM tidemark_outbox INDEXED BY tidemark_outbox_settled WHERE lane = ? AND settled_at < ?',
  ).run(lane, now - KEPT_MS)
}

/** Offers again what the server no longer knows. False: something of it is not here any more. */
export function revive(db: Sqlite, lane: Lane, from: number): boolean {
  if (from > lane.next) return false
  const { n } = db
    .prepare('SELECT count(*) AS n FROM tidemark_outbox WHERE lane = ? AND n >= ?')
    .get(lane.lane, from) as { n: number }
  if (n !== lane.next - from) return false
  db.prepare('UPDATE tidemark_outbox SET settled_at = NULL WHERE lane = ? AND n >= ?').run(lane.lane, from)
  db.prepare('UPDATE tidemark_lanes SET sending = NULL WHERE lane = ?').run(lane.lane)
  return true
}

/**
 * A life of its own for a copy: what waits is numbered from 1. Everything is read again, because the server has not
 * shown this copy what the other one wrote under the same name.
 */
export function beginAnew(db: Sqlite, { lane }: Lane): void {
  const waiting = waitingOf(db, lane, -1)
  db.prepare('DELETE FROM tidemark_outbox WHERE lane = ?').run(lane)
  db.prepare(`UPDATE tidemark_lanes SET incarnation = ?, next = 1, sending = NULL, cursor = NULL, reading = 1, round = round + 1
     WHERE lane = ?`).run(newIncarnation(), lane)
  for (const queued of waiting) enqueue(db, lane, queued)
}

export function readAgain(db: Sqlite, lane: string): void {
  db.prepare('UPDATE tidemark_lanes SET cursor = NULL, reading = 1, round = round + 1 WHERE lane = ?').run(
    lane,
  )
}
