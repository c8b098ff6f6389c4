import { DatabaseSync } from 'node:sqlite'
import type { Database, Row } from '../database.ts'

/**
 * `node:sqlite` as the `Database` port, for tests and simulations. Costs are not metered here: `rowsWritten`
 * is SQLite's count of changed rows, without index entries, and `rowsRead` the rows returned.
 */
export function sqliteDatabase(file: DatabaseSync): Database {
  const changes = file.prepare('SELECT total_changes() AS n')
  const count = () => Number((changes.get() as { n: number }).n)
  return {
    async batch(statements) {
      file.exec('BEGIN IMMEDIATE')
      try {
        const results = statements.map(({ sql, params }) => {
          const before = count()
          const rows = file.prepare(sql).all(...params) as Row[]
          return {
            rows: rows.map((row) => ({ ...row })),
            rowsRead: rows.length,
            rowsWritten: count() - before,
          }
        })
        file.exec('COMMIT')
        return results
      } catch (error) {
        file.exec('ROLLBACK')
        throw error
      }
    },
  }
}

/** A database in memory (or in a file) with the project's migrations applied. */
export function openSqlite(migrations: readonly string[], path = ':memory:'): DatabaseSync {
  const file = new DatabaseSync(path)
  for (const sql of migrations) file.exec(sql)
  return file
}
