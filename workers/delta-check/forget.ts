import { encodeTime } from 'ulid'
import { type Database, type Statement, statement } from '../../db/database.ts'

const DAY = 86_400_000
/** Codes and sessions that ended so long ago, and answers to pushes so old, are forgotten. */
const FORGET = 30 * DAY
/** A device that sent nothing for so long begins its numbers anew: it is told of a gap, and loses nothing. */
const FORGET_DEVICES = 400 * DAY
const FORGET_UNCHANGED = 7 * DAY
const FORGET_RUNS = 90 * DAY
/** Characters of a ULID that are its time */
const ID_TIME = 10
/** Rows of a table that one statement deletes: D1 runs one query at a time, and the lanes wait meanwhile. */
const ROWS = 1_000
/** 10,000 scopes that are checked every 30 minutes make 20,000 runs an hour; this is more, and bounds the hour's work. */
const ROUNDS = 30

/** Deletes bookkeeping that is over, in rounds, until nothing is left or the rounds are. To be called once an hour. */
export async function forget(database: Database, now: number): Promise<void> {
  await database.batch([
    statement(
      `DELETE FROM tokens WHERE kind IN ('code', 'session') AND coalesce(revoked_at, expires_at) < ?1`,
      now - FORGET,
    ),
    statement('DELETE FROM pushes WHERE at < ?1', now - FORGET),
    statement('DELETE FROM device_lanes WHERE at < ?1', now - FORGET_DEVICES),
  ])
  let left: readonly Statement[] = rounds(now)
  for (let i = 0; i < ROUNDS && left.length > 0; i++) {
    const results = await database.batch(left)
    // What filled its round may have more. Index entries count as well: then a round is for nothing, and the last.
    left = left.filter((_, n) => (results[n]?.rowsWritten ?? 0) >= ROWS)
  }
}

const rounds = (now: number): Statement[] => [
  // Ids sort by time: a range of the key. A run that found nothing is soon of no interest.
  statement(
    `DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE id < ?1 AND finished_at IS NOT NULL
      AND (status = 'unchanged' OR id < ?2) LIMIT ?3)`,
    encodeTime(now - FORGET_UNCHANGED, ID_TIME),
    encodeTime(now - FORGET_RUNS, ID_TIME),
    ROWS,
  ),
  statement(
    `DELETE FROM link_writes WHERE run_id IN (SELECT run_id FROM link_writes WHERE run_id < ?1 LIMIT ?2)`,
    encodeTime(now - FORGET_RUNS, ID_TIME),
    ROWS,
  ),
  statement(
    'DELETE FROM sync_logs WHERE id IN (SELECT id FROM sync_logs WHERE id < ?1 LIMIT ?2)',
    encodeTime(now - FORGET_RUNS, ID_TIME),
    ROWS,
  ),
  statement(
    `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries
      WHERE status != 'pending' AND created_at < ?1 LIMIT ?2)`,
    now - FORGET_RUNS,
    ROWS,
  ),
]
