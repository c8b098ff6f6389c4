import * as z from 'zod'
import type { Part, RemoteContext } from '../../engine/ports.ts'
import { KnownHeaders } from './both-layout.ts'
import { spreadsheetOf } from './calls.ts'
import { type Tab, weightOf } from './tab.ts'

const KnownTab = z.object({
  sheetId: z.number().int(),
  /** The title that was configured when the tab was found: another one configured is another tab */
  tab: z.string(),
  rows: z.number().int(),
  columns: z.number().int(),
  /** What its cells weighed when they were last read, in bytes; null: never read */
  weight: z.number().int().nullable(),
  /** Links both ways: its headers as they stood last */
  headers: KnownHeaders.optional(),
  /** Until then (ms) a write may still be carried out of which nothing was heard */
  landing: z.number().int().optional(),
})
export type KnownTab = z.infer<typeof KnownTab>

const Memory = z.object({ spreadsheet: z.string(), tabs: z.record(z.string(), KnownTab) })

/** The title that a part is configured with. */
export const titleOf = (part: Part): string => String(part.options.tab ?? part.name)

/** What is remembered of the tabs of this spreadsheet, by part id. Only where the configuration is still the same. */
export function knownTabs(context: RemoteContext): Map<string, KnownTab> {
  const { success, data } = Memory.safeParse(context.memory)
  return new Map(success && data.spreadsheet === spreadsheetOf(context) ? Object.entries(data.tabs) : [])
}

/** The remembered tab of a part, if it is still the one that is configured. */
export function knownTab(known: ReadonlyMap<string, KnownTab>, part: Part): KnownTab | undefined {
  const tab = known.get(part.id)
  return tab?.tab === titleOf(part) ? tab : undefined
}

/** Remembers, if there is anything new. */
export function rememberTabs(context: RemoteContext, tabs: ReadonlyMap<string, KnownTab>): void {
  const memory = { spreadsheet: spreadsheetOf(context), tabs: Object.fromEntries(tabs) }
  if (JSON.stringify(memory) !== JSON.stringify(context.memory)) context.remember(memory)
}

/** What stays true of a tab, however it was found again. */
export const lasting = (before: KnownTab | undefined, sheetId: number): Partial<KnownTab> => ({
  ...(before?.sheetId === sheetId && before.headers && { headers: before.headers }),
  ...(before?.sheetId === sheetId && before.landing !== undefined && { landing: before.landing }),
})

/** A tab as it is to be remembered after it was read. */
export const rememberedAs = (part: Part, tab: Tab, before: KnownTab | undefined): KnownTab => ({
  ...lasting(before, tab.sheetId),
  sheetId: tab.sheetId,
  tab: titleOf(part),
  rows: tab.rowCount,
  columns: tab.columnCount,
  weight: weightOf(tab),
})

/** What is remembered of the headers of a part's tab. */
export const knownHeaders = (context: RemoteContext, part: Part, tab: Tab): KnownHeaders | undefined => {
  const known = knownTab(knownTabs(context), part)
  return known?.sheetId === tab.sheetId ? known.headers : undefined
}

export function rememberHeaders(context: RemoteContext, part: Part, headers: KnownHeaders): void {
  const known = knownTabs(context)
  const tab = knownTab(known, part)
  if (tab) rememberTabs(context, known.set(part.id, { ...tab, headers }))
}

/** Until when a write to the part's tab may still be carried out of which nothing was heard; 0: there is none. */
export const landingOf = (context: RemoteContext, part: Part): number =>
  knownTab(knownTabs(context), part)?.landing ?? 0

/** `until` 0: none is under way any more. */
export function rememberLanding(context: RemoteContext, part: Part, until: number): void {
  const known = knownTabs(context)
  const { landing: _, ...tab } = knownTab(known, part) ?? {}
  if ('sheetId' in tab)
    rememberTabs(context, known.set(part.id, { ...tab, ...(until > 0 && { landing: until }) } as KnownTab))
}
