import type { Row } from '../../db/database.ts'
import { type IndexedRow, waysOf } from './page-index.ts'
import type { PageEntry, PlanInput } from './plan.ts'

/** The row here that a remote's row stands for. `entry`: what was remembered of it. */
export type Identified =
  | { readonly key: string; readonly stored: Row | undefined; readonly entry: PageEntry | undefined }
  /** Found for a link that adds no rows, by one of its ways */
  | {
      readonly key: string
      readonly stored: Row
      readonly entry: PageEntry | undefined
      readonly way: number
    }
  | { readonly kind: 'unmatched' | 'ambiguous'; readonly reason: string }

/** How an entry of a link that adds no rows says by which way its row was found. */
export const WAY = 'way '

/**
 * Finds the stored row of a remote's row: by match columns, by what stood there last time, or as a renamed row. Links
 * that add no rows try their ways one after the other, and leave to a person what could be several rows.
 */
export function identifier(
  input: PlanInput,
  byKey: ReadonlyMap<string, Row>,
  vanished: readonly PageEntry[],
) {
  const adopted = new Set<string>()
  const identify =
    input.link.adds === false ? amongExisting(input) : mirrored(input, byKey, vanished, adopted)
  return Object.assign(identify, { adopted })
}

function mirrored(
  input: PlanInput,
  byKey: ReadonlyMap<string, Row>,
  vanished: readonly PageEntry[],
  adopted: Set<string>,
) {
  const { link } = input
  const live = input.stored.filter((row) => row.deleted_at == null)
  const byMatch = new Map(live.map((row) => [keyOf(link.match, row), row]))
  const gone = new Map(vanished.filter((entry) => entry[5] === 0).map((entry) => [entry[2], entry]))
  // Rows that show the same but for their keys are no evidence of anything.
  const alike = new Map<string, number>()
  for (const [, , , rest] of input.known) alike.set(rest, (alike.get(rest) ?? 0) + 1)
  // A link that matches by the key itself brings the keys of its new rows.
  const brings = link.match.length === 1 && link.match[0] === link.table.key
  return ({ row, values, rest, entry }: IndexedRow): Identified => {
    const stored = byMatch.get(keyOf(link.match, values)) ?? (entry ? byKey.get(entry[0]) : undefined)
    if (stored) return { key: String(stored[link.table.key]), stored, entry }
    if (brings) {
      const key = String(values[link.table.key])
      return { key, stored: byKey.get(key), entry }
    }
    if (entry) return { key: entry[0], stored: undefined, entry }
    // A changed key on the same row, and nothing else changed: the same row, renamed.
    const old = gone.get(row.position)
    const evident = rest !== '' && alike.get(rest) === 1
    const renamed = old && evident && old[3] === rest ? byKey.get(old[0]) : undefined
    if (!old || !renamed) return { key: input.newKey(), stored: undefined, entry }
    adopted.add(old[1])
    return { key: old[0], stored: renamed, entry: old }
  }
}

function amongExisting(input: PlanInput) {
  const { link } = input
  const live = input.stored.filter((row) => row.deleted_at == null)
  const ways = waysOf(link).map((columns) => ({ columns, rows: grouped(columns, live) }))
  // Of this page; the list's are asked behind them.
  const here = new Map<string, { name: string; way: number }>()
  return ({ values, entry, name }: IndexedRow): Identified => {
    for (const [way, { columns, rows }] of ways.entries()) {
      if (columns.some((column) => values[column] == null)) continue
      const found = rows.get(keyOf(columns, values)) ?? []
      const [stored] = found
      if (!stored) continue
      if (found.length > 1)
        return { kind: 'ambiguous', reason: `${found.length} rows match it equally well; none was taken` }
      const key = String(stored[link.table.key])
      const claim = here.get(key) ?? input.claims?.get(key)
      if (claim && claim.name !== name && claim.way <= way)
        return { kind: 'ambiguous', reason: `another row of the list stands for ${key} already` }
      here.set(key, { name, way })
      return { key, stored, entry, way }
    }
    return { kind: 'unmatched', reason: 'nothing here matches it' }
  }
}

function grouped(columns: readonly string[], rows: readonly Row[]): Map<string, Row[]> {
  const all = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(columns, row)
    all.set(key, [...(all.get(key) ?? []), row])
  }
  return all
}

const keyOf = (columns: readonly string[], row: Row): string =>
  JSON.stringify(columns.map((column) => row[column] ?? null))
