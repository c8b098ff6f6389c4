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
}

/** A page by match key, and what had to be left out of it. */
export interface PageIndex {
  readonly rows: ReadonlyMap<string, IndexedRow>
  /** Digests of the match keys: what entries remember, because an address may be long */
  readonly names: ReadonlySet<string>
  readonly warnings: readonly Warning[]
  readonly conflicts: readonly ConflictRow[]
}

/** Longer texts are rejected with their row: a page's JSON must fit a parameter of D1. */
const LONGEST_TEXT = 50_000

/** Indexes a page by match key. Pure. A key that stands twice: the first row counts, the others are conflicts. */
export function indexPage(
  of: LinkDeclaration,
  scope: string,
  part: Part,
  page: Page,
  known: readonly PageEntry[],
): PageIndex {
  const entryOf = new Map(known.map((entry) => [entry[1], entry]))
  const warnings: Warning[] = [...page.warnings]
  const conflicts: ConflictRow[] = []
  const rows = new Map<string, IndexedRow>()
  const names = new Set<string>()
  for (const row of page.rows) {
    const values: Row = of.complete ? of.complete({ ...row.values }, part) : { ...row.values }
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
    const absent = of.match.filter((column) => values[column] == null)
    if (absent.length > 0) {
      warnings.push({ kind: 'no_key', message: `${absent.join(', ')} missing; the row was left out`, where })
      continue
    }
    const match = matchKey(of, values)
    const first = rows.get(match)
    if (first) {
      const label = String(values[of.match.at(-1) ?? ''] ?? match)
      const detail = `${label} stands twice: ${page.where(first.row.position)} is used, ${where} is not`
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
    rows.set(match, { row, values, rest, all, name, entry: entryOf.get(name) })
  }
  return { rows, names, warnings, conflicts }
}

/** Whether the remote shows a row just as it did last time. */
export const isAsBefore = ({ entry, all }: IndexedRow): boolean => entry?.[4] === all && entry[5] === 0

/** The values of a link's match columns as one text. */
export const matchKey = (of: LinkDeclaration, row: Row): string =>
  JSON.stringify(of.match.map((column) => row[column] ?? null))

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
