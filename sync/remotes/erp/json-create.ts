import type { OrderInput } from '../../protocol/erp.ts'
import { errorIn, isObject, parsed } from './answer.ts'
import { textOf } from './body.ts'
import { CREATE_LEASE, CREATE_TIMEOUT } from './limits.ts'
import { broken, quote } from './outcome.ts'
import type { Created, Question } from './wire.ts'

/** Alone at the gate, under a lease of its own. */
export const exclusive = { lease: CREATE_LEASE, timeout: CREATE_TIMEOUT }

/** Makes an order by JSON. Whatever is neither an id nor a sentence that says no leaves open what was done. */
export const createJson = (key: string, input: OrderInput): Question<Created> => ({
  asked: {
    kind: 'create',
    path: '/api/orders',
    body: { type: 'application/json', text: JSON.stringify(orderOf(key, input)) },
    exclusive,
  },
  read: async (response, signal) => {
    const text = await textOf(response, signal)
    const { status } = response
    const said = errorIn(text)
    if (said !== null && isRefusal(status)) return { ok: true, value: { said } }
    const made = status === 201 || status === 200 ? parsed(text) : undefined
    if (isObject(made) && typeof made.id === 'string' && made.id !== '') {
      const number = typeof made.number === 'string' && made.number !== '' ? made.number : null
      return { ok: true, value: { id: made.id, number } }
    }
    return broken(`The ERP answered the order with HTTP ${status}: “${quote(text)}”`)
  },
})

/** Statuses that say no. 408 says that the ERP had not heard all of it in time, which is no answer. */
export const isRefusal = (status: number): boolean => status >= 400 && status < 500 && status !== 408

/** Cents and hundredths of a percent as the ERP counts them: a division by a hundred gives the nearest double, which prints right. */
const orderOf = (key: string, { customer_id, lines, note }: OrderInput) => ({
  external_ref: key,
  customer_id,
  lines: lines.map(({ product_id, quantity, price, discount }) => ({
    product_id,
    quantity,
    ...(price !== undefined && { price: price / 100 }),
    ...(discount !== undefined && { discount: discount / 100 }),
  })),
  note,
})
