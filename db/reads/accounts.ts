import { type Database, query, type Row } from '../database.ts'
import { metrics } from '../schema.ts'

const list = metrics.map((metric) => `a.${metric}`).join(', ')
const sums = metrics.map((metric) => `sum(a.${metric}) AS ${metric}`).join(', ')
const owned = '(?1 IS NULL OR p.owner = ?1)'

/** An account with its pins as a JSON list, so that a page of accounts is one query. */
export interface AccountRow extends Row {
  readonly id: string
  readonly project_id: string
  /** JSON */
  readonly pins: string
  readonly time_zone: string
  readonly workspace_id: string
}

export type SnapshotRow = { day: string } & Record<(typeof metrics)[number], number | null>

const columns = `a.id, a.project_id, a.platform, a.profile_url, a.username, ${list}, a.version, a.updated_at, a.origin,
  a.deleted_at, p.time_zone, p.workspace_id,
  (SELECT json_group_array(json_object('column', n.col, 'value', json(n.value), 'source', n.source, 'by', n.actor,
    'note', n.note, 'until', n.until, 'at', n.at)) FROM pins n WHERE n.tbl = 'accounts' AND n.key = a.id) AS pins`

/** One account that `owner` may see (null: all are seen). One query. */
export async function readAccount(
  database: Database,
  id: string,
  owner: string | null,
): Promise<AccountRow | undefined> {
  const [row] = await query<AccountRow>(
    database,
    `SELECT ${columns} FROM accounts a JOIN projects p ON p.id = a.project_id
      WHERE a.id = ?1 AND a.deleted_at IS NULL AND (?2 IS NULL OR p.owner = ?2)`,
    id,
    owner,
  )
  return row
}

/** Live accounts of a project that `owner` may see, by id. One query. */
export const readAccounts = (
  database: Database,
  project: string,
  owner: string | null,
  after: string,
  limit: number,
): Promise<AccountRow[]> =>
  query<AccountRow>(
    database,
    `SELECT ${columns} FROM accounts a JOIN projects p ON p.id = a.project_id
      WHERE a.project_id = ?1 AND a.deleted_at IS NULL AND (?2 IS NULL OR p.owner = ?2) AND a.id > ?3
      ORDER BY a.id LIMIT ?4`,
    project,
    owner,
    after,
    limit,
  )

/** Snapshots of the last `days` days, oldest first. */
export const readSnapshots = (
  database: Database,
  account: string,
  today: string,
  days: number,
): Promise<SnapshotRow[]> =>
  query<SnapshotRow>(
    database,
    `SELECT day, ${metrics.join(', ')} FROM account_snapshots
      WHERE account_id = ?1 AND day > date(?2, '-' || ?3 || ' day') ORDER BY day`,
    account,
    today,
    days,
  )

/**
 * Projects that `owner` may see, by name, with the number and the totals of their live accounts. One query. `after` is
 * the id that the last page ended at.
 */
export const readProjects = (
  database: Database,
  owner: string | null,
  after: string | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT p.*, count(a.id) AS accounts, ${sums}
      FROM projects p LEFT JOIN accounts a ON a.project_id = p.id AND a.deleted_at IS NULL
      WHERE ${owned} AND (?2 IS NULL OR (p.name, p.id) > (SELECT name, id FROM projects p WHERE id = ?2 AND ${owned}))
      GROUP BY p.id ORDER BY p.name, p.id LIMIT ?3`,
    owner,
    after,
    limit,
  )

/** One project that `owner` may see, with the same. One query. */
export async function readProject(
  database: Database,
  id: string,
  owner: string | null,
): Promise<Row | undefined> {
  const [row] = await query<Row>(
    database,
    `SELECT p.*, count(a.id) AS accounts, ${sums}
      FROM projects p LEFT JOIN accounts a ON a.project_id = p.id AND a.deleted_at IS NULL
      WHERE ${owned} AND p.id = ?2 GROUP BY p.id`,
    owner,
    id,
  )
  return row
}

/** An account as a reading names it. */
export interface NamedAccount extends Row {
  readonly id: string
  readonly project_id: string
  readonly profile_url_key: string
  readonly workspace_id: string
}

/**
 * Live accounts that `owner` may see, by name: a list of [id, null, null] or [null, project, key of the profile URL].
 * One query, however many there are.
 */
export const readNamedAccounts = async (
  database: Database,
  owner: string | null,
  names: readonly (readonly [string, null, null] | readonly [null, string, string])[],
): Promise<NamedAccount[]> =>
  names.length === 0
    ? []
    : query<NamedAccount>(
        database,
        `SELECT DISTINCT a.id, a.project_id, a.profile_url_key, p.workspace_id FROM json_each(?1) j
          CROSS JOIN accounts a ON (a.id = j.value ->> 0)
            OR (a.project_id = j.value ->> 1 AND a.profile_url_key = j.value ->> 2 AND a.deleted_at IS NULL)
          JOIN projects p ON p.id = a.project_id
          WHERE a.deleted_at IS NULL AND (?2 IS NULL OR p.owner = ?2)`,
        JSON.stringify(names),
        owner,
      )
