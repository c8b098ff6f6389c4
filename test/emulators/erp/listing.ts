import type { Shaping } from './faults.ts'
import { type ListName, lists, type Row } from './lists.ts'

/** A page of a list as it is told. Values of any type: faults put them there. */
export interface Listing {
  readonly list: ListName
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly pageSize: number
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** null: the list offers none */
  readonly stamp: string | null
}

interface Wanted {
  readonly list: ListName
  readonly page: number
  readonly stamp: string | null
  readonly shaping: Shaping | null
}

/** A text that no field of a sane system holds. */
const HUGE = 1_000_000

/** A page of the rows; null where there is no such page. */
export function listingOf(all: readonly Row[], { list, page, stamp, shaping }: Wanted): Listing | null {
  const { pageSize } = lists[list]
  const pages = Math.max(1, Math.ceil(all.length / pageSize))
  const forever = shaping !== null && 'pagesForever' in shaping
  if (!Number.isSafeInteger(page) || page < 1 || (page > pages && !forever)) return null
  const repeated = shaping !== null && 'repeat' in shaping && page > 1
  // A list without an end goes round.
  const shown = repeated ? page - 1 : ((page - 1) % pages) + 1
  const rows = all.slice((shown - 1) * pageSize, shown * pageSize)
  return {
    list,
    page,
    pages: forever ? Math.max(pages, page + 1) : pages,
    total: shaping !== null && 'total' in shaping ? shaping.total : all.length,
    pageSize,
    rows: shaping ? shaped(rows, list, shaping) : rows,
    stamp,
  }
}

/** What tells a row from itself when it is shown twice; the key stays, which of a price is its name. */
const otherField = { customers: 'name', products: 'name', prices: 'price', orders: 'customer_name' } as const

function shaped(rows: readonly Row[], list: ListName, shaping: Shaping): Listing['rows'] {
  if ('noRows' in shaping) return []
  if ('shorter' in shaping) return rows.slice(0, Math.max(0, rows.length - shaping.shorter))
  const [first, ...rest] = rows
  if (!first) return rows
  if ('duplicate' in shaping) {
    const field = otherField[list]
    const other = list === 'prices' ? Number(first.price) + 1 : `${first[field] ?? ''} (2)`
    return [first, { ...first, [field]: other }, ...rest]
  }
  if ('garbage' in shaping) return [{ ...first, ...shaping.garbage }, ...rest]
  if ('huge' in shaping) return [{ ...first, [shaping.huge]: 'x'.repeat(HUGE) }, ...rest]
  if ('keyless' in shaping) {
    const { [lists[list].key]: _key, ...keyless } = first
    return [keyless, ...rest]
  }
  return rows
}
