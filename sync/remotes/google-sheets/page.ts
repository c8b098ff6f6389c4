import type { Page, Part, RemoteColumn } from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import { layoutOf } from './layout.ts'
import { readRows } from './read-rows.ts'
import type { Tab } from './tab.ts'

/** A part is one page: a tab is never split over two moments. */
export function pageOf(part: Part, tab: Tab, columns: Readonly<Record<string, RemoteColumn>>): Page {
  const answer = layoutOf(tab, columns)
  if (!answer.ok) return refusedPage(part, tab.title, answer)
  const { layout } = answer
  const { rows, warnings } = readRows(tab, layout, columns)
  return {
    part: part.id,
    rows,
    warnings: [...layout.warnings, ...warnings],
    where: (position, column) => {
      const at = column && (layout.columns.get(column) ?? layout.columns.get(column.replace(/_key$/, '')))
      return place(tab.title, layout.header + 1 + position, at === '' ? undefined : at)
    },
    next: null,
  }
}

/** The page changes nothing, and says why. */
export const refusedPage = (
  part: Part,
  title: string,
  { reason, mend }: { readonly reason: string; readonly mend: string },
): Page => ({
  part: part.id,
  rows: [],
  warnings: [],
  where: () => quoteTitle(title),
  refused: { reason, mend },
  next: null,
})
