import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What migrating needs of a database: statements in one transaction, and the rows of each. */
export type MigrationTarget = (statements: readonly string[]) => Promise<{ name?: unknown }[][]>

/**
 * Applies the files that were not applied yet, each in one transaction with its own line in `d1_migrations`,
 * the table that wrangler keeps. Answers their names.
 */
export async function migrate(folder: string, batch: MigrationTarget): Promise<string[]> {
  await batch([TABLE])
  const [applied = []] = await batch(['SELECT name FROM d1_migrations'])
  const done = new Set(applied.map((row) => row.name))
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql') && !done.has(name))
  for (const name of names.sort()) {
    const statements = readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint')
    await batch([
      ...statements.map((sql) => sql.trim()).filter((sql) => sql !== ''),
      `INSERT INTO d1_migrations (name) VALUES ('${name.replaceAll("'", "''")}')`,
    ])
  }
  return names
}

const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`
