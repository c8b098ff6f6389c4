import { type Database, type Row, statement } from '../database.ts'
import { type ActionReader, actionsNewestFirst } from './actions.ts'

/** Runs of which the time of a call is taken: the newest ones, of whatever link, of which some are of these links. */
const RECENT = 200
/** Runs and actions shown; what is further behind is in lists of its own. */
const SHOWN = 100
const SHOWN_ACTIONS = 20

export interface ErpReader {
  /** Links and their scopes that may be seen; scope null: every one */
  readonly seen: readonly (readonly [link: string, scope: string | null])[]
  readonly actions: ActionReader
  /** Keys of the settings that hold */
  readonly settings: readonly string[]
}

export interface ErpFacts {
  /** (link, scope, lane, times, checks, list's pages and where it resumes) of all scopes that ever ran, seen or not */
  readonly states: readonly Row[]
  /** (link, scope, live): rows that the remote showed last */
  readonly rows: readonly Row[]
  /** (link, scope, n): rows that wait */
  readonly waiting: readonly Row[]
  /** (key, value) */
  readonly settings: readonly Row[]
  readonly runs: readonly Row[]
  /** Milliseconds and calls of the runs that ended last */
  readonly pace: { readonly ms: number; readonly calls: number }
  /** (status, n) */
  readonly images: readonly Row[]
  readonly actions: readonly Row[]
}

/**
 * What the ERP's status says, in one batch. Times of all scopes are read, for the forecast; rows are counted by the pages
 * that hold them (a row of `link_pages` for each page of the ERP's), and only of what the reader may see.
 */
export async function readErpFacts(database: Database, reader: ErpReader): Promise<ErpFacts> {
  const seen = JSON.stringify(reader.seen)
  const one = reader.seen.every(([, scope]) => scope !== null) ? ' AND t.scope = j.value ->> 1' : ''
  const from = (table: string) => `json_each(?1) j CROSS JOIN ${table} t ON t.link = j.value ->> 0${one}`
  const ofLinks = 'link IN (SELECT value ->> 0 FROM json_each(?1))'
  const [states, rows, waiting, settings, runs, pace, images, actions] = await database.batch([
    statement(
      `SELECT link, scope, lane, last_status, last_good_at, last_full_at, last_check_at, next_due_at, trouble, checks,
        skips, list ->> '$.pages' AS pages, list ->> '$.resume.state.next' AS resumes FROM link_state WHERE ${ofLinks}`,
      seen,
    ),
    statement(
      `SELECT t.link, t.scope, sum(t.live) AS live FROM ${from('link_pages')} GROUP BY t.link, t.scope`,
      seen,
    ),
    statement(
      `SELECT t.link, t.scope, count(*) AS n FROM ${from('link_deferred')} GROUP BY t.link, t.scope`,
      seen,
    ),
    statement(
      'SELECT key, value FROM config WHERE key IN (SELECT value FROM json_each(?1))',
      JSON.stringify(reader.settings),
    ),
    statement(
      `SELECT r.* FROM runs r WHERE r.finished_at IS NULL AND EXISTS (SELECT 1 FROM json_each(?1) j
        WHERE r.link = j.value ->> 0 AND (j.value ->> 1 IS NULL OR r.scope = j.value ->> 1))
        ORDER BY r.id LIMIT ${SHOWN}`,
      seen,
    ),
    statement(
      `SELECT sum(ms) AS ms, sum(calls) AS calls FROM (SELECT link, finished_at - started_at AS ms,
        report ->> '$.counts.calls' AS calls FROM runs ORDER BY id DESC LIMIT ${RECENT})
        WHERE ${ofLinks} AND ms IS NOT NULL AND calls > 0`,
      seen,
    ),
    statement('SELECT status, count(*) AS n FROM product_images GROUP BY status'),
    actionsNewestFirst(reader.actions, null, SHOWN_ACTIONS),
  ])
  const [spent] = pace?.rows ?? []
  return {
    states: states?.rows ?? [],
    rows: rows?.rows ?? [],
    waiting: waiting?.rows ?? [],
    settings: settings?.rows ?? [],
    runs: runs?.rows ?? [],
    pace: { ms: Number(spent?.ms ?? 0), calls: Number(spent?.calls ?? 0) },
    images: images?.rows ?? [],
    actions: actions?.rows ?? [],
  }
}
