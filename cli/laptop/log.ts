import { count } from '../print.ts'
import type { Sqlite } from './file.ts'
import type { SyncReport } from './sync.ts'

/** The log keeps so many lines, and all of those that hold what a repair replaced. */
const LINES = 1_000
const REPAIRED = 'doctor: '

/** What a sync did, where it did something. */
export function log(db: Sqlite, at: string, report: SyncReport): void {
  const line = lineOf(report)
  if (line !== '') write(db, at, line)
  for (const note of report.notes) write(db, at, note)
  for (const { row, reason } of report.unplaced) write(db, at, `${row} could not be written: ${reason}`)
}

function write(db: Sqlite, at: string, line: string): void {
  const { lastInsertRowid } = db.prepare('INSERT INTO tidemark_log (at, line) VALUES (?, ?)').run(at, line)
  db.prepare('DELETE FROM tidemark_log WHERE n <= ?1 AND substr(line, 1, length(?2)) <> ?2').run(
    Number(lastInsertRowid) - LINES,
    REPAIRED,
  )
}

/** A row of the file before the server's takes its place. */
export const writeReplaced = (db: Sqlite, at: string, row: string, said: unknown) =>
  write(db, at, `${REPAIRED}${row} said here ${JSON.stringify(said)}`)

export function lineOf({ rows, deleted, went, restored, unplaced }: SyncReport): string {
  return [
    rows > 0 && `${count(rows, 'row')} came`,
    deleted > 0 && `${count(deleted, 'deletion')} came`,
    went > 0 && `${count(went, 'edit')} went`,
    restored > 0 && `${count(restored, 'row')} put back`,
    unplaced.length > 0 && `${count(unplaced.length, 'row')} could not be written`,
  ]
    .filter(Boolean)
    .join(' · ')
}

export interface LogLine {
  readonly at: string
  readonly line: string
}

export const linesOf = (db: Sqlite, limit: number): LogLine[] =>
  db
    .prepare('SELECT at, line FROM (SELECT * FROM tidemark_log ORDER BY n DESC LIMIT ?) ORDER BY n')
    .all(limit)
    .map(({ at, line }) => ({ at: String(at), line: String(line) }))
