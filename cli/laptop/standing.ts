import type { Sqlite } from './file.ts'
import { renew } from './layout.ts'
import { isAttached, linksOf } from './link.ts'
import { rejectedOf } from './rejected.ts'

/** Where an attached file stands. */
export interface Standing {
  readonly file: string
  readonly url: string
  readonly synced_at: string | null
  readonly tables: readonly {
    readonly table: string
    readonly shared: string
    readonly rows: number
    readonly waiting: number
    /** Why an operator switched it off; null: it is on */
    readonly paused: string | null
  }[]
  readonly conflicts: number
  readonly rejected: number
}

const one = (db: Sqlite, sql: string, ...given: (string | number)[]) =>
  Number(db.prepare(sql).get(...given)?.n ?? 0)

/** Within a transaction. null: not attached. */
export function standingOf(db: Sqlite, file: string): Standing | null {
  if (!isAttached(db)) return null
  renew(db)
  const { url, synced_at } = db.prepare('SELECT url, synced_at FROM tidemark_file').get() ?? {}
  return {
    file,
    url: String(url),
    synced_at: synced_at === null ? null : String(synced_at),
    tables: linksOf(db).map(({ id, local, shared, lane }) => ({
      table: local,
      shared,
      rows: one(db, `SELECT count(*) AS n FROM tidemark_shadow_${id}`),
      waiting: waitingIn(db, id),
      paused: pausedIn(db, lane),
    })),
    conflicts: one(db, 'SELECT count(*) AS n FROM tidemark_conflicts'),
    rejected: rejectedOf(db).length,
  }
}

function pausedIn(db: Sqlite, lane: string): string | null {
  const paused = db.prepare('SELECT paused FROM tidemark_lanes WHERE lane = ?').get(lane)?.paused
  return typeof paused === 'string' ? paused : null
}

const waitingIn = (db: Sqlite, id: number) =>
  one(
    db,
    `SELECT count(*) AS n FROM (SELECT CAST(row AS TEXT) AS row FROM tidemark_dirty_${id}
     UNION SELECT row FROM tidemark_outbox WHERE link = ? AND settled_at IS NULL)`,
    id,
  )

/** Rows with edits that were not sent. */
export const unsentOf = (db: Sqlite): number =>
  linksOf(db).reduce((sum, { id }) => sum + waitingIn(db, id), 0)
