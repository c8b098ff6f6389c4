import type { RemoteColumn, Warning } from '../../engine/ports.ts'
import { quoteTitle } from './a1.ts'
import type { Tab } from './tab.ts'

/** Where the columns of a link stand in a tab. */
export interface Layout {
  /** Index of the header row */
  readonly header: number
  /** Column of the table → column of the tab */
  readonly columns: ReadonlyMap<string, number>
  readonly warnings: readonly Warning[]
}

/** Why a tab can't be read, and what a person does about it. */
export interface Unlaid {
  readonly ok: false
  readonly reason: string
  readonly mend: string
}

export type LayoutAnswer = { readonly ok: true; readonly layout: Layout } | Unlaid

/** How far down the header row is looked for: people put a title and a remark above it. */
export const HEADER_ROWS = 10

/**
 * Finds the columns by their headers. Case, spaces, underscores and hyphens are forgiven; a column's own header outranks
 * its aliases; what fits twice in the same rank is refused, because either choice would be a guess.
 */
export function layoutOf(tab: Tab, columns: Readonly<Record<string, RemoteColumn>>): LayoutAnswer {
  const required = Object.keys(columns).filter((name) => columns[name]?.required)
  const rows = Array.from({ length: Math.min(HEADER_ROWS, tab.rows.length) }, (_, row) => row)
  const found = rows.map((row) => matchesIn(tab, row, columns))
  const header = found.findIndex((matches) => matches.size > 0 && required.every((name) => matches.has(name)))
  const matches = found[header]
  if (!matches) return noHeader(tab, columns, required, found)
  return placed(tab, header, columns, matches)
}

/** Where the columns stand by what was found in a header row, or why that is a guess. */
export function placed(
  tab: Tab,
  header: number,
  columns: Readonly<Record<string, RemoteColumn>>,
  matches: ReadonlyMap<string, Match>,
): LayoutAnswer {
  for (const [name, { best, fits }] of matches)
    if (best.length > 1)
      return {
        ok: false,
        reason: `The tab “${tab.title}” has ${best.length} columns for “${columns[name]?.header}”: ${listed(fits)}`,
        mend: 'Rename all but one of these headers.',
      }
  const taken = new Map<number, string>()
  for (const [name, { best }] of matches) {
    const at = best[0]?.at ?? 0
    const other = taken.get(at)
    if (other)
      return {
        ok: false,
        reason: `The header “${best[0]?.text}” of the tab “${tab.title}” fits both “${columns[other]?.header}” and “${columns[name]?.header}”`,
        mend: 'Remove the alias from one of the two columns in the settings.',
      }
    taken.set(at, name)
  }
  const places = [...matches].map(([name, { best }]): [string, number] => [name, best[0]?.at ?? 0])
  return {
    ok: true,
    layout: { header, columns: new Map(places), warnings: warningsOf(tab, columns, matches) },
  }
}

/** A header as it is compared. */
export const fold = (text: string): string => text.toLowerCase().replace(/[\s_\-‐-―]+/g, '')

interface Header {
  readonly at: number
  readonly text: string
}

/** All headers that fit a column, and those of the best rank among them. */
export interface Match {
  readonly fits: readonly Header[]
  readonly best: readonly Header[]
}

function headersIn(tab: Tab, row: number): Header[] {
  return (tab.rows[row] ?? []).flatMap((cell, at) => {
    const text = cell.effectiveValue?.stringValue?.trim()
    return text ? [{ at, text }] : []
  })
}

/** What fits each column in a row. */
export function matchesIn(
  tab: Tab,
  row: number,
  columns: Readonly<Record<string, RemoteColumn>>,
): Map<string, Match> {
  const headers = headersIn(tab, row)
  const matches = new Map<string, Match>()
  for (const [name, { header, aliases }] of Object.entries(columns)) {
    const own = headers.filter(({ text }) => fold(text) === fold(header))
    const others = headers.filter(({ text }) => aliases.some((alias) => fold(alias) === fold(text)))
    const fits = [...own, ...others.filter((other) => !own.includes(other))]
    if (fits.length > 0) matches.set(name, { fits, best: own.length > 0 ? own : others })
  }
  return matches
}

/** No row is the header: what was found, and what was looked for. */
export function noHeader(
  tab: Tab,
  columns: Readonly<Record<string, RemoteColumn>>,
  required: readonly string[],
  found: readonly ReadonlyMap<string, Match>[],
): Unlaid {
  const closest = found.reduce((best, { size }, row) => (size > (found[best]?.size ?? 0) ? row : best), 0)
  const seen = headersIn(tab, closest).map(({ text }) => `“${text}”`)
  const missing = required.filter((name) => !found[closest]?.has(name))
  const expected = missing.map((name) => {
    const { header = name, aliases = [] } = columns[name] ?? {}
    return `“${header}”${aliases.length > 0 ? ` (or ${aliases.map((alias) => `“${alias}”`).join(', ')})` : ''}`
  })
  return {
    ok: false,
    reason: `The tab “${tab.title}” has no header row with ${expected.join(' and ')}; found in row ${closest + 1}: ${seen.join(', ') || 'nothing'}`,
    mend: `Name the column ${expected.join(' and ')} within the first ${HEADER_ROWS} rows of the tab.`,
  }
}

function warningsOf(
  tab: Tab,
  columns: Readonly<Record<string, RemoteColumn>>,
  matches: ReadonlyMap<string, Match>,
): Warning[] {
  const where = quoteTitle(tab.title)
  // A column for pins is rare: a note does the same.
  const absent = Object.entries(columns).filter(([name, { type }]) => !matches.has(name) && type !== 'pins')
  const missing = absent.map(([, { header }]) => `“${header}”`).join(', ')
  const ignored = [...matches].flatMap(([name, { fits, best }]) =>
    fits.filter((fit) => !best.includes(fit)).map((fit) => ({ fit, header: columns[name]?.header })),
  )
  return [
    ...(missing
      ? [
          {
            kind: 'column_missing',
            message: `The tab has no column ${missing}; those values stay as they are`,
            where,
          },
        ]
      : []),
    ...ignored
      .filter(({ fit }) => ![...matches.values()].some(({ best }) => best.some(({ at }) => at === fit.at)))
      .map(({ fit, header }) => ({
        kind: 'column_ignored',
        message: `“${fit.text}” is not read: the column “${header}” is there too`,
        where,
      })),
  ]
}

const listed = (headers: readonly Header[]): string => headers.map(({ text }) => `“${text}”`).join(', ')
