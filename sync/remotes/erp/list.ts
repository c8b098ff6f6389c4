import type { Answer, Page, Part, RemoteContext } from '../../engine/ports.ts'
import { callerOf, listOf } from './caller.ts'
import type { Calls } from './calls.ts'
import { answerOf, broken, type Called, refused } from './outcome.ts'
import { readRows } from './rows.ts'
import { nameOf, type ShownList, type Wire } from './wire.ts'

/** Reads one page of a list. */
export async function readPage(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  part: Part,
  cursor: string | null,
): Promise<Answer<Page>> {
  const page = Number(cursor ?? '1')
  const list = listOf(context)
  const shown = await pageOf(calls, wire, context, page)
  if (!shown.ok) return answerOf(shown)
  if (shown.value !== 'beyond') return { ok: true, value: pageFrom(shown.value, wire, context, part, page) }
  // No such page. The first one tells how long the list is now, so that the engine sees a page beyond the end (no rows,
  // pages < this one) and starts its bookkeeping from there: it does not take it for an empty page in the middle.
  const first = page > 1 ? await pageOf(calls, wire, context, 1) : shown
  if (!first.ok) return answerOf(first)
  if (first.value === 'beyond')
    return answerOf(
      refused(`The ERP knows no list ${list}`, 'Check ERP_ORIGIN: is that the address of the ERP?'),
    )
  if (first.value.pages >= page)
    return answerOf(
      broken(
        `The ERP says that ${nameOf(list, { page })} does not exist, and that there are ${first.value.pages}`,
      ),
    )
  const { pages, total } = first.value
  const where = whereOf(context, page)
  return {
    ok: true,
    value: { part: part.id, rows: [], rejected: [], total, pages, warnings: [], where, next: null },
  }
}

async function pageOf(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  page: number,
): Promise<Called<ShownList | 'beyond'>> {
  const list = listOf(context)
  const { asked, read } = wire.list(list, { page })
  const called = await calls.call(callerOf(context), asked, read)
  if (!called.ok || called.value === 'beyond') return called
  const shown = called.value
  const wrong = wrongWith(shown, context, list, page)
  return wrong === null ? called : broken(`The ERP's answer to ${nameOf(list, { page })} ${wrong}`)
}

/** Why this can't be the page that was asked for. */
function wrongWith(shown: ShownList, context: RemoteContext, list: string, page: number): string | null {
  if (shown.list !== null && shown.list !== list) return `is of another list (${shown.list.slice(0, 60)})`
  if (shown.page !== page) return `is page ${shown.page}`
  const columns = Object.values(context.columns)
  const lacking = columns.find(({ header, required }) => required && shown.lacks(header))
  if (lacking) return `has no column ${lacking.header}`
  // Other lists have an id and a name too.
  const known = columns.filter(({ header }) => shown.shows(header)).length
  return known * 2 < columns.length ? 'is of another list: it shows few of the columns' : null
}

function pageFrom(shown: ShownList, wire: Wire, context: RemoteContext, part: Part, page: number): Page {
  const { pages, total, pageSize, stamp } = shown
  const more = pageSize !== null && shown.rows.length > pageSize
  const where = whereOf(context, page)
  const message = `The page has ${shown.rows.length} rows; the ERP says that pages have ${pageSize}`
  return {
    part: part.id,
    ...readRows(shown.rows, context.columns, wire.readCell, shown.shows),
    total,
    pages,
    ...(stamp !== null && { stamp }),
    warnings: more ? [{ kind: 'long_page', message, where: nameOf(listOf(context), { page }) }] : [],
    where,
    next: page < pages ? String(page + 1) : null,
  }
}

const whereOf =
  (context: RemoteContext, page: number) =>
  (position: number, column?: string): string => {
    const header = column === undefined ? '' : ` (${context.columns[column]?.header ?? column})`
    return `${nameOf(listOf(context), { page })}, row ${position + 1}${header}`
  }
