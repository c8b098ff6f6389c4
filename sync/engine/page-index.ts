import type { Row } from '../../db/database.ts'
import type { ConflictRow } from './changes.ts'
import type { LinkDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import type { PageEntry } from './plan.ts'
import type { Page, Part, RemoteRow, Warning } from './ports.ts'

/** One row of a page with what the planner asks of it. */
export interface IndexedRow {
  readonly row: RemoteRow
  /** The remote's values and what the declaration completed */
  readonly values: Row
  /** Digest without the identity, and of everything */
  readonly rest: string
  readonly all: string
  /** Digest of the match key */
  readonly name: string
  /** What this match key held last time */
  readonly entry: PageEntry | undefined
  /** The remote was asked for more than its list shows */
  readonly detailed: boolean
}

/** A page by match key, and what had to be left out of it. */
export interface PageIndex {
  readonly rows: ReadonlyMap<string, IndexedRow>
  /** Digests of the match keys: what entries remember, because an address may be long */
  readonly names: ReadonlySet<string>
  readonly warnings: readonly Warning[]
  readonly conflicts: readonly ConflictRow[]
  /** Rows that are there and can't be taken: digest of the match key -> position. They count as seen, and as unread. */
  readonly unread: ReadonlyMap<string, number>
  /** Rows without a readable key, and further rows of a key that stands twice: they can't be told apart */
  readonly nameless: number
}

/** Longer texts are rejected with their row: a page's JSON must fit a parameter of D1. */
const LONGEST_TEXT = 50_000
/** What is kept of a row that can't be taken */
const RAW = 1_000

/**
 * Indexes a page by match key. Pure. A key that stands twice: in a tab the first row counts and the others are conflicts; in
 * a list that is read page by page neither is taken (DESIGN §9), because nobody orders such rows by hand.
 */
export function indexPage(
  of: LinkDeclaration,
  scope: string,
  part: Part,
  page: Page,
  entryOf: (name: string) => PageEntry | undefined,
): PageIndex {
  const warnings: Warning[] = [...page.warnings]
  const conflicts: ConflictRow[] = []
  const rows = new Map<string, IndexedRow>()
  const names = new Set<string>()
  const unread = new Map<string, number>()
  const doubled = new Set<string>()
  let nameless = 0
  const completed = (values: Row): Row => (of.complete ? of.complete({ ...values }, part) : { ...values })
  for (const row of page.rejected ?? []) {
    const values = row.values && completed(row.values)
    if (values && hasIdentity(of, values)) unread.set(nameOf(of, values), row.position)
    else nameless++
    warnings.push({
      kind: 'rejected',
      message: `${row.reason}; the row was left out`,
      where: page.where(row.position),
      raw: row.raw.slice(0, RAW),
    })
  }
  for (const row of page.rows) {
    const values = completed(row.values)
    const where = page.where(row.position)
    const long = Object.entries(values).find(([, v]) => typeof v === 'string' && v.length > LONGEST_TEXT)
    if (long) {
      warnings.push({
        kind: 'too_long',
        message: `${long[0]} is longer than ${LONGEST_TEXT} characters; the row was left out`,
        where,
        raw: String(long[1]).slice(0, 1_000),
      })
      continue
    }
    if (!hasIdentity(of, values)) {
      const absent = of.match.filter((column) => values[column] == null)
      warnings.push({ kind: 'no_key', message: `${absent.join(', ')} missing; the row was left out`, where })
      nameless++
      continue
    }
    const match = matchKey(of, values)
    const first = rows.get(match)
    if (first) {
      nameless++
      const label = String(values[of.match.at(-1) ?? ''] ?? match)
      doubled.add(match)
      const there = page.where(first.row.position)
      const detail = of.list
        ? `${label} stands twice: neither ${there} nor ${where} is used`
        : `${label} stands twice: ${there} is used, ${where} is not`
      warnings.push({ kind: 'duplicate', message: detail, where, raw: label })
      conflicts.push({
        id: `c_${digest(`${of.name}|${scope}|${part.id}|duplicate|${match}|${JSON.stringify(values)}`)}`,
        part: part.id,
        tbl: of.table.name,
        key: label,
        col: null,
        kind: 'duplicate',
        base: null,
        ours: JSON.stringify(first.values),
        theirs: JSON.stringify(values),
        detail,
        recommendations: ['Remove one of the two rows, or correct its key; the conflict closes by itself.'],
      })
      continue
    }
    const [rest, all] = digests(of, part, row, values)
    const name = digest(match)
    names.add(name)
    const details = page.details?.get(row.position)
    rows.set(match, {
      row,
      values: { ...values, ...details },
      rest,
      all,
      name,
      entry: entryOf(name),
      detailed: details !== undefined,
    })
  }
  for (const match of of.list ? doubled : []) {
    const first = rows.get(match)
    if (first) unread.set(first.name, first.row.position)
    rows.delete(match)
  }
  return { rows, names: new Set([...names, ...unread.keys()]), warnings, conflicts, unread, nameless }
}

/** What a match key held last time, by its digest. */
export function entriesByName(known: readonly PageEntry[]): (name: string) => PageEntry | undefined {
  const byName = new Map(known.map((entry) => [entry[1], entry]))
  return (name) => byName.get(name)
}

/** Whether the remote shows a row just as it did last time. */
export const isAsBefore = ({ entry, all }: IndexedRow): boolean => entry?.[4] === all && entry[5] === 0

/** Whether there is anything to merge: another row than the last time, or details of it. */
export const isNews = (indexed: IndexedRow): boolean => indexed.detailed || !isAsBefore(indexed)

/** The digest by which entries remember a row. */
export const nameOf = (of: LinkDeclaration, row: Row): string => digest(matchKey(of, row))

/** The values that make a remote's row that row, as one text: the match columns, of all the ways to match. */
const matchKey = (of: LinkDeclaration, row: Row): string =>
  JSON.stringify(identityOf(of).map((column) => row[column] ?? null))

/** Columns of all the ways in which a row of the remote may find its row here. */
export const waysOf = (of: LinkDeclaration): readonly (readonly string[])[] => [
  of.match,
  ...(of.orMatch ?? []),
]

const identityOf = (of: LinkDeclaration): string[] => [...new Set(waysOf(of).flat())]

/** At least one way to match can be tried. */
const hasIdentity = (of: LinkDeclaration, values: Row): boolean =>
  waysOf(of).some((way) => way.every((column) => values[column] != null))

/**
 * Digests of what a row says beside its identity, and of everything. The first is evidence of a rename, so it counts only
 * what stands in the remote itself, and not what the declaration would complete; '' where nothing does.
 */
function digests(of: LinkDeclaration, part: Part, row: RemoteRow, values: Row): [rest: string, all: string] {
  const required = Object.entries(of.columns).flatMap(([column, c]) => (c.required ? [column] : []))
  const known = new Set([...of.match, ...required, ...Object.keys(of.complete?.({}, part) ?? {})])
  const cells = of.owns.map((column) => values[column] ?? null)
  const own = of.owns.filter((column) => !known.has(column)).map((column) => row.values[column] ?? null)
  const rest = own.some((value) => value !== null) ? digest(JSON.stringify(own)) : ''
  return [rest, digest(JSON.stringify([cells, row.pinned ?? [], row.locked ?? []]))]
}
