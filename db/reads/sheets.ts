import { type Database, query, type Row, statement } from '../database.ts'
import { fromTime } from './sync-logs.ts'

/** Runs of which statistics are made. */
const RECENT = 50
/** Newest runs, of whatever link, among which those of some links are looked for. */
const LOOKED_AT = 2_000
const DAY = 86_400_000

/** What the statistics of a link both ways are made of. */
export interface LinkHistory {
  /** Runs that ended, newest first, at most fifty */
  readonly runs: readonly Row[]
  readonly unfinished: string | null
  readonly callsOfDay: number
  /** Table -> live rows */
  readonly rows: ReadonlyMap<string, number>
}

/** In one batch. */
export async function readLinkHistory(
  database: Database,
  link: string,
  tables: readonly string[],
  now: number,
): Promise<LinkHistory> {
  const [runs, open, calls, ...counts] = await database.batch([
    statement(
      `SELECT * FROM runs WHERE link = ?1 AND finished_at IS NOT NULL ORDER BY id DESC LIMIT ${RECENT}`,
      link,
    ),
    statement('SELECT id FROM runs WHERE link = ?1 AND finished_at IS NULL ORDER BY id LIMIT 1', link),
    statement(
      `SELECT sum(report ->> '$.counts.calls') AS n FROM runs WHERE link = ?1 AND id >= ?2`,
      link,
      fromTime(now - DAY),
    ),
    ...tables.map((table) => statement(`SELECT count(*) AS n FROM ${table} WHERE deleted_at IS NULL`)),
  ])
  return {
    runs: runs?.rows ?? [],
    unfinished: (open?.rows[0]?.id as string | undefined) ?? null,
    callsOfDay: Number(calls?.rows[0]?.n ?? 0),
    rows: new Map(tables.map((table, i) => [table, Number(counts[i]?.rows[0]?.n ?? 0)])),
  }
}

/** How links stand. */
export interface LinksFacts {
  /** Rows of `link_state` */
  readonly states: readonly Row[]
  /** (key, value) */
  readonly settings: readonly Row[]
  /** (id, link, tbl, part, kind, detail): open conflicts */
  readonly conflicts: readonly Row[]
  /** (link, part, reason, mend): tabs that failed in the last run, in its order */
  readonly failed: readonly Row[]
  /** (link, at): when a script was heard last */
  readonly pings: readonly Row[]
  /** Table -> live rows */
  readonly rows: ReadonlyMap<string, number>
}

/** In one batch. `settings`: keys. */
export async function readLinksFacts(
  database: Database,
  links: readonly string[],
  settings: readonly string[],
  tables: readonly string[],
): Promise<LinksFacts> {
  const names = JSON.stringify(links)
  const among = (column: string) => `${column} IN (SELECT value FROM json_each(?1))`
  const [states, set, conflicts, failed, pings, ...counts] = await database.batch([
    statement(`SELECT * FROM link_state WHERE ${among('link')}`, names),
    statement(`SELECT key, value FROM config WHERE ${among('key')}`, JSON.stringify(settings)),
    statement(
      `SELECT id, link, tbl, part, kind, detail FROM conflicts WHERE resolved_at IS NULL AND ${among('link')} ORDER BY opened_at, id`,
      names,
    ),
    statement(
      `SELECT s.link, p.value ->> 'id' AS part, p.value ->> 'reason' AS reason, p.value ->> 'mend' AS mend
        FROM link_state s JOIN runs r ON r.id = s.last_run_id, json_each(r.report, '$.parts') p
        WHERE ${among('s.link')} AND p.value ->> 'status' = 'failed' AND p.value ->> 'reason' IS NOT NULL
        ORDER BY s.link, p.key`,
      names,
    ),
    statement(
      `SELECT link, max(enqueued_at) AS at FROM (SELECT link, enqueued_at, trigger FROM runs ORDER BY id DESC LIMIT ${LOOKED_AT})
        WHERE trigger = 'hook' AND ${among('link')} GROUP BY link`,
      names,
    ),
    ...tables.map((table) => statement(`SELECT count(*) AS n FROM ${table} WHERE deleted_at IS NULL`)),
  ])
  return {
    states: states?.rows ?? [],
    settings: set?.rows ?? [],
    conflicts: conflicts?.rows ?? [],
    failed: failed?.rows ?? [],
    pings: pings?.rows ?? [],
    rows: new Map(tables.map((table, i) => [table, Number(counts[i]?.rows[0]?.n ?? 0)])),
  }
}

/** What a forecast is made of. */
export interface ForecastFacts {
  /** (link, scope, checks, skips) */
  readonly states: readonly Row[]
  readonly settings: readonly Row[]
  /** (link, scope, report): runs of late that found something */
  readonly runs: readonly Row[]
  /** (id, write_back): workspaces with active projects; write_back 1: at least one of them writes */
  readonly workspaces: readonly Row[]
}

/** In one batch. */
export async function readForecastFacts(
  database: Database,
  links: readonly string[],
  settings: readonly string[],
): Promise<ForecastFacts> {
  const names = JSON.stringify(links)
  const [states, set, runs, workspaces] = await database.batch([
    statement(
      'SELECT link, scope, checks, skips FROM link_state WHERE link IN (SELECT value FROM json_each(?1))',
      names,
    ),
    statement(
      'SELECT key, value FROM config WHERE key IN (SELECT value FROM json_each(?1))',
      JSON.stringify(settings),
    ),
    statement(
      `SELECT link, scope, report FROM (SELECT link, scope, report, status FROM runs ORDER BY id DESC LIMIT ${LOOKED_AT})
        WHERE status IN ('done', 'degraded') AND link IN (SELECT value FROM json_each(?1))`,
      names,
    ),
    statement(
      'SELECT workspace_id AS id, max(write_back) AS write_back FROM projects WHERE active = 1 GROUP BY 1 ORDER BY 1',
    ),
  ])
  return {
    states: states?.rows ?? [],
    settings: set?.rows ?? [],
    runs: runs?.rows ?? [],
    workspaces: workspaces?.rows ?? [],
  }
}

/** Ids of the workspaces whose spreadsheet this is, and settings (key) of the links both ways that it is linked to. */
export async function readLinkedTo(
  database: Database,
  spreadsheet: string,
): Promise<{ readonly workspaces: readonly string[]; readonly settings: readonly string[] }> {
  const [workspaces, settings] = await database.batch([
    statement('SELECT id FROM workspaces WHERE spreadsheet_id = ?1 ORDER BY id', spreadsheet),
    statement(
      `SELECT key FROM config WHERE key >= 'sheets.' AND key < 'sheets/' AND value ->> 'spreadsheet_id' = ?1`,
      spreadsheet,
    ),
  ])
  return {
    workspaces: (workspaces?.rows ?? []).map(({ id }) => String(id)),
    settings: (settings?.rows ?? []).map(({ key }) => String(key)),
  }
}

/** The workbook that an operator set for a link; null: none. */
export async function readSpreadsheet(database: Database, setting: string): Promise<string | null> {
  const [row] = await query<{ id: string | null }>(
    database,
    `SELECT value ->> 'spreadsheet_id' AS id FROM config WHERE key = ?1`,
    setting,
  )
  return row?.id ?? null
}
