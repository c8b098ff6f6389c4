import { badStatus } from './answer.ts'
import { textOf } from './body.ts'
import { readHtmlCell } from './cell.ts'
import { createHtml } from './html-create.ts'
import type { Reader } from './http.ts'
import { MOST_ROWS } from './limits.ts'
import { broken, type Called, type Expired, quote, type Trouble } from './outcome.ts'
import { type Seen, type SeenTable, scan } from './scan.ts'
import { nameOf, type Question, queryOf, type ShownTable, type Wire } from './wire.ts'

/** The ERP's web pages. */
export const html: Wire = {
  readCell: readHtmlCell,
  list(list, of) {
    const what = nameOf(list, of)
    const page = asking('list', `/lists/${list}?${queryOf(of)}`, what, 'grid', ['pager'], (table, seen) => {
      const pager = seen.texts.get('pager') ?? ''
      const counts = PAGER.exec(pager.replace(/\s+/g, ' ').trim())
      if (!counts) return broken(`The pager of ${what} can't be read: “${quote(pager)}”`)
      const [page = 0, pages = 0, total = 0] = counts
        .slice(1)
        .map((count) => Number(count.replaceAll('.', '')))
      const value = { ...table, list: null, page, pages, total, pageSize: null, stamp: null }
      return { ok: true as const, value }
    })
    return {
      asked: page.asked,
      read: async (response, signal) => {
        if (response.status !== 404) return page.read(response, signal)
        await textOf(response, signal)
        return { ok: true, value: 'beyond' }
      },
    }
  },
  order: (id) =>
    asking('order', `/orders/${encodeURIComponent(id)}`, `order ${id}`, 'lines', ['note'], (lines, seen) => ({
      ok: true,
      value: { lines, note: seen.texts.get('note') ?? null },
    })),
  ddt: (id) => {
    const what = `delivery documents of order ${id}`
    return asking('ddt', `/orders/${encodeURIComponent(id)}/ddt`, what, 'ddt', [], (table) => ({
      ok: true,
      value: table,
    }))
  },
  create: createHtml,
}

/** `Page 3 of 300 (6.000 items)` */
const COUNT = '(0|[1-9]\\d{0,2}(?:\\.\\d{3})+|[1-9]\\d*)'
const PAGER = new RegExp(`^Page ${COUNT} of ${COUNT} \\(${COUNT} items?\\)$`)

function asking<T>(
  kind: string,
  path: string,
  what: string,
  id: string,
  texts: readonly string[],
  make: (table: ShownTable, seen: Seen) => Called<T>,
): Question<T> {
  const read: Reader<T> = async (response, signal) => {
    if (response.status !== 200) return badStatus(response, what, await textOf(response, signal))
    const seen = await scan(response, signal, { tables: [id], texts })
    const wrong = wrongWith(seen, what, id, texts)
    if (wrong) return wrong
    const table = seen.tables.get(id)
    if (!table) throw new Error('a page without its table has no trouble')
    const twice = table.headers.find((header, at) => header !== '' && table.headers.indexOf(header) !== at)
    return twice === undefined
      ? make(shownTable(table), seen)
      : broken(`The ERP shows two columns ${quote(twice)} in ${what}`)
  }
  return { asked: { kind, path }, read }
}

/** Why a page can't be believed; null where all that is wanted was there to its end. */
function wrongWith(seen: Seen, what: string, id: string, texts: readonly string[]): Trouble | Expired | null {
  const { tables, login, endless, blank, words } = seen
  if (login) return { expired: true, reason: 'shows its sign-in page in place of data' }
  if (endless) return broken(`The ERP's page of ${what} has no end: more than ${MOST_ROWS} rows`)
  if (tables.has(id) && texts.every((name) => seen.texts.has(name))) return null
  if (blank) return broken(`The ERP's answer to ${what} was empty`)
  const error = seen.texts.get('error')
  if (error) return broken(`The ERP answered ${what} with: “${quote(error)}”`)
  if (/^[[{]/.test(words))
    return broken(`The ERP answered ${what} with data in place of a page: “${quote(words)}”`)
  const missing = tables.has(id)
    ? `its ${texts.filter((name) => !seen.texts.has(name)).join(', ')}`
    : 'its table'
  return broken(`The ERP's page of ${what} lacks ${missing} or its end: “${quote(words)}”`)
}

function shownTable({ headers, rows }: SeenTable): ShownTable {
  const shows = (header: string) => headers.includes(header)
  return {
    shows,
    lacks: (header) => !shows(header),
    rows: rows.map((cells) => ({
      cells: Object.fromEntries(headers.map((header, at) => [header, cells[at]])),
      raw: () => cells.map((cell) => cell.trim()).join(' | '),
      ...(cells.length !== headers.length && {
        reason: `it has ${cells.length} cells, and the table ${headers.length} columns`,
      }),
    })),
  }
}
