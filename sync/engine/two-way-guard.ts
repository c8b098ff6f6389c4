/** Why a tab is not merged before a person says so. */
export type Held = { kind: 'emptied' | 'replaced' | 'copied'; detail: string }

/**
 * Whether a page may be merged at all; null: it may. `known`: rows that are here and were agreed with the link; `shown`: rows on the
 * page; `found`: known rows that it still shows, under whatever verdict; `fresh`: rows on it that were never here.
 * `otherTarget`: it is of another workbook than the one agreed with. Rows that go and leave nothing in their place are
 * the deletion guard's. One row that gave way to others is no import: a table of one row, rewritten, looks just so.
 */
export function pageGuard(of: {
  shown: number
  known: number
  found: number
  fresh: number
  partName: string
  otherTarget: boolean
}): Held | null {
  const { shown, known, found, fresh, partName, otherTarget } = of
  if (known === 0) return null
  if (otherTarget)
    return {
      kind: 'copied',
      detail: `${partName} is in another workbook than the one that ${rows(known)} here ${are(known)} kept in; nothing is read from it or written to it until an admin claims it`,
    }
  if (shown === 0)
    return {
      kind: 'emptied',
      detail: `${partName} shows no row any more, and ${rows(known)} ${are(known)} here; ${known === 1 ? 'it was' : 'they were'} kept`,
    }
  const gone = known - found
  if (gone > 1 && found * 2 < known && fresh > 0)
    return {
      kind: 'replaced',
      detail: `${gone} of ${rows(known)} are gone from ${partName}, and ${fresh} new ${fresh === 1 ? 'one stands' : 'ones stand'} there, as after an import; nothing was taken, and the rows here were kept`,
    }
  return null
}

const rows = (count: number): string => `${count} ${count === 1 ? 'row' : 'rows'}`
const are = (count: number): string => (count === 1 ? 'is' : 'are')
