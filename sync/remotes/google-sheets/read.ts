import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import type { Answer, Page, Part, RemoteContext } from '../../engine/ports.ts'
import { bothPage } from './both-page.ts'
import type { Called, SheetsCalls } from './calls.ts'
import { findTabs, noTab } from './find-tabs.ts'
import { pageOf, refusedPage } from './page.ts'
import { type Look, maySpill, type Tab, tabFields, tabsOf } from './tab.ts'
import { type KnownTab, knownTabs, rememberedAs, rememberTabs, titleOf } from './tab-memory.ts'

/** What one answer should weigh at most: https://developers.google.com/workspace/sheets/api/limits advises 2 MB. */
const ANSWER = 2_000_000
/** A guess for a tab that was never read, in bytes a cell of its grid: most of a fresh grid of 1000 × 26 is empty. */
const GUESS = 15
/** Cells of a grid from which on a tab that was never read is looked at in the lean way. */
export const LARGE = 50_000
/** Largest part of a grid that is read: what a Worker's memory carries. A tab that is filled further is refused. */
const MOST_ROWS = 11_000
const MOST_COLUMNS = 200

/**
 * The page of a part. Tabs that the run still needs are fetched together, as many as one answer should hold, and kept
 * in `scratch` until they are asked for; where it was emptied meanwhile they are fetched again.
 */
export async function readPage(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
): Promise<Answer<Page>> {
  const from = context.parts.findIndex(({ id }) => id === part.id)
  const open = (other: Part) => other.id === part.id || !context.scratch.has(scratchKey(other.id))
  const parts = from < 0 ? [part] : context.parts.slice(from).filter(open)
  const fetched = take(context, part) ?? (await fetchTab(calls, context, part, parts, false))
  if (!fetched.ok) return fetched
  const { tab, missing } = fetched.value
  if (missing) return { ok: true, value: refusedPage(part, titleOf(part), missing) }
  if (tab.rows.length >= MOST_ROWS || tab.rows.some((cells) => cells.length >= MOST_COLUMNS)) {
    const reason = `The tab “${tab.title}” is filled beyond ${MOST_ROWS} rows or ${MOST_COLUMNS} columns`
    return { ok: true, value: refusedPage(part, tab.title, { reason, mend: 'Split it into several tabs.' }) }
  }
  const { both } = context
  return {
    ok: true,
    value: both ? bothPage(context, part, tab, both) : pageOf(part, tab, context.columns),
  }
}

type Fetched =
  | { readonly tab: Tab; readonly missing?: never }
  | { readonly tab?: never; readonly missing: { readonly reason: string; readonly mend: string } }

/** Fetches a part's tab, and with it those of `parts` that one answer should hold. */
export async function fetchTab(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  parts: readonly Part[],
  protections: boolean,
): Promise<Called<Fetched>> {
  for (const again of [false, true]) {
    const found = await findTabs(calls, context, parts, again)
    if (!found.ok) return found
    const { tabs, listed } = found.value
    if (!tabs.has(part.id)) return { ok: true, value: { missing: noTab(part, listed) } }
    const group = together(parts, tabs)
    const answer = await fetchCells(calls, context, group, tabs, protections)
    // A sheet id that is not there any more makes the whole call invalid.
    if (!answer.ok && !answer.invalid) return answer
    if (answer.ok && answer.value.has(part.id)) {
      for (const [id, tab] of answer.value) context.scratch.set(scratchKey(id), tab)
      const tab = answer.value.get(part.id) as Tab
      context.scratch.delete(scratchKey(part.id))
      return { ok: true, value: { tab } }
    }
    if (!answer.ok && again) return answer
  }
  return { ok: true, value: { missing: noTab(part, null) } }
}

/** The cells of the tabs of some parts, in one moment. Also remembers how large they were. */
async function fetchCells(
  calls: SheetsCalls,
  context: RemoteContext,
  parts: readonly Part[],
  tabs: ReadonlyMap<string, KnownTab>,
  protections: boolean,
): Promise<Called<ReadonlyMap<string, Tab>>> {
  const wanted = new Map(
    parts.flatMap(({ id }) => (tabs.get(id) ? [[tabs.get(id)?.sheetId, tabs.get(id)]] : [])),
  )
  const ranges = [...wanted.values()].flatMap((tab) => (tab ? [rangeOf(tab)] : []))
  const both = context.both !== undefined
  let look: Look = { protections, both, lean: both && [...wanted.values()].some(isLarge) }
  let answer = await calls.cells(context, ranges, tabFields(look))
  if (answer.ok && look.lean && tabsOf(answer.value, look).some(maySpill)) {
    look = { ...look, lean: false }
    answer = await calls.cells(context, ranges, tabFields(look))
  }
  if (!answer.ok) return answer
  const read = new Map(tabsOf(answer.value, look).map((tab) => [tab.sheetId, tab]))
  const known = knownTabs(context)
  const byPart = new Map<string, Tab>()
  for (const part of parts) {
    const tab = read.get(tabs.get(part.id)?.sheetId ?? -1)
    if (!tab) continue
    byPart.set(part.id, tab)
    known.set(part.id, rememberedAs(part, tab, known.get(part.id)))
  }
  rememberTabs(context, known)
  return { ok: true, value: byPart }
}

const isLarge = (tab: KnownTab | undefined): boolean =>
  tab !== undefined && (tab.weight === null ? tab.rows * tab.columns >= LARGE : tab.weight >= ANSWER)

const rangeOf = ({ sheetId, rows, columns }: KnownTab): sheets_v4.Schema$GridRange => ({
  sheetId,
  ...(rows > MOST_ROWS && { endRowIndex: MOST_ROWS }),
  ...(columns > MOST_COLUMNS && { endColumnIndex: MOST_COLUMNS }),
})

/** The first of the parts, and as many after it as one answer should hold. */
function together(parts: readonly Part[], tabs: ReadonlyMap<string, KnownTab>): Part[] {
  const group: Part[] = []
  let weight = 0
  for (const part of parts) {
    const tab = tabs.get(part.id)
    if (!tab) continue
    weight += tab.weight ?? tab.rows * tab.columns * GUESS
    if (group.length > 0 && weight > ANSWER) break
    group.push(part)
  }
  return group
}

const scratchKey = (part: string): string => `google-sheets:tab:${part}`

/** A tab is handed out once: who asks again wants to look again. */
function take({ scratch }: RemoteContext, { id }: Part): { ok: true; value: Fetched } | null {
  const tab = scratch.get(scratchKey(id)) as Tab | undefined
  scratch.delete(scratchKey(id))
  return tab ? { ok: true, value: { tab } } : null
}
