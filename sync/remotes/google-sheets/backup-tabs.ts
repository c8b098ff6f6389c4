import { digest } from '../../engine/digest.ts'
import type { Part, RemoteContext } from '../../engine/ports.ts'
import type { Called, SheetsCalls } from './calls.ts'
import { cellAt, tabsOf, textOf } from './tab.ts'
import { titleOf } from './tab-memory.ts'

/** A tab that is being written begins with this, and the part. */
export const WRITING = 'Tidemark is writing a backup of'

/** The tabs of a spreadsheet, as one part's backup sees them. */
export interface Seen {
  /** The backup's tab, and what its first cell says; null: there is none */
  readonly home: { readonly sheetId: number; readonly first: string } | null
  /** Somebody else's tab has the name that the backup's tab would have */
  readonly taken: boolean
  /** The hidden tab of this copy is there */
  readonly work: boolean
  /** Hidden tabs of copies that were never ended */
  readonly leftovers: readonly number[]
  readonly ids: ReadonlySet<number>
}

/** Looks at the tabs, and at the first cells of those that may be ours: two calls, or one where there are none. */
export async function seeTabs(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  copy: string,
): Promise<Called<Seen>> {
  const listed = await calls.tabs(context)
  if (!listed.ok) return listed
  const all = (listed.value.sheets ?? []).map(({ properties }) => ({
    sheetId: properties?.sheetId ?? 0,
    title: properties?.title ?? '',
    isGrid: (properties?.sheetType ?? 'GRID') === 'GRID',
  }))
  const isWork = (title: string) => title.startsWith(WORK(part))
  const maybe = all.filter(({ isGrid, ...tab }) => isGrid && (looksOurs(part, tab) || isWork(tab.title)))
  const first = new Map<number, string>()
  if (maybe.length > 0) {
    const corners = maybe.map(({ sheetId }) => ({ sheetId, endRowIndex: 1, endColumnIndex: 1 }))
    const answer = await calls.cells(context, corners, CORNER)
    if (!answer.ok) return answer
    for (const tab of tabsOf(answer.value, PLAIN)) first.set(tab.sheetId, textOf(cellAt(tab, 0, 0)))
  }
  const begins = ({ sheetId }: { sheetId: number }, words: string) =>
    first.get(sheetId)?.startsWith(`${words} ${part.id}`) ?? false
  const homes = maybe.filter((tab) => looksOurs(part, tab) && begins(tab, BACKUP))
  const home = homes.find(({ sheetId }) => sheetId === homeOf(part)) ?? homes[0]
  const work = idOf(copy)
  return {
    ok: true,
    value: {
      home: home ? { sheetId: home.sheetId, first: first.get(home.sheetId) ?? '' } : null,
      taken: !home && all.some(({ title }) => folded(title) === folded(titleOf(part))),
      work: all.some(({ sheetId }) => sheetId === work),
      leftovers: maybe
        .filter((tab) => isWork(tab.title) && tab.sheetId !== work && begins(tab, WRITING))
        .map(({ sheetId }) => sheetId),
      ids: new Set(all.map(({ sheetId }) => sheetId)),
    },
  }
}

/** Whether a tab has the id that we give a backup's, which a rename doesn't change, or its name. */
export const looksOurs = (
  part: Part,
  { sheetId, title }: { readonly sheetId?: number | null; readonly title?: string | null },
): boolean => (sheetId ?? 0) === homeOf(part) || folded(title ?? '') === folded(titleOf(part))

/** The id of a backup's tab, where it is free. */
export const homeOf = ({ id }: Part): number => idOf(`backup:${id}`)

/** A tab's id that follows from a name: who asks again finds the same tab. */
export const idOf = (name: string): number => Number.parseInt(digest(name).slice(-7), 36) % 0x7fffffff

/** Names of tabs are unique, also those of hidden ones. */
export const workTitle = (part: Part, copy: string): string => `${WORK(part)} ${idOf(copy)})`

const WORK = (part: Part) => `${titleOf(part)} (being written`
const BACKUP = 'Tidemark backup of'
const CORNER = 'sheets(properties(sheetId),data(rowData(values(effectiveValue))))'
const folded = (title: string): string => title.trim().toLowerCase()

/** The corner cell alone, of which only the text is read */
const PLAIN = { protections: false, both: false, lean: false } as const
