import { statement } from '../../db/database.ts'
import { accounts, metricReadings, metrics } from '../../db/schema.ts'
import { link, type System, table } from '../engine/declare.ts'
import { max, newest, theirs } from '../engine/merge.ts'
import { platformOf } from '../remotes/profile-url.ts'

// Account metrics: a tab of a Google Sheet a project, numbers that parsers report, merged by MAX.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const lane = (workspace: string) => `workspace:${workspace}`
const list = metrics.join(', ')

const accountTable = table(accounts, {
  key: 'id',
  merge: {
    project_id: theirs,
    profile_url: theirs,
    profile_url_key: theirs,
    platform: theirs,
    username: theirs,
    ...Object.fromEntries(metrics.map((metric) => [metric, max])),
  },
})

/** What parsers report. The latest of each source stands; the sheet's link merges it from here. */
const readingTable = table(metricReadings, {
  key: 'id',
  history: false,
  inbox: true,
  merge: {
    account_id: theirs,
    metric: theirs,
    source: theirs,
    value: newest('at'),
    at: max,
  },
})

const count = (header: string, ...aliases: string[]) => ({ header, aliases, type: 'count' })

const sheet = link('smart-sync.sheet', accountTable, 'google-sheets', {
  lane,
  // What is read is merged in the same half hour.
  after: 'smart-sync.readers',
  priority: 5,
  owns: ['profile_url', 'profile_url_key', 'platform', 'username', ...metrics],
  writes: metrics,
  match: ['project_id', 'profile_url_key'],
  columns: {
    profile_url: {
      header: 'Profile URL',
      aliases: ['profile', 'url', 'link', 'profile link', 'account url'],
      type: 'url',
      required: true,
    },
    platform: { header: 'Platform', aliases: ['network', 'site'], type: 'text' },
    username: { header: 'Username', aliases: ['user', 'account', 'handle', 'name'], type: 'text' },
    followers: count('Followers', 'subscribers', 'subs'),
    likes: count('Likes', 'hearts'),
    comments: count('Comments'),
    videos: count('Videos', 'posts'),
    views: count('Views', 'plays'),
    pin: { header: 'Pin', aliases: ['pinned', 'pins'], type: 'pins' },
  },
  schedule: { check: 30 * MINUTE, full: 24 * HOUR, daily: true },
  config: { schedule: 'smart-sync.schedule', aliases: 'smart-sync.aliases' },
  scopes: {
    per: 'workspace',
    list: statement(
      `SELECT w.id AS scope FROM workspaces w
        WHERE EXISTS (SELECT 1 FROM projects p WHERE p.workspace_id = w.id AND p.active = 1)`,
    ),
    target: (workspace) => statement('SELECT spreadsheet_id FROM workspaces WHERE id = ?1', workspace),
    parts: (workspace) =>
      statement(
        `SELECT id, name, time_zone, tab, write_back FROM projects
          WHERE workspace_id = ?1 AND active = 1 ORDER BY name, id`,
        workspace,
      ),
  },
  complete: (values, part) => ({
    platform: platformOf(String(values.profile_url ?? '')),
    ...values,
    project_id: part.id,
  }),
  inbox: {
    table: readingTable,
    read: (part, after, until) =>
      statement(
        `SELECT a.id AS key, r.metric AS col, r.value, 'reading of ' || r.source AS origin
          FROM accounts a CROSS JOIN metric_readings r ON r.id >= a.id || ':' AND r.id < a.id || ';'
          WHERE a.project_id = ?1 AND a.deleted_at IS NULL AND r.version > ?2 AND r.version <= ?3`,
        part.id,
        after,
        until,
      ),
  },
  derive: (part, day, now) => [snapshots(part.id, day, now)],
  deletes: 'guarded',
})

/** Parsers that we call ourselves: a part is a reader that an operator configured, asked about every account. */
const readers = link('smart-sync.readers', readingTable, 'platform-readers', {
  lane,
  priority: 3,
  owns: ['account_id', 'metric', 'source', 'value', 'at'],
  writes: [],
  match: ['id'],
  columns: {},
  schedule: { check: 6 * HOUR, full: 24 * HOUR },
  config: { schedule: 'smart-sync.readers' },
  scopes: {
    per: 'workspace',
    list: statement(
      `SELECT w.id AS scope FROM workspaces w
        WHERE EXISTS (SELECT 1 FROM config c, json_each(c.value, '$.readers') WHERE c.key = 'smart-sync.readers')
          AND EXISTS (SELECT 1 FROM projects p WHERE p.workspace_id = w.id AND p.active = 1)`,
    ),
    target: (workspace) => statement('SELECT id AS workspace FROM workspaces WHERE id = ?1', workspace),
    parts: () =>
      statement(
        `SELECT r.value ->> 'source' AS id, r.value ->> 'source' AS name, 'UTC' AS time_zone, r.value AS reader
          FROM config c, json_each(c.value, '$.readers') r WHERE c.key = 'smart-sync.readers'`,
      ),
    subjects: (workspace) =>
      statement(
        `SELECT a.id, a.platform, a.profile_url, a.username FROM accounts a
          JOIN projects p ON p.id = a.project_id AND p.active = 1
          WHERE p.workspace_id = ?1 AND a.deleted_at IS NULL ORDER BY a.id`,
        workspace,
      ),
  },
  deletes: 'never',
})

/** One row an account and day; within a day each metric only rises, so that running twice makes no second row. */
function snapshots(project: string, day: string, now: number) {
  const higher = metrics.map((m) => `excluded.${m} > coalesce(s.${m}, -1)`)
  const raised = metrics.map((m, i) => `${m} = CASE WHEN ${higher[i]} THEN excluded.${m} ELSE s.${m} END`)
  return statement(
    `INSERT INTO account_snapshots AS s (account_id, day, ${list}, at)
      SELECT id, ?2, ${list}, ?3 FROM accounts WHERE project_id = ?1 AND deleted_at IS NULL
      ON CONFLICT (account_id, day) DO UPDATE SET ${raised.join(', ')}, at = excluded.at
      WHERE ${higher.join(' OR ')}`,
    project,
    day,
    now,
  )
}

export const smartSync: System = {
  name: 'smart-sync',
  tables: [accountTable, readingTable],
  // In the order in which a cron asks for them: what is read is merged in the same half hour.
  links: [readers, sheet],
}
