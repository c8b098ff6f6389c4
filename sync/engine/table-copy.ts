import type { Result, Row, Statement } from '../../db/database.ts'
import type { LinkDeclaration } from './declare.ts'
import { storedStatements, tupleOf, type Wanted, waysAsked } from './run-facts.ts'

// A list's first reading asks for rows that nobody can foretell. A small table is copied meanwhile, some rows with each
// commit; once all of it is here, pages ask the copy. It is kept by reading what a commit wrote in the commit's own batch.

/** Rows of a link's table as they stand at a version of the lane, in the order of their keys. */
export interface TableCopy {
  version: number
  /** All keys up to this one were read; '' none */
  upTo: string
  whole: boolean
  readonly rows: Map<string, Row>
  /** Columns -> their values as a JSON array -> keys of live rows */
  readonly byWay: ReadonlyMap<string, Map<string, Set<string>>>
}

/** Rows read with a commit: some 3 ms; a copy of 6,000 is whole after 12 pages. */
const CHUNK = 500
/** Rows of a table that is copied: some 10 MB of an object's 128. https://developers.cloudflare.com/durable-objects/platform/limits/ */
const MOST = 10_000

export const newCopy = (link: LinkDeclaration, version: number): TableCopy => ({
  version,
  upTo: '',
  whole: false,
  rows: new Map(),
  byWay: new Map(waysAsked(link).map((columns) => [columns.join(), new Map()])),
})

export const isTooLarge = ({ rows, whole }: TableCopy): boolean => !whole && rows.size > MOST

/** Reads what a commit wrote, by key, and further rows until all are here. */
export function copyStatements(
  link: LinkDeclaration,
  copy: TableCopy,
  written: Iterable<string>,
): Statement[] {
  const { name, key } = link.table
  const again = storedStatements(link, { keys: new Set(written), matches: [] })
  if (copy.whole) return again
  const further = {
    sql: `SELECT * FROM ${name} WHERE ${key} > ?1 ORDER BY ${key} LIMIT ?2`,
    params: [copy.upTo, CHUNK],
  }
  return [...again, further]
}

/** Takes in what they said; `version`: the lane's with that commit. */
export function extendCopy(
  copy: TableCopy,
  link: LinkDeclaration,
  results: readonly Result[],
  version: number,
): void {
  const { key } = link.table
  for (const { rows } of results) for (const row of rows) put(copy, String(row[key]), row)
  if (!copy.whole) {
    const further = results.at(-1)?.rows ?? []
    copy.upTo = String(further.at(-1)?.[key] ?? copy.upTo)
    copy.whole = further.length < CHUNK
  }
  copy.version = version
}

/** The same rows as `storedStatements` would give. Only a whole copy knows. */
export function rowsOfCopy(copy: TableCopy, { keys, matches }: Wanted): Row[] {
  const matched = matches.flatMap(({ columns, values }) =>
    values.flatMap((value) => [...(copy.byWay.get(columns.join())?.get(value) ?? [])]),
  )
  return [...new Set([...matched, ...keys])]
    .map((key) => copy.rows.get(key))
    .filter((row) => row !== undefined)
}

function put({ rows, byWay }: TableCopy, key: string, row: Row): void {
  const before = rows.get(key)
  for (const [way, keys] of byWay) {
    const columns = way.split(',')
    const was = before && tupleOf(columns, before)
    if (was) keys.get(was)?.delete(key)
    const is = row.deleted_at === null ? tupleOf(columns, row) : null
    if (is !== null) keys.set(is, (keys.get(is) ?? new Set()).add(key))
  }
  rows.set(key, row)
}
