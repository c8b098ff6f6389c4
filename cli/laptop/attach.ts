import { randomUUID } from 'node:crypto'
import type { DeviceTableView } from '../../sync/protocol/device.ts'
import { refusal } from '../failure.ts'
import { named, type Sqlite } from './file.ts'
import { LAYOUT, renew } from './layout.ts'
import { isAttached, type Link, linksOf, linkTables, OWN_TABLES } from './link.ts'
import { definitionOf } from './match.ts'
import { triggersOf } from './triggers.ts'
import { setView } from './view.ts'

/** Ties a table of the file to a shared one. Nothing is compared yet: the first sync does that. Within a transaction. */
export function attach(
  db: Sqlite,
  asked: { table: string; view: DeviceTableView; url: string; key?: string | undefined },
): Link {
  const { table, view, url } = asked
  const kind = db.prepare('SELECT type, sql FROM sqlite_schema WHERE name = ? COLLATE NOCASE').get(table)
  if (kind && (kind.type !== 'table' || /^CREATE VIRTUAL/i.test(String(kind.sql)))) throw notATable(table)
  if (isAttached(db)) renew(db)
  const attached = isAttached(db) ? db.prepare('SELECT url FROM tidemark_file').get() : undefined
  if (attached && attached.url !== url) throw otherServer(String(attached.url))
  const taken = linksOf(db).find(
    ({ local, shared }) => local.toLowerCase() === table.toLowerCase() || shared === view.name,
  )
  if (taken) throw alreadyLinked(taken)
  const definition = definitionOf(db, table, view, asked.key)

  db.exec(OWN_TABLES)
  db.prepare('INSERT OR IGNORE INTO tidemark_file (id, layout, url) VALUES (1, ?, ?)').run(LAYOUT, url)
  db.prepare('INSERT OR IGNORE INTO tidemark_lanes (lane, incarnation) VALUES (?, ?)').run(
    view.lane,
    newIncarnation(),
  )
  // A lane that was read before this table was there is read again.
  db.prepare('UPDATE tidemark_lanes SET cursor = NULL, reading = 1, round = round + 1 WHERE lane = ?').run(
    view.lane,
  )
  const { id } = db
    .prepare(
      `INSERT INTO tidemark_links (local, shared, lane, definition, schema, stale) VALUES (?, ?, ?, ?, '', ?) RETURNING id`,
    )
    .get(table, view.name, view.lane, JSON.stringify(definition), holdsRows(db, table)) as { id: number }
  db.exec(linkTables(id))
  setTriggers(db, id, table, definition)
  setView(db)
  return linksOf(db).find((link) => link.id === id) as Link
}

/** What an empty table gets from now on is noticed. */
const holdsRows = (db: Sqlite, table: string) =>
  db.prepare(`SELECT EXISTS (SELECT 1 FROM ${named(table)}) AS rows`).get()?.rows as number

export const newIncarnation = () => randomUUID()

/** Takes away everything that `attach` and the syncs brought, and nothing else. Within a transaction. */
export function detach(db: Sqlite): void {
  const own = db
    .prepare(
      `SELECT type, name FROM sqlite_schema WHERE name LIKE 'tidemark\\_%' ESCAPE '\\' AND type IN ('trigger', 'table', 'view')
       ORDER BY type DESC`,
    )
    .all()
  for (const { type, name } of own) db.exec(`DROP ${String(type)} "${String(name)}"`)
}

export function setTriggers(db: Sqlite, id: number, table: string, definition: Link): void
export function setTriggers(
  db: Sqlite,
  id: number,
  table: string,
  definition: Parameters<typeof triggersOf>[2],
): void
export function setTriggers(
  db: Sqlite,
  id: number,
  table: string,
  definition: Parameters<typeof triggersOf>[2],
): void {
  for (const what of ['insert', 'update', 'delete', 'rename'])
    db.exec(`DROP TRIGGER IF EXISTS tidemark_${id}_${what}`)
  for (const sql of triggersOf(id, table, definition)) db.exec(sql)
  db.prepare('UPDATE tidemark_links SET schema = ? WHERE id = ?').run(schemaOf(db, id, table), id)
}

/** The table and our triggers on it, as they stand; a rebuilt table has another place, and no triggers. */
export function schemaOf(db: Sqlite, id: number, table: string): string {
  return JSON.stringify(
    db
      .prepare(
        `SELECT name, tbl_name, rootpage, sql FROM sqlite_schema
         WHERE (type = 'table' AND name = ?1 COLLATE NOCASE) OR (type = 'trigger' AND name LIKE ?2 ESCAPE '\\') ORDER BY name`,
      )
      .all(table, `tidemark\\_${id}\\_%`)
      // VACUUM moves tables, and changes nothing.
      .map(({ name, tbl_name, sql }) => [name, tbl_name, sql]),
  )
}

const alreadyLinked = ({ local, shared }: Link) =>
  refusal('already_attached', {
    title: 'Attached already',
    detail: `${local} of this file is kept as ${shared}.`,
    mend: 'To attach it otherwise, first run: tidemark detach FILE',
  })

const otherServer = (url: string) =>
  refusal('other_server', {
    title: 'Attached to another Tidemark',
    detail: `This file belongs to ${url}.`,
    mend: 'Sign in there, or first run: tidemark detach FILE',
  })

const notATable = (table: string) =>
  refusal('not_a_table', {
    title: 'Not an ordinary table',
    detail: `${table} is a view or a virtual table, whose changes can't be noticed.`,
    mend: 'Name the table behind it.',
  })
