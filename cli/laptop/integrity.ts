import { schemaOf } from './attach.ts'
import type { Sqlite } from './file.ts'
import { linksOf } from './link.ts'
import { rowsOf } from './rows.ts'

/** Something that was looked at, and how it is. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** The file and our own tables in it. Within a transaction. */
export function integrityOf(db: Sqlite): Check[] {
  const quick = db
    .prepare('PRAGMA quick_check(5)')
    .all()
    .map((row) => String(Object.values(row)[0]))
  return [
    { name: 'file', ok: quick.join() === 'ok', detail: quick.join('; ') },
    ...linksOf(db).flatMap((link) => {
      const isSame = schemaOf(db, link.id, link.local) === link.schema
      const triggers = {
        name: `triggers of ${link.local}`,
        ok: isSame,
        detail: isSame ? 'present' : 'another program changed the table; the sync sets them again',
      }
      const columns = db.prepare('SELECT name FROM pragma_table_info(?)').all(link.local)
      if (columns.length === 0) return [{ ...triggers, detail: `there is no table ${link.local}` }]
      const rows = rowsOf(db, link)
      const [there, known] = [rows.count(), rows.expected()]
      const unsent = rows.marks(there + known + 1).length
      const own = rows.own()
      // Rows that wait to be looked at may be new or gone.
      const counts = {
        name: `rows of ${link.local}`,
        ok: Math.abs(there - known) <= unsent,
        detail: `${there}, of which ${known - own} were synced and ${unsent} wait to be sent${own > 0 ? `; ${own} in this file only, and for a person to say` : ''}`,
      }
      return [triggers, counts]
    }),
  ]
}
