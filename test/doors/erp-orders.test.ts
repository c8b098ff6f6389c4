import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import { type ErpStatus, OrderRequest } from '../../sync/protocol/erp.ts'
import { askOrder } from '../../workers/smart-sync/erp-orders.ts'
import { type ErpDoors, openErpDoors } from './erp-world.ts'
import { look, type Who } from './world.ts'

let doors: ErpDoors
beforeEach(async () => {
  doors = await openErpDoors()
})

const ORDER = { customer_id: 'C1', lines: [{ product_id: 'P-1', quantity: 2, price: 500 }] }
const post = (key: string | null, body: object = ORDER, who: Who = 'ann') =>
  doors.call(who, 'POST', '/api/orders', {
    body,
    headers: key === null ? {} : { 'idempotency-key': key },
  })
const acts = () => doors.lanes.calls.filter(({ method }) => method === 'act')
const made = () => look(doors, `SELECT count(*) AS n FROM actions WHERE id LIKE 'act-%'`)[0]?.n

describe('POST /api/orders', () => {
  it('has the user’s lane make the order, and answers what the ERP calls it', async () => {
    const answer = await post('k1')
    expect(answer.status).toBe(201)
    const request = OrderRequest.parse(answer.json())
    expect(request).toMatchObject({
      key: 'k1',
      user_id: 'ann',
      status: 'done',
      number: '2026/2',
      erp_id: 'E-2',
    })
    expect(request.body).toEqual({ ...ORDER, note: '' })
    expect(acts().map(({ lane, given }) => [lane, given])).toEqual([
      [
        'orders:ann',
        {
          link: 'orders.erp',
          scope: 'ann',
          kind: 'create_order',
          key: 'k1',
          body: { ...ORDER, note: '' },
          actor: 'ann',
        },
      ],
    ])
  })

  it('answers a repeat the same, and makes nothing again', async () => {
    const [first, again] = [await post('k1'), await post('k1')]
    expect([again.status, again.text]).toEqual([first.status, first.text])
    expect(made()).toBe(1)
    expect((await post('k2')).json<OrderRequest>().id).not.toBe(first.json<OrderRequest>().id)
  })

  it('refuses a known key with another order', async () => {
    await post('k1')
    const answer = await post('k1', { ...ORDER, note: 'another' })
    expect(answer.status).toBe(409)
    expect(Problem.strict().parse(answer.json()).detail).toContain('k1')
    expect(made()).toBe(1)
  })

  it('keeps keys of two users apart', async () => {
    const [ann, bob] = [await post('k1'), await post('k1', ORDER, 'bob')]
    expect([ann.status, bob.status]).toEqual([201, 201])
    expect(bob.json<OrderRequest>().user_id).toBe('bob')
    expect(made()).toBe(2)
  })

  it('is made by an admin for a user, who is the same to the key as the user', async () => {
    expect((await post('k1', ORDER, 'admin')).status).toBe(400)
    const answer = await post('k1', { ...ORDER, user_id: 'ann' }, 'admin')
    expect(answer.json()).toMatchObject({ user_id: 'ann', actor: 'admin' })
    const own = await post('k1')
    expect(own.json()).toMatchObject({ id: answer.json<OrderRequest>().id, actor: 'someone else' })
  })

  it('says what the ERP refused and what to do, to a repeat too', async () => {
    doors.outcomes.push('refused')
    const [first, again] = [await post('k1'), await post('k1')]
    expect(first.status).toBe(422)
    const problem = Problem.strict().parse(first.json())
    expect(problem).toMatchObject({ detail: 'There is no such product.', mend: 'Look in the ERP.' })
    expect(problem.kept).toContain('No order was made')
    expect([again.status, again.text]).toEqual([first.status, first.text])
    expect(made()).toBe(1)
  })

  it('says that nobody knows, where the answer was lost', async () => {
    doors.outcomes.push('unknown')
    const answer = await post('k1')
    expect(answer.status).toBe(202)
    expect(answer.json()).toMatchObject({
      status: 'unknown',
      reason: 'No answer came.',
      mend: 'Look in the ERP.',
    })
  })

  it('answers what goes on longer than a caller waits as what it is', async () => {
    doors.outcomes.push('queued')
    doors.lanes.stuck = true
    const asked = { user: 'ann', key: 'k1', order: { ...ORDER, note: '' }, actor: 'ann' }
    const row = await askOrder(doors.database, doors.lanes, asked, 30)
    expect(row).toMatchObject({ status: 'queued', scope: 'ann', finished_at: null })
  })

  it('asks again where the lane is restarted while the caller waits', async () => {
    const { getByName } = doors.lanes
    let failures = 1
    const shaky = {
      getByName: (lane: string) => {
        const stub = getByName(lane)
        const settled: typeof stub.settled = async (...given) => {
          if (failures-- > 0) throw new Error('the object was reset')
          return stub.settled(...given)
        }
        return { ...stub, settled }
      },
    }
    const asked = { user: 'ann', key: 'k1', order: { ...ORDER, note: '' }, actor: 'ann' }
    expect(await askOrder(doors.database, shaky, asked)).toMatchObject({ status: 'done' })
    expect([failures, made()]).toEqual([-1, 1])
  })

  it.each([null, '', 'a b', 'é', 'x'.repeat(201)])('needs a key of its own: %j is none', async (key) => {
    const answer = await post(key === 'é' ? 'caf\u00e9' : key)
    expect(answer.status).toBe(400)
    expect(answer.json<Problem>().errors?.[0]?.path).toBe('idempotency-key')
    expect(acts()).toEqual([])
  })

  it.each([
    [{ ...ORDER, lines: [] }, 'lines'],
    [{ ...ORDER, customer_id: ' ' }, 'customer_id'],
    [{ ...ORDER, lines: [{ product_id: 'P', quantity: 0 }] }, 'lines.0.quantity'],
    [{ ...ORDER, lines: [{ product_id: 'P', quantity: 1, price: 1.5 }] }, 'lines.0.price'],
    [{ ...ORDER, lines: [{ product_id: 'P', quantity: 1, discount: 10_001 }] }, 'lines.0.discount'],
    [{ ...ORDER, number: '7' }, ''],
  ])('takes only an order that is one: %j', async (body, path) => {
    const answer = await post('k1', body)
    expect(answer.status).toBe(400)
    expect(answer.json<Problem>().errors?.[0]?.path).toBe(path)
    expect(acts()).toEqual([])
  })

  it('is not possible for somebody who is not set up in the ERP', async () => {
    doors.file.exec(`UPDATE erp_users SET active = 0 WHERE id = 'ann'`)
    const answer = await post('k1')
    expect(answer.status).toBe(404)
    expect(answer.json<Problem>().mend).toContain('PUT /api/erp/users')
    expect(acts()).toEqual([])
  })
})

