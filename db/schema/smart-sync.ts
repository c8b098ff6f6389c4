import { sql } from 'drizzle-orm'
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { syncColumns } from './engine.ts'

/** A spreadsheet whose tabs are projects. */
export const workspaces = sqliteTable('workspaces', {
  id: text().primaryKey(),
  name: text().notNull(),
  spreadsheet_id: text().notNull(),
})

/** One tab of a workspace. */
export const projects = sqliteTable('projects', {
  id: text().primaryKey(),
  workspace_id: text().notNull(),
  name: text().notNull(),
  active: integer().notNull().default(1),
  /** The tab's title when it was configured; it is found again by its sheet id after a rename. */
  tab: text().notNull(),
  /** IANA name; the day of a snapshot is a day there */
  time_zone: text().notNull().default('UTC'),
  /** The user who may see it; null: admins only */
  owner: text(),
  /** Merged values go back to the sheet */
  write_back: integer().notNull().default(0),
})

/** The numbers of an account that MAX merges. */
export const metrics = ['followers', 'likes', 'comments', 'videos', 'views'] as const

const metricColumns = {
  followers: integer(),
  likes: integer(),
  comments: integer(),
  videos: integer(),
  views: integer(),
}

/** One profile on one platform. A metric that nobody ever reported is null, not 0. */
export const accounts = sqliteTable(
  'accounts',
  {
    id: text().primaryKey(),
    project_id: text().notNull(),
    platform: text().notNull(),
    profile_url: text().notNull(),
    /** The URL normalised in code: unique in its project among live rows */
    profile_url_key: text().notNull(),
    username: text(),
    ...metricColumns,
    ...syncColumns,
  },
  (t) => [uniqueIndex('accounts_profile').on(t.project_id, t.profile_url_key).where(sql`deleted_at IS NULL`)],
)

/** One row an account and day: the highest values of that day. */
export const accountSnapshots = sqliteTable(
  'account_snapshots',
  {
    account_id: text().notNull(),
    /** YYYY-MM-DD in the project's time zone */
    day: text().notNull(),
    ...metricColumns,
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.account_id, t.day] })],
)

/** The latest that each parser reported, a row an account, metric and source. */
export const metricReadings = sqliteTable('metric_readings', {
  /** account:metric:source */
  id: text().primaryKey(),
  account_id: text().notNull(),
  metric: text().notNull(),
  source: text().notNull(),
  value: integer().notNull(),
  /** When the parser read it (its clock: data, not order) */
  at: integer().notNull(),
  ...syncColumns,
})
