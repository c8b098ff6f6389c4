import type { Result, Row, Statement } from '../../db/database.ts'
import type { LinkDeclaration } from './declare.ts'
import { tupleOf, type Wanted, waysAsked } from './run-facts.ts'

// A list's first reading asks for rows that nobody can foretell. A small table of one scope is copied meanwhile, some rows with each
// commit; once all of it is here, pages ask the copy. Rows that a commit wrote since they were read are not taken from it:
// pages of a list rarely show them again.

/** Rows of a link's table as they stand at a version of the lane, in the order of their keys. */
export interface TableCopy {
  version: number
  /** All keys up to this one were read; '' none */
  upTo: string
  whole: boolean
  readonly rows: Map<string, Row>
  /** Keys of rows that were written since they were read */
  readonly written: Set<string>
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
  written: new Set(),
  byWay: new Map(waysAsked(link).map((columns) => [columns.join(), new Map()])),
})

export const isTooLarge = ({ rows, whole }: TableCopy): boolean => !whole && rows.size > MOST

/** Reads further rows, until all are here. */
export const copyStatements = ({ table: { name, key } }: LinkDeclaration, copy: TableCopy): Statement[] =>
  copy.whole
    ? []
    : [
        {
          sql: `SELECT * FROM ${name} WHERE ${key} > ?1 ORDER BY ${key} LIMIT ?2`,
          params: [copy.upTo, CHUNK],
        },
      ]

/** Takes in what a commit wrote, and what `copyStatements` said behind its writes; `version`: the lane's with that commit. */
export function extendCopy(
  copy: TableCopy,
  link: LinkDeclaration,
  written: Iterable<string>,
  results: readonly Result[],
  version: number,
): void {
  const { key } = link.table
  for (const each of written) copy.written.add(each)
  const [further] = results
  for (const row of further?.rows ?? []) put(copy, String(row[key]), row)
  if (further && !copy.whole) {
    copy.upTo = String(further.rows.at(-1)?.[key] ?? copy.upTo)
    copy.whole = further.rows.length < CHUNK
  }
  copy.version = version
}

/** The same rows as `storedStatements` would give; null where the copy can't tell. */
export function rowsOfCopy(copy: TableCopy, link: LinkDeclaration, { keys, matches }: Wanted): Row[] | null {
  const { written, rows, byWay } = copy
  // Which rows match may be another question since then.
  const moved = matches.some(
    ({ columns }) => link.adds !== false || columns.some((c) => link.owns.includes(c)),
  )
  if (!copy.whole || (moved && written.size > 0)) return null
  const matched = matches.flatMap(({ columns, values }) =>
    values.flatMap((value) => [...(byWay.get(columns.join())?.get(value) ?? [])]),
  )
  const all = [...new Set([...matched, ...keys])]
  if (all.some((key) => written.has(key))) return null
  return all.map((key) => rows.get(key)).filter((row) => row !== undefined)
}

function put({ rows, byWay, written }: TableCopy, key: string, row: Row): void {
  const before = rows.get(key)
  for (const [way, keys] of byWay) {
    const columns = way.split(',')
    const was = before && tupleOf(columns, before)
    if (was) keys.get(was)?.delete(key)
    const is = row.deleted_at === null ? tupleOf(columns, row) : null
    if (is !== null) keys.set(is, (keys.get(is) ?? new Set()).add(key))
  }
  rows.set(key, row)
  written.delete(key)
}
