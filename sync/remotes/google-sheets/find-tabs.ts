import type { Part, RemoteContext } from '../../engine/ports.ts'
import type { Called, SheetsCalls } from './calls.ts'
import { type KnownTab, knownTab, knownTabs, lasting, rememberTabs, titleOf } from './tab-memory.ts'

/** Tabs by part id; a part that is not here has none. */
export interface FoundTabs {
  readonly tabs: ReadonlyMap<string, KnownTab>
  /** The spreadsheet's title and those of its tabs, where they were asked for */
  readonly listed: Listed | null
}

interface Listed {
  readonly title: string
  readonly titles: readonly string[]
}

const LISTED = 'google-sheets:listed'

/**
 * Finds the tabs of parts: by the sheet ids remembered, which a rename doesn't change, else by title with one call for
 * all of them. `again`: what is remembered proved wrong.
 */
export async function findTabs(
  calls: SheetsCalls,
  context: RemoteContext,
  parts: readonly Part[],
  again: boolean,
): Promise<Called<FoundTabs>> {
  const known = knownTabs(context)
  const listed = (context.scratch.get(LISTED) as Listed | undefined) ?? null
  if (!again && (listed || parts.every((part) => knownTab(known, part))))
    return { ok: true, value: { tabs: current(known, parts), listed } }

  const answer = await calls.tabs(context)
  if (!answer.ok) return answer
  const grids = (answer.value.sheets ?? []).flatMap(({ properties }) =>
    properties && (properties.sheetType ?? 'GRID') === 'GRID' ? [properties] : [],
  )
  for (const part of parts) {
    const before = knownTab(known, part)
    const title = titleOf(part)
    const found =
      grids.find(({ sheetId }) => before && (sheetId ?? 0) === before.sheetId) ??
      grids.find((grid) => grid.title === title) ??
      grids.find((grid) => folded(grid.title ?? '') === folded(title))
    if (!found) {
      known.delete(part.id)
      continue
    }
    const sheetId = found.sheetId ?? 0
    known.set(part.id, {
      ...lasting(before, sheetId),
      sheetId,
      tab: title,
      rows: found.gridProperties?.rowCount ?? 0,
      columns: found.gridProperties?.columnCount ?? 0,
      weight: before?.sheetId === sheetId ? before.weight : null,
    })
  }
  rememberTabs(context, known)
  const fresh: Listed = {
    title: answer.value.properties?.title ?? '',
    titles: grids.map(({ title }) => title ?? ''),
  }
  context.scratch.set(LISTED, fresh)
  return { ok: true, value: { tabs: current(known, parts), listed: fresh } }
}

/** What to tell a person about a part without a tab. */
export function noTab(part: Part, listed: Listed | null) {
  const titles = listed?.titles.map((title) => `“${title}”`).join(', ') ?? ''
  return {
    reason: `The spreadsheet “${listed?.title ?? ''}” has no tab “${titleOf(part)}”; found: ${titles}`,
    mend: `Set the tab of ${part.name} to one of these, or give the tab its name back.`,
  }
}

const current = (known: ReadonlyMap<string, KnownTab>, parts: readonly Part[]): Map<string, KnownTab> =>
  new Map(
    parts.flatMap((part) => {
      const tab = knownTab(known, part)
      return tab ? [[part.id, tab] as const] : []
    }),
  )

const folded = (title: string): string => title.trim().toLowerCase()
