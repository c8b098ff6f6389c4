import { OrderInput, type OrderRequest } from '../../sync/protocol/erp.ts'
import type { LiveEvent } from '../../sync/protocol/runs.ts'
import type { World } from './fake-data.ts'
import { DOUBT, erpStatusOf } from './fake-erp.ts'
import { erpRunner } from './fake-erp-runs.ts'
import { type Handler, page, type Reply, refuse } from './fake-reply.ts'
import type { Behaviour } from './fake-server.ts'

/** The ERP's routes of the API, with the shapes of sync/protocol. */
export function erpRoutes(
  world: World,
  behaviour: Behaviour,
  tell: (lane: string, event: LiveEvent) => void,
): [string, string, Handler][] {
  const { erp } = world
  const runner = erpRunner(erp, world.runs, behaviour, tell)
  const own = () => (behaviour.role === 'user' ? 'ada' : null)
  const named = (query: URLSearchParams) => own() ?? query.get('user_id')

  async function order(key: string, input: OrderInput): Promise<Reply> {
    const user = own() ?? input.user_id ?? null
    if (user === null) return refuse('bad_request', 'The order of which user?', 'Say whose with user_id.')
    const { user_id: _, ...body } = input
    const known = erp.orders.find((request) => request.key === key)
    if (known && JSON.stringify(known.body) !== JSON.stringify(body))
      return refuse('forked', `The key ${key} was used for another order.`, 'Take another key.')
    if (known) return answerOf(known)
    const named = erp.customers.find((one) => one.user_id === user && one.erp_id === body.customer_id)
    const request = requestOf(erp.orders.length + 100, key, user, body, named?.name ?? null)
    erp.orders.unshift(request)
    if (behaviour.orderEnds === 'refused') {
      Object.assign(request, {
        status: 'refused',
        finished_at: request.created_at,
        reason: `The ERP refused the order: customer ${body.customer_id} is blocked.`,
        mend: 'Have the customer unblocked in the ERP.',
      })
      return answerOf(request)
    }
    const making = runner.alone(`orders:${user}`, async () => {
      request.status = 'sending'
      await new Promise((resolve) => setTimeout(resolve, behaviour.orderMs))
      const at = new Date().toISOString()
      if (behaviour.orderEnds === 'unknown') Object.assign(request, { status: 'unknown', ...DOUBT })
      else
        Object.assign(request, { status: 'done', number: `2026/${1000 + erp.orders.length}`, erp_id: 'E77' })
      request.finished_at = at
      tell(`orders:${user}`, { type: 'version', lane: `orders:${user}`, version: 1 })
    })
    if (behaviour.orderEnds === 'slow') return { status: 202, body: request }
    await making
    if (behaviour.orderEnds === 'lost')
      return refuse('overloaded', 'The lane did not answer in time.', 'Try again in a minute.')
    return answerOf(request)
  }

  return [
    ['GET', '/api/erp/status', () => ({ body: erpStatusOf(erp, own()) })],
    [
      'POST',
      '/api/erp/sync',
      ({ body }) => {
        const started = runner.start(String(body.system), own() ?? text(body.user_id), body.full === true)
        if (!started) return refuse('not_found', 'There is no such active user of the ERP.', 'Check the id.')
        return { status: 202, body: { started: [started], timestamp: new Date().toISOString() } }
      },
    ],
    ['GET', '/api/price-changes', ({ query }) => page(erp.prices, query, '/api/price-changes')],
    ['GET', '/api/unmatched-prices', () => ({ body: erp.unmatched })],
    [
      'GET',
      '/api/images',
      ({ query }) => ({ body: erp.images.filter(({ status }) => status === query.get('status')) }),
    ],
    [
      'POST',
      '/api/images/:id/retry',
      ({ id }) => {
        const image = erp.images.find(({ product_id }) => product_id === id)
        if (!image) return refuse('not_found', `There is no picture of product ${id}.`, 'Check the id.')
        image.status = 'pending'
        return { status: 202, body: image }
      },
    ],
    [
      'GET',
      '/api/customers',
      ({ query }) => ({
        body: erp.customers.filter(
          ({ name, user_id, erp_id }) =>
            (named(query) ?? user_id) === user_id && has(`${name} ${erp_id}`, query.get('q')),
        ),
      }),
    ],
    [
      'GET',
      '/api/products',
      ({ query }) => ({
        body: erp.products.filter(({ name, code }) => has(`${name} ${code}`, query.get('q'))),
      }),
    ],
    [
      'POST',
      '/api/orders',
      ({ body, headers }) => order(String(headers['idempotency-key'] ?? ''), OrderInput.parse(body)),
    ],
  ]
}

/** As the door answers: made, on its way or in doubt, refused. */
function answerOf(request: OrderRequest): Reply {
  if (request.status === 'refused')
    return refuse('refused', request.reason ?? '', request.mend ?? '', 'No order was made.')
  return { status: request.status === 'done' ? 201 : 202, body: request }
}

const requestOf = (
  n: number,
  key: string,
  user: string,
  body: OrderInput,
  customer: string | null,
): OrderRequest => ({
  id: `act-${n}`,
  key,
  user_id: user,
  customer,
  status: 'queued',
  erp_id: null,
  number: null,
  reason: null,
  mend: null,
  actor: 'Ada',
  body,
  created_at: new Date().toISOString(),
  sent_at: null,
  finished_at: null,
})

const has = (words: string, q: string | null) => words.toLowerCase().includes((q ?? '').toLowerCase())
const text = (value: unknown) => (typeof value === 'string' ? value : null)
