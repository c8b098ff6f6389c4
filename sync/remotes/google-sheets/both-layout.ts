import * as z from 'zod'
import type { RemoteColumn, Warning } from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import {
  fold,
  HEADER_ROWS,
  type Layout,
  type Match,
  matchesIn,
  noHeader,
  placed,
  type Unlaid,
} from './layout.ts'
import { fateOf, type Headers } from './renamed.ts'
import { cellAt, type Tab, textOf } from './tab.ts'

/** The header of the hidden column that keeps rows' ids, and its name in a layout. */
export const ID_HEADER = 'Tidemark ID'
export const ID = '#id'

/** What is remembered of a tab's headers, as they stood last. */
export const KnownHeaders = z.object({
  headers: z.array(z.string().nullable()),
  /** Column of the table → its place in `headers` */
  places: z.record(z.string(), z.number().int()),
  /** Column of the table → the header that people gave it */
  learned: z.record(z.string(), z.string()),
})
export type KnownHeaders = z.infer<typeof KnownHeaders>

export type BothLayout = { readonly ok: true; readonly layout: Layout; readonly known: KnownHeaders } | Unlaid

type Columns = Readonly<Record<string, RemoteColumn>>

/**
 * Finds the columns of a link both ways by their headers, and those that were renamed by their neighbours. A header that is
 * empty, or that could be several columns, refuses the tab: nothing is read from, or written to, a guess.
 */
export function bothLayout(
  tab: Tab,
  columns: Columns,
  rowIds: boolean,
  known: KnownHeaders | undefined,
): BothLayout {
  const wanted: Columns = rowIds
    ? { ...columns, [ID]: { header: ID_HEADER, aliases: [], type: 'text' } }
    : columns
  const rows = Array.from({ length: Math.min(HEADER_ROWS, tab.rows.length) }, (_, row) => row)
  const found = rows.map((row) => matchesIn(tab, row, withLearned(tab, row, wanted, known)))
  const remembered = new Set(known?.headers.flatMap((text) => (text ? [fold(text)] : [])))
  const scores = found.map((matches, row) => matches.size + sharedWith(tab, row, remembered))
  const header = scores.reduce((best, score, row) => (score > (scores[best] ?? 0) ? row : best), 0)
  const required = Object.keys(columns).filter((name) => columns[name]?.required)
  if (!scores[header])
    return noHeader(tab, columns, required.length > 0 ? required : Object.keys(columns), found)

  const headers = headersOf(tab, header)
  const matches = new Map(found[header])
  const warnings: Warning[] = []
  for (const [name, column] of Object.entries(wanted)) {
    const stood = known?.places[name]
    if (matches.has(name) || !known || stood === undefined) continue
    const fate = fateOf(stood, known.headers, headers)
    const was = known.headers[stood] ?? column.header
    if (fate.type === 'unclear' && name !== ID) return headerGone(tab, header, was, fate.candidates, headers)
    if (fate.type !== 'renamed') continue
    const text = headers[fate.at] ?? ''
    matches.set(name, one(fate.at, text))
    warnings.push({
      kind: 'header_renamed',
      message: `The column “${was}” is called “${text}” now: it is still ${column.header}`,
      where: place(tab.title, header, fate.at),
    })
  }
  const missing = required.filter((name) => !matches.has(name))
  if (missing.length > 0)
    return known && missing.some((name) => name in known.places)
      ? columnGone(tab, columns, missing)
      : noHeader(tab, columns, missing, [matches])
  const ids = matches.get(ID)?.best[0]
  if (ids) matches.set(ID, one(ids.at, ids.text))

  const answer = placed(tab, header, columns, matches)
  if (!answer.ok) return answer
  const { layout } = answer
  const textIn = (at: number) => headers[at] ?? ''
  return {
    ok: true,
    layout: { ...layout, warnings: [...layout.warnings, ...warnings] },
    known: {
      headers: [...headers],
      places: Object.fromEntries(layout.columns),
      learned: Object.fromEntries(
        [...layout.columns].flatMap(([name, at]) =>
          names(wanted[name]).includes(fold(textIn(at))) ? [] : [[name, textIn(at)]],
        ),
      ),
    },
  }
}

/** A header that people gave a column outranks its own, as long as it is there. */
function withLearned(tab: Tab, row: number, columns: Columns, known: KnownHeaders | undefined): Columns {
  const present = new Set((tab.rows[row] ?? []).map((cell) => fold(textOf(cell))))
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const learned = known?.learned[name]
      if (learned === undefined || !present.has(fold(learned))) return [name, column]
      return [name, { ...column, header: learned, aliases: [column.header, ...column.aliases] }]
    }),
  )
}

const names = (column: RemoteColumn | undefined): string[] =>
  column ? [column.header, ...column.aliases].map(fold) : []

const one = (at: number, text: string): Match => ({ fits: [{ at, text }], best: [{ at, text }] })

const sharedWith = (tab: Tab, row: number, remembered: ReadonlySet<string>): number =>
  (tab.rows[row] ?? []).filter((cell) => remembered.has(fold(textOf(cell)))).length

function headersOf(tab: Tab, header: number): Headers {
  const width = Math.max(0, ...tab.rows.slice(header).map((cells) => cells.length))
  return Array.from({ length: width }, (_, at) => {
    const text = textOf(cellAt(tab, header, at)).trim()
    if (text !== '') return text
    return tab.rows.some((_, row) => row > header && textOf(cellAt(tab, row, at)) !== '') ? '' : null
  })
}

function headerGone(
  tab: Tab,
  header: number,
  was: string,
  candidates: readonly number[],
  headers: Headers,
): Unlaid {
  const places = candidates.map((at) => {
    const cell = place(tab.title, header, at)
    return headers[at] ? `“${headers[at]}” (${cell})` : `${cell}, which is empty`
  })
  return {
    ok: false,
    reason: `The header “${was}” of the tab “${tab.title}” is gone; the column could be ${places.join(' or ')}`,
    mend: `Type “${was}” above its column again. After that it may be renamed.`,
  }
}

function columnGone(tab: Tab, columns: Columns, missing: readonly string[]): Unlaid {
  const listed = missing.map((name) => `“${columns[name]?.header ?? name}”`).join(' and ')
  return {
    ok: false,
    reason: `The column ${listed} of the tab ${quoteTitle(tab.title)} is gone, and rows are known by it`,
    mend: `Undo its deletion in the sheet, or give a column the header ${listed}.`,
  }
}
