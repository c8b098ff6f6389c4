import type { Page, Part, RemoteContext } from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import { bothLayout } from './both-layout.ts'
import { type Both, bothRows } from './both-rows.ts'
import { refusedPage } from './page.ts'
import { isBlank, type Tab } from './tab.ts'
import { knownHeaders, rememberHeaders } from './tab-memory.ts'

/** What is kept in `scratch` of the probe: when the spreadsheet was changed last. */
export const MODIFIED = 'google-sheets:modified'

/** Whether nothing stood in a part's tab when this run read it. */
export const wasBlank = ({ scratch }: RemoteContext, part: Part): boolean =>
  scratch.get(blankKey(part)) === true

const blankKey = ({ id }: Part): string => `google-sheets:blank:${id}`

/** The page of a part of a link both ways. What its headers are called now is remembered, so that people may rename them. */
export function bothPage(context: RemoteContext, part: Part, tab: Tab, both: Both): Page {
  const modified = context.scratch.get(MODIFIED)
  const when = typeof modified === 'number' ? { modified } : {}
  // What says where a cell stands outlives the page, and must not hold the tab.
  const { title } = tab
  const blank = isBlank(tab)
  context.scratch.set(blankKey(part), blank)
  if (blank)
    return {
      part: part.id,
      rows: [],
      warnings: [],
      where: () => quoteTitle(title),
      blank,
      next: null,
      ...when,
    }
  const answer = bothLayout(tab, context.columns, both.rowIds, knownHeaders(context, part, tab))
  if (!answer.ok) return { ...refusedPage(part, tab.title, answer), ...when }
  const { layout, known } = answer
  rememberHeaders(context, part, known)
  const { columns: places, header } = layout
  const { rows, rejected, warnings } = bothRows(tab, layout, context.columns, both)
  return {
    part: part.id,
    rows,
    rejected,
    warnings: [...layout.warnings, ...warnings],
    where: (position, column) => place(title, header + 1 + position, column ? places.get(column) : undefined),
    next: null,
    ...when,
  }
}
