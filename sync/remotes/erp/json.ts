import { badStatus, isObject, type Json, jsonOf } from './answer.ts'
import { textOf } from './body.ts'
import { readJsonCell } from './cell.ts'
import type { Reader } from './http.ts'
import { createJson } from './json-create.ts'
import { MOST_ROWS } from './limits.ts'
import { broken, type Called } from './outcome.ts'
import type { ShownRow } from './rows.ts'
import { nameOf, type Question, queryOf, type ShownList, type ShownTable, type Wire } from './wire.ts'

/** The ERP's JSON. */
export const json: Wire = {
  readCell: readJsonCell,
  list(list, of) {
    const what = nameOf(list, of)
    return {
      asked: { kind: 'list', path: `/api/${list}?${queryOf(of)}` },
      read: async (response, signal) => {
        if (response.status === 404) {
          const text = await textOf(response, signal)
          // Only the ERP itself can say so: a proxy's page says nothing about the list.
          return /^\s*\{/.test(text) ? { ok: true, value: 'beyond' } : badStatus(response, what, text)
        }
        const body = await jsonOf(response, signal, what)
        if ('expired' in body || !body.ok) return body
        return shownList(body.value, what, response.headers.get('x-list-stamp'))
      },
    }
  },
  order: (id) => {
    const what = `order ${id}`
    return asking('order', `/api/orders/${encodeURIComponent(id)}`, what, (body) => {
      const lines = tableOf(body.lines, what, 'lines')
      if (!lines.ok) return lines
      const { note } = body
      if (note !== null && note !== undefined && typeof note !== 'string')
        return broken(`The note of ${what} is not a text`)
      return { ok: true, value: { lines: lines.value, note: note ?? null } }
    })
  },
  ddt: (id) => {
    const what = `delivery documents of order ${id}`
    return asking('ddt', `/api/orders/${encodeURIComponent(id)}/ddt`, what, (body) =>
      tableOf(body.ddt, what, 'ddt'),
    )
  },
  create: createJson,
}

/** The change stamp of a list; null: it offers none. */
export function stampOf(list: string): Question<string | null> {
  const what = `the stamp of ${list}`
  return {
    asked: { kind: 'stamp', path: `/api/${list}/stamp` },
    read: async (response, signal) => {
      if (response.status === 404) {
        await textOf(response, signal)
        return { ok: true, value: null }
      }
      const body = await jsonOf(response, signal, what)
      if ('expired' in body || !body.ok) return body
      const { stamp } = body.value
      const good = typeof stamp === 'string' && stamp !== ''
      return good ? { ok: true, value: stamp } : broken(`The ERP's answer to ${what} holds no stamp`)
    },
  }
}

function asking<T>(kind: string, path: string, what: string, make: (body: Json) => Called<T>): Question<T> {
  const read: Reader<T> = async (response, signal) => {
    const body = await jsonOf(response, signal, what)
    return 'expired' in body || !body.ok ? body : make(body.value)
  }
  return { asked: { kind, path }, read }
}

function shownList(body: Json, what: string, stamp: string | null): Called<ShownList> {
  const rows = tableOf(body.rows, what, 'rows')
  if (!rows.ok) return rows
  for (const name of ['page', 'pages', 'total'] as const) {
    const count = body[name]
    if (!isCount(count))
      return broken(
        `The ERP's answer to ${what} says ${name} ${JSON.stringify(count)?.slice(0, 60)}, which is no count`,
      )
  }
  const { list, page, pages, total, pageSize } = body
  if (typeof list !== 'string') return broken(`The ERP's answer to ${what} does not say which list it is`)
  return {
    ok: true,
    value: {
      ...rows.value,
      list,
      page: Number(page),
      pages: Number(pages),
      total: Number(total),
      pageSize: isCount(pageSize) ? pageSize : null,
      stamp: stamp?.replace(/^"(.*)"$/, '$1') || null,
    },
  }
}

function tableOf(rows: unknown, what: string, name: string): Called<ShownTable> {
  if (!Array.isArray(rows)) return broken(`The ERP's answer to ${what} has no ${name}`)
  if (rows.length > MOST_ROWS) return broken(`The ERP's answer to ${what} has more than ${MOST_ROWS} ${name}`)
  const lacks = (header: string) =>
    rows.length > 1 && !rows.some((row) => isObject(row) && Object.hasOwn(row, header))
  // Empty fields may be left out, so a field that is absent is shown as empty.
  return { ok: true, value: { rows: rows.map(shownRow), shows: () => true, lacks } }
}

const shownRow = (row: unknown): ShownRow => ({
  ...(isObject(row) ? { cells: row } : { cells: {}, reason: 'it is not a row but something else' }),
  raw: () => JSON.stringify(row),
})

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)
