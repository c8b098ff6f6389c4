import type { OrderInput } from '../../protocol/erp.ts'
import { textOf } from './body.ts'
import { exclusive, isRefusal } from './json-create.ts'
import { broken, quote } from './outcome.ts'
import { scanner } from './scan.ts'
import type { Created, Question } from './wire.ts'

/** Makes an order by the form for it. The ERP sends us on to the order that it made. */
export const createHtml = (key: string, input: OrderInput): Question<Created> => ({
  asked: {
    kind: 'create',
    path: '/orders',
    body: { type: 'application/x-www-form-urlencoded', text: formOf(key, input).toString() },
    exclusive,
  },
  read: async (response, signal) => {
    const { status } = response
    const path = URL.parse(response.headers.get('location') ?? '', 'http://erp')?.pathname ?? ''
    const [, id] = /^\/orders\/([^/]+)$/.exec(path) ?? []
    const text = await textOf(response, signal)
    if ((status === 302 || status === 303) && id !== undefined)
      return { ok: true, value: { id: decodeURIComponent(id), number: null } }
    const page = scanner({ tables: [], texts: [] })
    page.write(text)
    const { login, texts } = page.seen()
    if (login && status === 200 && isNothingElse(text))
      return { expired: true, reason: 'shows its sign-in page in place of an answer' }
    const said = texts.get('error')?.trim()
    if (said && isRefusal(status)) return { ok: true, value: { said: quote(said) } }
    return broken(`The ERP answered the order with HTTP ${status}: “${quote(text)}”`)
  },
})

/**
 * Whether a page with the form to sign in, which only those see who are not signed in, is there to its end and leads to no
 * order: then none was made. Where that is not certain, asking again might make a second one.
 */
const isNothingElse = (page: string): boolean =>
  /<\/html\s*>\s*$/i.test(page) && !/\/orders\/[^"'\s>]/i.test(page)

function formOf(key: string, { customer_id, lines, note }: OrderInput): URLSearchParams {
  const form = new URLSearchParams({ external_ref: key, customer_id, note })
  for (const [at, { product_id, quantity, price, discount }] of lines.entries()) {
    const fields = { product_id, quantity, price: hundredths(price), discount: hundredths(discount) }
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) form.append(`line.${at + 1}.${name}`, String(value))
  }
  return form
}

const hundredths = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value / 100
