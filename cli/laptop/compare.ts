import { schemaOf, setTriggers } from './attach.ts'
import { same } from './edit.ts'
import type { Sqlite } from './file.ts'
import { type Link, linksOf } from './link.ts'
import type { Rows } from './rows.ts'
import { HOW } from './triggers.ts'

/** What was found when the tables were looked at. */
export type Look =
  | { readonly type: 'fine' | 'rebuilt' | 'renamed'; readonly link: Link }
  | { readonly type: 'gone'; readonly link: Link; readonly reason: string }

/** Sees whether another program rebuilt the tables, and sets the triggers again where it did. Within a transaction. */
export function lookAt(db: Sqlite): Look[] {
  return linksOf(db).map((link) => lookAtOne(db, link))
}

function lookAtOne(db: Sqlite, link: Link): Look {
  const { id, local } = link
  if (schemaOf(db, id, local) === link.schema) return { type: 'fine', link }
  const columns = new Set(
    db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(local)
      .map(({ name }) => String(name)),
  )
  if (columns.size === 0) {
    const moved = db.prepare('SELECT tbl_name FROM sqlite_schema WHERE name = ?').get(`tidemark_${id}_insert`)
    if (!moved) return { type: 'gone', link, reason: `There is no table ${local}` }
    const to = String(moved.tbl_name)
    db.prepare('UPDATE tidemark_links SET local = ?, schema = ? WHERE id = ?').run(
      to,
      schemaOf(db, id, to),
      id,
    )
    return { type: 'renamed', link: again(db, link) }
  }
  const named = namesInTrigger(db, id)
  if (named && named.length === link.columns.length + 1 && named.join() !== namesIn(link).join())
    return { type: 'fine', link: renameColumns(db, link, named) }
  if (!columns.has(link.key)) return { type: 'gone', link, reason: `${local} has no column ${link.key}` }
  const kept = link.columns.filter((column) => columns.has(column.local))
  const definition = { key: link.key, holdsToo: link.holdsToo, columns: kept }
  const isWhole = kept.length === link.columns.length && triggersIn(db, link) === 4
  if (isWhole) {
    db.prepare('UPDATE tidemark_links SET schema = ? WHERE id = ?').run(schemaOf(db, id, local), id)
    return { type: 'fine', link: again(db, link) }
  }
  setTriggers(db, id, local, definition)
  db.prepare('UPDATE tidemark_links SET definition = ?, stale = 1 WHERE id = ?').run(
    JSON.stringify(definition),
    id,
  )
  return { type: 'rebuilt', link: again(db, link) }
}

const namesIn = ({ key, columns }: Link) => [key, ...columns.map(({ local }) => local)]

/** SQLite follows a renamed column in our trigger, where they stand in the order of the link. */
function namesInTrigger(db: Sqlite, id: number): string[] | null {
  const found = db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(`tidemark_${id}_update`)
  const [, list] = /AFTER UPDATE OF (.+?) ON "/s.exec(String(found?.sql ?? '')) ?? []
  if (list === undefined) return null
  return [...list.matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) => name.replaceAll('""', '"'))
}

function renameColumns(db: Sqlite, link: Link, [key = link.key, ...locals]: readonly string[]): Link {
  const { id, local, holdsToo } = link
  const columns = link.columns.map((column, i) => ({ ...column, local: locals[i] ?? column.local }))
  db.prepare('UPDATE tidemark_links SET definition = ?, schema = ? WHERE id = ?').run(
    JSON.stringify({ key, holdsToo, columns }),
    schemaOf(db, id, local),
    id,
  )
  return again(db, link)
}

const triggersIn = (db: Sqlite, { id, local }: Link) =>
  Number(
    db
      .prepare(
        `SELECT count(*) AS n FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE AND name LIKE ? ESCAPE '\\'`,
      )
      .get(local, `tidemark\\_${id}\\_%`)?.n,
  )

const again = (db: Sqlite, { id }: Link) => linksOf(db).find((link) => link.id === id) as Link

/** Rows of one look */
export const COMPARED = 2_000

/** Marks those of the next rows that are not as they were left. Answers where it came to; null: to the end. */
export function compareSome(rows: Rows, after: string | null): string | null {
  const some = rows.after(after, COMPARED)
  for (const { row, here } of some) {
    const shadow = rows.shadow(row)
    const isAsLeft =
      shadow &&
      rows.columns.every(({ name }) =>
        same(here[name], name in shadow.seen ? shadow.seen[name] : shadow.vals[name]),
      )
    if (!isAsLeft) rows.setMark(row, HOW.inserted)
  }
  return some.length < COMPARED ? null : (some.at(-1)?.row ?? null)
}

/**
 * Rows that are gone though nobody was seen deleting them. A few were deleted; many mean a table that was emptied or begun anew, and are
 * put back: deletions are suspected (the same guard as for any remote).
 */
export function missingRows(rows: Rows): { deleted: number; restored: number } {
  const missing = rows.missing()
  if (missing.length === 0) return { deleted: 0, restored: 0 }
  if (!isTooMany(missing.length, rows.expected())) {
    for (const row of missing) rows.setMark(row, HOW.changed)
    return { deleted: missing.length, restored: 0 }
  }
  for (const row of missing) {
    const shadow = rows.shadow(row)
    if (!shadow) continue
    rows.insert(row, shadow.vals)
    rows.removeMark(row)
  }
  return { deleted: 0, restored: missing.length }
}

const isTooMany = (missing: number, all: number): boolean =>
  missing >= all || (all < 25 ? missing > 1 : missing > 50 || missing > all * 0.2)
