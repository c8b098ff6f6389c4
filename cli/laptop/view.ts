import type { Sqlite } from './file.ts'

/**
 * Sets the view `tidemark_rows`, for programs that show how rows stand: table, row (its key), updated_at (when the last change that a
 * sync saw was made or came), synced_at (null: not as it stands now), origin (who changed it last: local or remote), and
 * sync_status (synced, pending or conflict). It names no table of the host: SQLite would refuse to rebuild that one. Within a transaction.
 */
export function setView(db: Sqlite): void {
  const ids = db.prepare('SELECT id FROM tidemark_links ORDER BY id').all()
  db.exec('DROP VIEW IF EXISTS tidemark_rows')
  db.exec(`CREATE VIEW tidemark_rows AS ${ids.map(({ id }) => rowsOfLink(Number(id))).join(' UNION ALL ')}`)
}

/** A row that was marked and has no shadow is new; one that was deleted before anybody looked can't be told from it. */
const rowsOfLink = (id: number) => `
SELECT l.local AS "table", s.row AS row, ${isoOf('s.at')} AS updated_at,
  CASE s.status WHEN 'synced' THEN f.synced_at END AS synced_at,
  CASE s.status WHEN 'pending' THEN 'local' ELSE coalesce(s.origin, 'remote') END AS origin,
  s.status AS sync_status
FROM tidemark_links l, tidemark_file f, (
  SELECT row, at, origin, CASE
    WHEN absent IN (2, 4) OR EXISTS (SELECT 1 FROM tidemark_conflicts c WHERE c.link = ${id} AND c.row = s.row)
      OR EXISTS (SELECT 1 FROM tidemark_rejected r WHERE r.link = ${id} AND r.row = s.row) THEN 'conflict'
    WHEN EXISTS (SELECT 1 FROM tidemark_dirty_${id} d WHERE d.row = s.row)
      OR EXISTS (SELECT 1 FROM tidemark_outbox o WHERE o.link = ${id} AND o.row = s.row AND o.settled_at IS NULL) THEN 'pending'
    ELSE 'synced' END AS status
  FROM tidemark_shadow_${id} s WHERE absent NOT IN (1, 3)
  UNION ALL
  SELECT CAST(row AS TEXT), NULL, NULL, 'pending' FROM tidemark_dirty_${id} d
  WHERE NOT EXISTS (SELECT 1 FROM tidemark_shadow_${id} s WHERE s.row = d.row)
) s WHERE l.id = ${id}`

const isoOf = (ms: string) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${ms} / 1000.0, 'unixepoch')`
