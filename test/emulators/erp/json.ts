import type { Dialect, SentLine } from './dialect.ts'

/** The ERP as programs see it. */
export const json: Dialect = {
  credentialsIn(body) {
    const { user, password } = objectIn(body) ?? {}
    return { user: text(user) ?? '', password: text(password) ?? '' }
  },
  orderIn(body) {
    const order = objectIn(body)
    if (!order) return null
    return {
      externalRef: text(order.external_ref),
      customerId: text(order.customer_id) ?? '',
      note: text(order.note),
      lines: Array.isArray(order.lines) ? order.lines.map(lineIn) : [],
    }
  },
  list: ({ stamp, ...listing }) =>
    answer(200, listing, stamp === null ? {} : { 'x-list-stamp': `"${stamp}"` }),
  order: (id, { lines, note }) => answer(200, { id, lines, note }),
  ddt: (_id, { ddt }) => answer(200, { ddt }),
  created: (id, number) => answer(201, { id, number }),
  refused: (error) => answer(422, { error }),
  signedIn: (user, cookie) => answer(200, { ok: true, user }, { 'set-cookie': cookie }),
  wrongLogin: () => answer(401, { error: 'wrong user or password' }),
  expired: () => answer(401, { error: 'session expired' }),
  missing: (what) => answer(404, { error: `no such ${what}` }),
  busy: () => answer(503, { error: 'busy' }, { 'retry-after': '1' }),
  bare: (status, body) =>
    new Response(hasBody(status) ? (body ?? JSON.stringify({ error: `error ${status}` })) : null, {
      status,
      headers: { 'content-type': type },
    }),
  errorText: (sentence) => new Response(sentence, { headers: { 'content-type': type } }),
}

/** The change stamp of a list. */
export function stampAnswer(stamp: string, total: number): Response {
  return answer(200, { stamp, total })
}

/** Statuses whose answers can't have a body */
export function hasBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304
}

const type = 'application/json; charset=utf-8'

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headers } })
}

function objectIn(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lineIn(line: unknown): SentLine {
  const { product_id, quantity, price, discount } = isObject(line) ? line : {}
  return {
    productId: text(product_id) ?? '',
    quantity: numberIn(quantity) ?? Number.NaN,
    price: numberIn(price),
    discount: numberIn(discount),
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
