import type { SentLine, SentOrder } from './dialect.ts'
import type { Row } from './lists.ts'
import type { Store } from './store.ts'

export type Creation =
  | { readonly ok: true; readonly id: string; readonly number: string }
  | { readonly ok: false; readonly reason: string }

/** Makes orders, and doesn't ask whether the same one was made before: this ERP does not either. */
export function createOrders(store: Store, clock: () => number) {
  let made = 0

  function create(user: string, sent: SentOrder | null): Creation {
    if (!sent) return { ok: false, reason: 'This is no order' }
    const customer = store.state('customers', user).byKey.get(sent.customerId)
    if (!customer) return { ok: false, reason: `Unknown customer ${sent.customerId}` }
    if (sent.lines.length === 0) return { ok: false, reason: 'The order has no lines' }
    const products = store.state('products', user).byKey
    for (const { productId, quantity } of sent.lines) {
      if (!products.has(productId)) return { ok: false, reason: `Unknown product ${productId}` }
      if (!(quantity > 0)) return { ok: false, reason: `Wrong quantity of product ${productId}` }
    }
    const lines = sent.lines.map((line, index) => lineOf(line, index, products.get(line.productId)))
    const { id, number } = nextId(user)
    const now = isoTime(clock())
    store.setDetail(user, id, { lines, note: sent.note, ddt: [] })
    store.put('orders', user, {
      id,
      number,
      customer_id: sent.customerId,
      customer_name: customer.name,
      ordered_on: now.slice(0, 10),
      delivery_on: null,
      status: 'Nuovo',
      total: cents(lines.reduce((sum, { amount }) => sum + Number(amount), 0)),
      external_ref: sent.externalRef,
      modified: now,
    })
    return { ok: true, id, number }
  }

  function lineOf({ productId, quantity, ...sent }: SentLine, index: number, product: Row | undefined) {
    const listed = store.priceOf(productId)
    const price = sent.price ?? Number(listed?.price ?? 0)
    const discount = sent.discount ?? Number(listed?.discount ?? 0)
    const amount = cents(quantity * price * (1 - discount / 100))
    const name = product?.name ?? null
    return { line: index + 1, product_id: productId, name, quantity, price, discount, amount }
  }

  function nextId(user: string): { id: string; number: string } {
    const { byKey } = store.state('orders', user)
    let id: string
    do {
      made += 1
      id = `N${String(made).padStart(6, '0')}`
    } while (byKey.has(id))
    return { id, number: `${isoTime(clock()).slice(0, 4)}/N${made}` }
  }

  return { create }
}

/** Whole seconds, as the ERP keeps them. */
export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** An amount rounded to two decimals. */
export function cents(amount: number): number {
  return Math.round(amount * 100) / 100
}
