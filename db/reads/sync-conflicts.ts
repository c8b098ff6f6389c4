import { type Database, query, type Row, type Statement, statement } from '../database.ts'

/**
 * Whose conflicts of devices, and of sheets that are kept both ways (`links`): those in `tables`, pairs of a table and the lane that
 * the reader keeps it in (null: in any). `owner`: only those that came from this user's devices; null: from anybody's. `guards`:
 * also what guards of these kinds stopped.
 */
export interface SyncConflictReader {
  readonly tables: readonly (readonly [table: string, lane: string | null])[]
  readonly owner: string | null
  readonly links: readonly string[]
  readonly guards: readonly string[]
}

/** Conflicts that are judged as a device's edits are; `links`: where a parameter says which links are kept both ways. */
const edited = (links: string): string =>
  `(link = '' OR (op IS NOT NULL AND link IN (SELECT value FROM json_each(${links}))))`

const seen = `((${edited('?3')} OR (link IN (SELECT value FROM json_each(?3)) AND kind IN (SELECT value FROM json_each(?4))))
  AND EXISTS (SELECT 1 FROM json_each(?1) j WHERE tbl = j.value ->> 0 AND lane = coalesce(j.value ->> 1, lane))
  AND (?2 IS NULL OR EXISTS (SELECT 1 FROM device_lanes d
    WHERE d.incarnation = substr(conflicts.origin, length('device:') + 1) AND d.lane = conflicts.lane AND d.owner = ?2)))`

/** A conflict, with the person whose device it came from as `owner`. */
const columns = `conflicts.*, (SELECT d.owner FROM device_lanes d
  WHERE d.incarnation = substr(conflicts.origin, length('device:') + 1) AND d.lane = conflicts.lane) AS owner`

const params = ({ tables, owner, links, guards }: SyncConflictReader) =>
  [JSON.stringify(tables), owner, JSON.stringify(links), JSON.stringify(guards)] as const

/** Newest first; `resolved` and `table`: null is any. `before`: the id that the last page ended at. */
export const readSyncConflicts = (
  database: Database,
  reader: SyncConflictReader,
  page: {
    readonly resolved: boolean | null
    readonly table: string | null
    readonly before: string | null
    readonly limit: number
  },
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT ${columns} FROM conflicts WHERE ${seen} AND (?5 IS NULL OR (resolved_at IS NOT NULL) = ?5) AND (?6 IS NULL OR tbl = ?6)
      AND (?7 IS NULL OR (opened_at, id) < (SELECT opened_at, id FROM conflicts WHERE id = ?7 AND ${seen}))
      ORDER BY opened_at DESC, id DESC LIMIT ?8`,
    ...params(reader),
    page.resolved === null ? null : page.resolved ? 1 : 0,
    page.table,
    page.before,
    page.limit,
  )

/** One of them, if the reader may see it. */
export async function readSyncConflict(
  database: Database,
  reader: SyncConflictReader,
  id: string,
): Promise<Row | undefined> {
  const sql = `SELECT ${columns} FROM conflicts WHERE ${seen} AND id = ?5`
  const [row] = await query<Row>(database, sql, ...params(reader), id)
  return row
}

/** Open conflicts of devices, and of `links` that are kept both ways, by lane, oldest first, and the lane of the oldest one first. At most so many. */
export async function readOpenByLane(
  database: Database,
  links: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await query<{ lane: string; id: string }>(
    database,
    `SELECT lane, id FROM conflicts WHERE ${edited('?2')} AND resolved_at IS NULL ORDER BY opened_at, id LIMIT ?1`,
    most,
    JSON.stringify(links),
  )
  const byLane = new Map<string, string[]>()
  for (const { lane, id } of rows) byLane.set(lane, [...(byLane.get(lane) ?? []), id])
  return byLane
}

/** Live rows of a table; `keys`: a JSON array. */
export const liveRows = (table: { readonly name: string; readonly key: string }, keys: string): Statement =>
  statement(
    `SELECT t.* FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${table.key} = j.value WHERE t.deleted_at IS NULL`,
    keys,
  )

/**
 * Who changed rows last beside the commit that opened a conflict of them, and when: (key, version, said), where `said` is a JSON array of
 * actor and milliseconds. `opened`: a JSON array of key and that commit's version.
 */
export const lastSaid = (
  table: { readonly name: string; readonly key: string },
  lane: string,
  opened: string,
): Statement =>
  statement(
    `SELECT j.value ->> 0 AS key, j.value ->> 1 AS version, (SELECT json_array(h.actor, h.at) FROM history h
        WHERE h.lane = ?2 AND h.tbl = ?3 AND h.key = j.value ->> 0 AND h.version = CASE WHEN t.version = j.value ->> 1
          THEN (SELECT p.prev_version FROM history p
            WHERE p.lane = ?2 AND p.version = t.version AND p.tbl = ?3 AND p.key = j.value ->> 0 LIMIT 1)
          ELSE t.version END LIMIT 1) AS said
      FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${table.key} = j.value ->> 0`,
    opened,
    lane,
    table.name,
  )

/** Who holds these values of a unique column: (key, value, folded); `folded`: a JSON array. */
export const holders = (
  table: { readonly name: string; readonly key: string },
  unique: { readonly column: string; readonly stored: string },
  folded: string,
): Statement =>
  statement(
    `SELECT t.${table.key} AS key, t.${unique.column} AS value, t.${unique.stored} AS folded
      FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${unique.stored} = j.value WHERE t.deleted_at IS NULL`,
    folded,
  )
