import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeviceTableView, DigestAnswer } from '../../sync/protocol/device.ts'
import { refusal } from '../failure.ts'
import { named, type Sqlite } from '../laptop/file.ts'
import { withFile } from '../laptop/open.ts'
import type { Page, Remote } from '../laptop/remote.ts'
import { digestOfFile, type Manifest } from './manifest.ts'

type Server = NonNullable<Manifest['server']>
type Lane = Server['lanes'][number]

/** How often a lane is read on until its digests agree, and how often a reading may be told to begin anew. */
const ROUNDS = 20

export const SERVER_COPY = 'server.db'

/** What `server.db` says of itself; beside them stands each shared table under its own name, its values as they travel. */
const OWN_TABLES = `
  CREATE TABLE tidemark_lanes (lane TEXT PRIMARY KEY, version INTEGER);
  CREATE TABLE tidemark_tables (name TEXT PRIMARY KEY, lane TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL);
  CREATE TABLE tidemark_columns (tbl TEXT NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    PRIMARY KEY (tbl, n));`

/** Copies every shared table that this token may read into one SQLite file. */
export async function backUpServer(
  folder: string,
  url: string,
  remote: Remote,
  moved: (table: string, rows: number, of: number | undefined) => void,
): Promise<Server> {
  const path = join(folder, SERVER_COPY)
  await writeFile(path, '', { flag: 'wx' })
  const tables = await remote.tables()
  const lanes = await withFile(path, async (db) => {
    db.exec(OWN_TABLES)
    for (const [i, table] of tables.entries()) makeTable(db, table, i)
    const done: Lane[] = []
    for (const [lane, of] of Map.groupBy(tables, ({ lane: name }) => name)) {
      const version = await copyLane(db, remote, lane, of, moved)
      db.prepare('INSERT INTO tidemark_lanes VALUES (?, ?)').run(lane, version)
      done.push({ lane, version, tables: of.map(({ name }) => ({ name, rows: countOf(db, name) })) })
    }
    return done
  })
  return { url, copy: SERVER_COPY, ...(await digestOfFile(path)), lanes }
}

function makeTable(db: Sqlite, { name, lane, key, columns }: DeviceTableView, n: number): void {
  db.exec(
    `CREATE TABLE ${named(name)} (${columns.map((column) => `${named(column.name)}${column.name === key ? ' PRIMARY KEY' : ''}`).join(', ')}) WITHOUT ROWID`,
  )
  db.prepare('INSERT INTO tidemark_tables VALUES (?, ?, ?, ?)').run(name, lane, key, n)
  for (const [i, column] of columns.entries())
    db.prepare('INSERT INTO tidemark_columns VALUES (?, ?, ?, ?)').run(name, i, column.name, column.type)
}

/** Reads a lane to its end, and on until the digests agree. The answer is its version then; null: it never stood still. */
async function copyLane(
  db: Sqlite,
  remote: Remote,
  lane: string,
  tables: readonly DeviceTableView[],
  moved: Parameters<typeof backUpServer>[3],
): Promise<number | null> {
  let cursor: string | null = null
  for (let round = 0; round < ROUNDS; round++) {
    cursor = await readOn(db, remote, lane, tables, cursor, moved)
    const version = await agreed(db, remote, lane, tables)
    if (version !== null) return version
  }
  return null
}

async function readOn(
  db: Sqlite,
  remote: Remote,
  lane: string,
  tables: readonly DeviceTableView[],
  from: string | null,
  moved: Parameters<typeof backUpServer>[3],
): Promise<string | null> {
  let [cursor, anew, of] = [from, 0, undefined as number | undefined]
  for (;;) {
    const page: Page = await remote.pull(lane, cursor)
    of = page.total ?? of
    if (page.resnapshot) {
      if (++anew === ROUNDS) throw neverEnds(lane)
      for (const { name } of tables) db.exec(`DELETE FROM ${named(name)}`)
      cursor = null
      continue
    }
    db.exec('BEGIN')
    for (const changed of page.tables ?? []) take(db, tables, changed)
    db.exec('COMMIT')
    const rows = tables.reduce((sum, { name }) => sum + countOf(db, name), 0)
    moved(lane, rows, of === undefined ? undefined : Math.max(of, rows))
    cursor = page.cursor ?? cursor
    if (!page.more) return cursor
  }
}

function take(
  db: Sqlite,
  tables: readonly DeviceTableView[],
  { name, columns, rows, deleted }: NonNullable<Page['tables']>[number],
): void {
  const table = tables.find((each) => each.name === name)
  if (!table) return
  const put = db.prepare(
    `INSERT OR REPLACE INTO ${named(name)} (${columns.map(named).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  )
  for (const row of rows) put.run(...row.map(whole))
  const remove = db.prepare(`DELETE FROM ${named(name)} WHERE ${named(table.key)} = ?`)
  for (const key of deleted) remove.run(key)
}

/** A whole number is kept as one. */
const whole = (value: string | number | null) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value

const countOf = (db: Sqlite, name: string) =>
  Number(db.prepare(`SELECT count(*) AS n FROM ${named(name)}`).get()?.n)

/** The version at which the server holds exactly these rows; null: it holds others by now. */
async function agreed(
  db: Sqlite,
  remote: Remote,
  lane: string,
  tables: readonly DeviceTableView[],
): Promise<number | null> {
  const versions = new Set<number>()
  for (const { name, columns } of tables) {
    const answer = await remote.digest(
      lane,
      name,
      columns.map((column) => column.name),
    )
    if (!holds(db, name, answer)) return null
    versions.add(answer.version)
  }
  const [version, ...others] = versions
  return version === undefined || others.length > 0 ? null : version
}

function holds(db: Sqlite, name: string, { columns, buckets }: DigestAnswer): boolean {
  if (buckets.length === 0) return countOf(db, name) === 0
  const key = named(columns[0] ?? '')
  const read = db.prepare(
    `SELECT ${columns.map(named).join(', ')} FROM ${named(name)}
     WHERE (?1 IS NULL OR ${key} >= ?1) AND (?2 IS NULL OR ${key} < ?2) ORDER BY ${key}`,
  )
  return buckets.every(([from, , digest], i) => {
    const hash = createHash('sha256')
    for (const row of read.iterate(i === 0 ? null : from, buckets[i + 1]?.[0] ?? null))
      hash.update(`${JSON.stringify(columns.map((column) => row[column]))}\n`)
    return hash.digest('hex') === digest
  })
}

const neverEnds = (lane: string) =>
  refusal('endless', {
    title: 'The server begins anew each time',
    detail: `${lane} was read ${ROUNDS} times, and the server asked for another reading.`,
    mend: 'Wait until the server has been restored, then run the same command again.',
  })
