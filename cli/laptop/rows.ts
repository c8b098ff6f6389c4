import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { type Here, type Shadow, same, type Values } from './edit.ts'
import { named, type Sqlite } from './file.ts'
import type { Link } from './link.ts'
import { fileOf, type Raw, type Unreadable, type Wire, wireOf } from './values.ts'

export interface Mark {
  readonly row: string
  readonly how: number
  readonly blank: bigint
}

export interface Times {
  readonly now: number
  readonly round: number
}

export type Rows = ReturnType<typeof rowsOf>

/** A statement that is prepared when it is first used: most syncs need few of them. */
function whenUsed(prepare: () => StatementSync) {
  let prepared: StatementSync | undefined
  const statement = () => {
    prepared ??= prepare()
    return prepared
  }
  return {
    get: (...params: SQLInputValue[]) => statement().get(...params),
    all: (...params: SQLInputValue[]) => statement().all(...params),
    run: (...params: SQLInputValue[]) => statement().run(...params),
  }
}

/** One linked table: its rows in the file, their shadows and marks. All of it is called within a transaction. */
export function rowsOf(db: Sqlite, link: Link) {
  const table = named(link.local)
  const key = named(link.key)
  const dirty = `tidemark_dirty_${link.id}`
  const shadows = `tidemark_shadow_${link.id}`
  const list = link.columns.map(({ local }) => named(local)).join(', ')
  const statement = (sql: string) => whenUsed(() => db.prepare(sql))
  const exactly = (sql: string) =>
    whenUsed(() => {
      const prepared = db.prepare(sql)
      prepared.setReadBigInts(true)
      return prepared
    })
  // By the key's index, and then byte by byte: a column may take what the server tells apart for equal (NOCASE, RTRIM).
  const is = (row: string) => `${key} = ${row} AND CAST(${key} AS TEXT) COLLATE BINARY = ${row}`
  // Bytes are no name; NULL is none either.
  const isNamed = `typeof(${key}) NOT IN ('null', 'blob')`
  const readRow = exactly(`SELECT ${list} FROM ${table} WHERE ${is('?1')}`)
  const hasRow = statement(`SELECT 1 FROM ${table} WHERE ${key} = ?`)
  const readThese = exactly(
    // Under names that no table has: json_each has columns id, key, value and others.
    `SELECT j."tidemark nth", ${list} FROM (SELECT key AS "tidemark nth", value AS "tidemark row" FROM json_each(?1)) j
     CROSS JOIN ${table} ON ${is('j."tidemark row"')}`,
  )
  const readKnown = statement(
    `SELECT j.value AS row FROM json_each(?1) j WHERE EXISTS (SELECT 1 FROM ${table} WHERE ${is('j.value')})
       OR EXISTS (SELECT 1 FROM ${shadows} s WHERE s.row = j.value)
       OR EXISTS (SELECT 1 FROM tidemark_names n WHERE n.link = ?2 AND n.row = j.value)
       OR EXISTS (SELECT 1 FROM tidemark_names n WHERE n.link = ?2 AND n.key = j.value)
       OR EXISTS (SELECT 1 FROM tidemark_outbox o WHERE o.link = ?2 AND o.row = j.value AND o.settled_at IS NULL)`,
  )
  const removeMarks = statement(`DELETE FROM ${dirty} WHERE row IN (SELECT value FROM json_each(?))`)
  const readMany = exactly(
    `SELECT CAST(${key} AS TEXT) AS "tidemark row", ${list} FROM ${table}
     WHERE ${isNamed} AND (?1 IS NULL OR ${key} > ?1) ORDER BY ${key} LIMIT ?2`,
  )
  const readNames = statement(`SELECT CAST(${key} AS TEXT) AS row FROM ${table} WHERE ${isNamed}`)
  const readBytes = statement(
    `SELECT CAST(${key} AS TEXT) AS row FROM ${table} WHERE typeof(${key}) = 'blob' AND (?1 IS NULL OR ${key} = CAST(?1 AS BLOB))`,
  )
  const removeRow = statement(`DELETE FROM ${table} WHERE ${is('?1')}`)
  const insertRow = statement(
    `INSERT INTO ${table} (${key}, ${list}) VALUES (?${', ?'.repeat(link.columns.length)})`,
  )
  const readShadow = statement(`SELECT vals, seen, absent FROM ${shadows} WHERE row = ?`)
  const writeShadow = statement(
    `INSERT INTO ${shadows} (row, vals, seen, absent, round, at, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (row) DO UPDATE SET vals = ?2, seen = ?3, absent = ?4, round = ?5, at = ?6, origin = ?7`,
  )
  const removeShadow = statement(`DELETE FROM ${shadows} WHERE row = ?`)
  const readMark = exactly(`SELECT row, how, blank FROM ${dirty} WHERE row = ?`)
  const readMarks = exactly(`SELECT row, how, blank FROM ${dirty} LIMIT ?`)
  const writeMark = statement(
    `INSERT INTO ${dirty} VALUES (?1, ?2, 0) ON CONFLICT (row) DO UPDATE SET how = how | ?2`,
  )
  const removeMark = statement(`DELETE FROM ${dirty} WHERE row = ?`)
  const count = statement(
    // All without those few, which stand at the ends of the key's index: counting is quicker than looking at each.
    `SELECT (SELECT count(*) FROM ${table}) - (SELECT count(*) FROM ${table} WHERE ${key} IS NULL)
       - (SELECT count(*) FROM ${table} WHERE ${key} >= x'') AS n`,
  )
  const expected = statement(
    `SELECT (SELECT count(*) FROM ${shadows}) - (SELECT count(*) FROM ${shadows} WHERE absent IN (1, 3)) AS n`,
  )
  const own = statement(`SELECT count(*) AS n FROM ${shadows} WHERE absent IN (2, 4)`)
  const barred = statement(`SELECT row FROM ${shadows} WHERE absent = 3`)
  const missing = statement(
    `SELECT row FROM ${shadows} s WHERE absent IN (0, 2, 4) AND NOT EXISTS (SELECT 1 FROM ${table} WHERE ${is('s.row')})
       AND NOT EXISTS (SELECT 1 FROM ${dirty} d WHERE d.row = s.row)`,
  )
  const unseen = statement(`SELECT row FROM ${shadows} WHERE round < ? AND absent NOT IN (2, 4)`)
  const byRow = statement('SELECT key FROM tidemark_names WHERE link = ? AND row = ?')
  const byKey = statement('SELECT row FROM tidemark_names WHERE link = ? AND key = ?')
  const currencyColumn = link.columns.find(({ name }) => name === 'currency')?.local
  const updates = new Map<string, ReturnType<Sqlite['prepare']>>()

  const hereOf = (raw: Record<string, Raw>): Here => {
    const currency = currencyColumn === undefined ? null : (raw[currencyColumn] as Wire)
    return Object.fromEntries(
      link.columns.map(({ name, local, type, holds }) => [
        name,
        wireOf(type, holds, raw[local] ?? null, currency),
      ]),
    )
  }
  const omitted = exactly(
    `SELECT ${link.columns.map((column) => `${column.omitted} AS ${named(column.local)}`).join(', ')}`,
  ).get() as Record<string, Raw>
  const blanks = hereOf(omitted)
  const columns = link.columns.map((column) => ({ ...column, omittedWire: blanks[column.name] ?? null }))

  const raws = (names: readonly string[], vals: Values): Raw[] => {
    const currency = vals.currency ?? null
    return columns
      .filter(({ name }) => names.includes(name))
      .map(({ name, type, holds }) => fileOf(type, holds, vals[name] ?? null, currency))
  }

  const file = (row: string): Here | undefined => {
    const found = readRow.get(row) as Record<string, Raw> | undefined
    return found && hereOf(found)
  }

  /** `origin`: whose the change is */
  const setShadow = (
    row: string,
    { vals, seen, state }: Shadow,
    { now, round }: Times,
    origin: 'local' | 'remote',
  ): void => {
    const text = Object.keys(seen).length === 0 ? null : JSON.stringify(seen)
    writeShadow.run(row, JSON.stringify(vals), text, STATES.indexOf(state), round, now, origin)
  }

  /** Writes into the row; what the file's own rules forbid stays as it was. */
  const update = (row: string, names: readonly string[], vals: Values): void => {
    if (names.length === 0) return
    const cached = names.join('\n')
    const set = columns.filter(({ name }) => names.includes(name)).map(({ local }) => `${named(local)} = ?`)
    const prepared =
      updates.get(cached) ??
      db.prepare(`UPDATE ${table} SET ${set.join(', ')} WHERE ${is(`?${set.length + 1}`)}`)
    updates.set(cached, prepared)
    tolerant(() => prepared.run(...(raws(names, vals) as SQLInputValue[]), row))
  }

  return {
    link,
    columns,
    file,
    update,
    isThere: (row: string) => hasRow.get(row) !== undefined,
    /** Why the file could not take it, or null */
    insert: (row: string, vals: Values): string | null => {
      const names = columns.map(({ name }) => name)
      return tolerant(() => insertRow.run(row, ...(raws(names, vals) as SQLInputValue[])))
    },
    /** Those that neither the file nor anything beside it knows */
    unknown: (names: readonly string[]): Set<string> => {
      const known = readKnown.all(JSON.stringify(names), link.id).map(({ row }) => String(row))
      return new Set(names).difference(new Set(known))
    },
    /** Puts in rows that nothing is known of, with their shadows. Answers those that the file could not take, and why. */
    insertNew: (fresh: readonly { row: string; vals: Values }[], times: Times) => {
      const names = columns.map(({ name }) => name)
      const written = fresh.map(({ vals }) => raws(names, vals))
      const unplaced = fresh.flatMap(({ row }, i) => {
        const reason = tolerant(() => insertRow.run(row, ...(written[i] as SQLInputValue[])))
        return reason === null ? [] : [{ row, reason }]
      })
      const refused = new Set(unplaced.map(({ row }) => row))
      const texts = JSON.stringify(fresh.map(({ row }) => row))
      const found = new Map(readThese.all(texts).map((raw) => [Number(raw['tidemark nth']), raw]))
      for (const [i, { row, vals }] of fresh.entries()) {
        const raw = found.get(i) as Record<string, Raw> | undefined
        const isAsWritten = raw && columns.every(({ local }, c) => raw[local] === written[i]?.[c])
        const seen = raw && !isAsWritten ? differing(hereOf(raw), vals, names) : {}
        const absent = refused.has(row) ? 'barred' : 'unplaced'
        setShadow(row, { vals, seen, state: raw ? 'agreed' : absent }, times, 'remote')
      }
      removeMarks.run(texts)
      return unplaced
    },
    remove: (row: string) => tolerant(() => removeRow.run(row)),
    /** Whether this is the text of a key that is bytes */
    isBytes: (row: string) => readBytes.get(row) !== undefined,
    /** Rows whose keys are bytes, as text */
    bytes: () => readBytes.all(null).map(({ row }) => String(row)),
    /** Every row by name */
    names: () => readNames.all().map(({ row }) => String(row)),
    after: (row: string | null, limit: number) =>
      (readMany.all(row, limit) as Record<string, Raw>[]).map((raw) => ({
        row: String(raw['tidemark row']),
        here: hereOf(raw),
      })),
    shadow: (row: string): Shadow | undefined => {
      const found = readShadow.get(row)
      if (!found) return undefined
      return {
        vals: JSON.parse(String(found.vals)) as Values,
        seen: found.seen === null ? {} : (JSON.parse(String(found.seen)) as Here),
        state: STATES[Number(found.absent)] ?? 'agreed',
      }
    },
    setShadow,
    removeShadow: (row: string) => removeShadow.run(row),
    mark: (row: string) => readMark.get(row) as unknown as RawMark | undefined,
    marks: (limit: number) => (readMarks.all(limit) as unknown as RawMark[]).map(markOf),
    setMark: (row: string, how: number) => writeMark.run(row, how),
    removeMark: (row: string) => removeMark.run(row),
    count: () => Number(count.get()?.n),
    expected: () => Number(expected.get()?.n),
    /** Rows that are in this file only: the server did not take them, or keeps them in a conflict */
    own: () => Number(own.get()?.n),
    /** Rows that the file's own rules kept out */
    barred: () => barred.all().map(({ row }) => String(row)),
    /** Rows that are gone without a mark */
    missing: () => missing.all().map(({ row }) => String(row)),
    /** Rows that the server did not show since this round of reading began */
    unseen: (round: number) => unseen.all(round).map(({ row }) => String(row)),
    setSeen: (round: number) => db.prepare(`UPDATE ${shadows} SET round = ?1 WHERE round < ?1`).run(round),
    keyOf: (row: string): string => String(byRow.get(link.id, row)?.key ?? row),
    rowsNamed: (serverKey: string) => byKey.all(link.id, serverKey).map(({ row }) => String(row)),
    rename: (row: string, serverKey: string) =>
      db
        .prepare(
          'INSERT INTO tidemark_names VALUES (?1, ?2, ?3) ON CONFLICT (link, row) DO UPDATE SET key = ?3',
        )
        .run(link.id, row, serverKey),
    forgetName: (row: string) =>
      db.prepare('DELETE FROM tidemark_names WHERE link = ? AND row = ?').run(link.id, row),
  }
}

/** As `absent` counts them. */
const STATES: readonly Shadow['state'][] = ['agreed', 'unplaced', 'refused', 'barred', 'parked']

type RawMark = { row: string; how: bigint; blank: bigint }
export const markOf = ({ row, how, blank }: RawMark): Mark => ({ row: String(row), how: Number(how), blank })

const CONSTRAINT = 19
const MISMATCH = 20

/** A rule of the file's own (NOT NULL, CHECK, a trigger that raises) refuses one row, and stops nothing else. */
function tolerant(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    const code = (error as { errcode?: number }).errcode ?? 0
    if ((code & 0xff) !== CONSTRAINT && (code & 0xff) !== MISMATCH) throw error
    return (error as Error).message
  }
}

/** Columns in which the file says otherwise than it was told. */
export function differing(
  here: Here,
  vals: Values,
  names: readonly string[],
): Record<string, Wire | Unreadable> {
  return Object.fromEntries(
    names.filter((name) => !same(here[name], vals[name])).map((name) => [name, here[name] ?? null]),
  )
}