describe('orders that were asked for', () => {
  it('are listed newest first, one’s own, page by page', async () => {
    for (const key of ['k1', 'k2', 'k3']) await post(key)
    const seen: string[] = []
    for (let path: string | undefined = '/api/orders/requests?limit=2'; path; ) {
      const answer = await doors.call('ann', 'GET', path)
      seen.push(...answer.json<OrderRequest[]>().map(({ key }) => key))
      path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
    }
    expect(seen).toEqual(['first', 'k3', 'k2', 'k1'])
    const all = await doors.call('admin', 'GET', '/api/orders/requests')
    expect(all.json<OrderRequest[]>().map(({ id }) => id)).toContain('bob-request')
    const bobs = await doors.call('admin', 'GET', '/api/orders/requests?user_id=bob')
    expect(bobs.json<OrderRequest[]>().map(({ id }) => id)).toEqual(['bob-request'])
  })

  it('name the customer, once the list of customers shows it', async () => {
    doors.file.exec(`DELETE FROM customers WHERE erp_id = 'C1'`)
    const { id, ...made } = (await post('k1')).json<OrderRequest>()
    expect(made.customer).toBeNull()
    for (const user of ['ann', 'bob'])
      doors.file.exec(
        `INSERT INTO customers (id, user_id, erp_id, name, updated_at, version, origin)
          VALUES ('${user}:C1', '${user}', 'C1', 'Rossi of ${user}', 1, 1, 'erp')`,
      )
    const told = await doors.call('ann', 'GET', `/api/orders/requests/${id}`)
    expect(told.json()).toMatchObject({ customer: 'Rossi of ann' })
    const status = await doors.call('ann', 'GET', '/api/erp/status')
    expect(status.json<ErpStatus>().orders.find((order) => order.id === id)?.customer).toBe('Rossi of ann')
  })

  it('are told one by one', async () => {
    const made = (await post('k1')).json<OrderRequest>()
    expect((await doors.call('ann', 'GET', `/api/orders/requests/${made.id}`)).json()).toEqual(made)
    expect((await doors.call('admin', 'GET', '/api/orders/requests/bob-request')).status).toBe(200)
  })
})
