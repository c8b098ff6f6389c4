/** What SQLite stores here: numbers are finite, booleans are 0 and 1, JSON is text. */
export type SqlValue = string | number | null

/** A row by column name. */
export type Row = Record<string, SqlValue>

export interface Statement {
  readonly sql: string
  readonly params: readonly SqlValue[]
}

/** Rows of one statement, and what they cost (`rowsWritten` counts index entries too, as D1 bills them). */
export interface Result {
  readonly rows: readonly Row[]
  readonly rowsRead: number
  readonly rowsWritten: number
}

/**
 * The one database port. Two forms run the same statements: `d1Database` in Workers, `sqliteDatabase` in
 * Node for tests that need thousands of worlds a minute. `test/db/contract.test.ts` holds both to it.
 */
export interface Database {
  /** Runs the statements in order as one transaction: all or none. Throws what the database said. */
  batch(statements: readonly Statement[]): Promise<readonly Result[]>
}

/** One statement. */
export const statement = (sql: string, ...params: SqlValue[]): Statement => ({ sql, params })

/** Rows of a single read. The caller names the row's shape, as the statement's author knows it. */
export async function query<T = Row>(database: Database, sql: string, ...params: SqlValue[]): Promise<T[]> {
  const [result] = await database.batch([{ sql, params }])
  return (result?.rows ?? []) as T[]
}
