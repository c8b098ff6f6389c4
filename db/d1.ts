import type { Database, Row } from './database.ts'

/** D1 as the `Database` port. Always the primary: the sync path may not read behind itself. */
export function d1Database(d1: D1Database): Database {
  return {
    async batch(statements) {
      if (statements.length === 0) return []
      const results = await d1.batch<Row>(statements.map((s) => d1.prepare(s.sql).bind(...s.params)))
      return results.map((result) => ({
        rows: result.results,
        rowsRead: result.meta.rows_read,
        rowsWritten: result.meta.rows_written,
      }))
    },
  }
}
