import { type Durable, durable, rows, testClock } from '../engine/world.ts'

/** Makes worlds in which nothing is yet, one after the other. Migrations take longer than most stories, so all share one database. */
export function freshWorlds(): () => Durable {
  const { file, database } = durable()
  const tables = rows(
    { file },
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
  )
  return () => {
    for (const { name } of tables) file.exec(`DELETE FROM ${name}`)
    return { file, database, storage: new Map(), clock: testClock(), alarm: null }
  }
}
