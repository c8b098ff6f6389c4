import { encodeTime } from 'ulid'
import { type Database, query, type Row, type Statement, statement } from '../database.ts'

/** Characters of an id that are its time. */
export const ID_TIME = 10
const DAY = 86_400_000

/** The least id of a sync that began at this time. */
export const fromTime = (at: number): string => encodeTime(Math.max(0, at), ID_TIME)

/** Name of the device that a row is of; null: all. */
const named = `SELECT l.*, t.name FROM sync_logs l LEFT JOIN tokens t ON t.id = l.device`

/** Syncs newest first. `before`: the id that the last page ended at. */
export const readSyncLogs = (database: Database, before: string | null, limit: number): Promise<Row[]> =>
  query<Row>(database, `${named} WHERE ?1 IS NULL OR l.id < ?1 ORDER BY l.id DESC LIMIT ?2`, before, limit)

/** What devices have reported of a sync that somebody asked for, and which: in the order of their ids. */
export const readReports = (database: Database, nudge: string): Promise<Row[]> =>
  query<Row>(database, `${named} WHERE l.nudge = ?1 ORDER BY l.id`, nudge)

/** The sync of all devices that is under way; `lease`: how long one may be, in milliseconds. */
export const underWay = (now: number, lease: number): Statement =>
  statement(
    `SELECT id, started_at, lease_until FROM sync_logs
      WHERE id >= ?1 AND device IS NULL AND status = 'running' AND lease_until > ?2 ORDER BY id LIMIT 1`,
    // Two leases back: clocks of two instances may differ.
    fromTime(now - 2 * lease),
    now,
  )

/** Names of tokens that programs carry, by id; sessions of browsers are not among them. */
export async function readPrograms(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ id: string; name: string }>(
    database,
    `SELECT id, name FROM tokens WHERE kind = 'token' AND id IN (SELECT value FROM json_each(?1)) ORDER BY name, id`,
    JSON.stringify(ids),
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** A paired device: its token, whose it is, and when it was last heard of. */
export interface PairedDevice {
  readonly id: string
  readonly name: string
  readonly user: string | null
  readonly heardAt: number | null
}

/** Devices whose tokens hold, by name. Reports of the last day are looked at; before that, a token's last use is enough. */
export async function readDevices(database: Database, now: number): Promise<PairedDevice[]> {
  const rows = await query<Row>(
    database,
    `SELECT t.id, t.name, t.user_id, nullif(max(coalesce(l.at, 0), coalesce(t.last_used_at, 0)), 0) AS heard_at
      FROM tokens t LEFT JOIN (SELECT device, max(finished_at) AS at FROM sync_logs WHERE id >= ?1 GROUP BY device) l
        ON l.device = t.id
      WHERE t.kind = 'token' AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2)
        AND (t.role = 'device' OR t.id IN (SELECT token_id FROM devices))
      ORDER BY t.name, t.id`,
    fromTime(now - DAY),
    now,
  )
  return rows.map(({ id, name, user_id, heard_at }) => ({
    id: String(id),
    name: String(name),
    user: user_id as string | null,
    heardAt: heard_at === null ? null : Math.min(now, Number(heard_at)),
  }))
}

/** How syncing of the collections stands. A sync that devices were asked for counts once, its reports do not. */
export interface SyncFacts {
  readonly last: Row | null
  readonly completed: number
  readonly conflicts: number
  readonly open: number
  readonly syncing: boolean
}

/** `links`: those both ways, whose disputed cells count with what devices dispute. */
export async function readSyncFacts(
  database: Database,
  links: readonly string[],
  now: number,
  lease: number,
): Promise<SyncFacts> {
  const [last, completed, conflicts, running] = await database.batch([
    statement('SELECT * FROM sync_logs WHERE nudge IS NULL ORDER BY id DESC LIMIT 1'),
    statement(`SELECT count(*) AS n FROM sync_logs WHERE nudge IS NULL AND status = 'completed'`),
    statement(
      `SELECT count(*) AS n, count(*) - count(resolved_at) AS open FROM conflicts
        WHERE link = '' OR (op IS NOT NULL AND link IN (SELECT value FROM json_each(?1)))`,
      JSON.stringify(links),
    ),
    underWay(now, lease),
  ])
  return {
    last: last?.rows[0] ?? null,
    completed: Number(completed?.rows[0]?.n ?? 0),
    conflicts: Number(conflicts?.rows[0]?.n ?? 0),
    open: Number(conflicts?.rows[0]?.open ?? 0),
    syncing: (running?.rows.length ?? 0) > 0,
  }
}
