import { describe, expect, it } from 'vitest'
import type { OrderRequest } from '../../sync/protocol/erp.ts'
import { Refusal } from '../../workers/shared/app.ts'
import * as data from './data.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

const doubtful: OrderRequest = {
  id: 'o1',
  key: 'key-7',
  user_id: 'ann',
  customer: null,
  status: 'unknown',
  erp_id: null,
  number: null,
  reason: 'No answer came.',
  mend: 'Look in the ERP for key-7.',
  actor: 'ann',
  body: { customer_id: 'C1', lines: [{ product_id: 'P-1', quantity: 1 }], note: '' },
  created_at: data.ago(1_000),
  sent_at: data.ago(1_000),
  finished_at: null,
}

describe('tidemark erp', () => {
  it('status shows each list, how late a change is found, and what the checks cost', async () => {
    const { exit, out, err } = await here.run(['erp', 'status'])
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out.split('\n')).toEqual([
      'list       user   rows  good     last run   next    found within',
      'customers  ann   5,700  1 h ago  unchanged  in 2 h  11 h 30 min',
      'products         6,000  1 h ago  unchanged  in 2 h  2 h 0 min',
      '',
      'inside      nobody (room for 1)',
      'waiting     nobody',
      'checks      2 lists take 21 % of the ERP’s time, at 3.0 s a call',
      'pictures    5,900 here, 2 on their way',
      '',
    ])
  })

  it('status shows who is inside, who waits, and what runs', async () => {
    const until = data.ago(-3_000)
    const part = data.part({ status: 'waiting', page: 17, pages: 300, at: null })
    const report = { parts: [part], waits: 'waits for an order of another user' }
    const run = data.run({
      link: 'products.erp',
      scope: 'shared',
      status: 'running',
      finished_at: null,
      report,
    })
    server.answers.erpStatus = () =>
      data.erpStatus({
        gate: {
          concurrency: 1,
          inside: [{ who: 'orders:ann', exclusive: true, until }],
          waiting: [{ who: 'products', exclusive: false, priority: 2, since: until }],
          closed_until: null,
        },
        runs: [run],
      })
    const { exit, out } = await here.run(['erp'])
    expect(exit).toBe(0)
    expect(out).toContain('inside      orders:ann (alone) (room for 1)\nwaiting     products\n')
    expect(out).toMatch(
      /running {2}products\.erp of shared: page 17 of 300, .* read; waits for an order of another user\n/,
    )
  })

  it.each([
    ['a list that can’t be read', () => trouble(), 'customers of ann: It is down.\nTo do  Wait.\n'],
    [
      'an order in doubt',
      () => data.erpStatus({ orders: [doubtful] }),
      'in doubt    order key-7 of ann: Look in the ERP for key-7.\n',
    ],
    [
      'pictures that were given up',
      () => data.erpStatus({ images: { pending: 0, stored: 1, dead: 3 } }),
      ', 3 given up\n',
    ],
    [
      'checks that can’t keep up',
      () => data.erpStatus({ forecast: { scopes: 90, call_ms: 4_000, share: 1.5 } }),
      '90 lists take 150 % of the ERP’s time, at 4.0 s a call: they can’t keep up\n',
    ],
  ])('status ends with 1 for %s, and says so', async (_, answer, words) => {
    server.answers.erpStatus = answer
    const { exit, out } = await here.run(['erp', 'status'])
    expect(exit).toBe(1)
    expect(out).toContain(words)
  })
  const trouble = () => {
    const status = data.erpStatus()
    const down = { reason: 'It is down.', mend: 'Wait.' }
    return {
      ...status,
      systems: status.systems.map((system, i) => ({
        ...system,
        scopes: system.scopes.map((scope) => ({ ...scope, trouble: i === 0 ? down : null })),
      })),
    }
  }

  it('status is honest about what nobody knows', async () => {
    server.answers.erpStatus = () =>
      data.erpStatus({ gate: null, forecast: { scopes: 2, call_ms: null, share: null }, unmatched_prices: 4 })
    const { out } = await here.run(['erp', 'status'])
    expect(out).toContain('inside      not known: the gate did not answer\n')
    expect(out).toContain('checks      2 lists; what they cost is not known yet\n')
    expect(out).toContain('prices      4 prices match no product\n')
  })

  it('status says what to do where nothing is set up', async () => {
    server.answers.erpStatus = () => data.erpStatus({ configured: false, systems: [] })
    const { exit, out } = await here.run(['erp', 'status'])
    expect([exit, out]).toEqual([
      0,
      'The ERP is not set up. An admin sets a login up with PUT /api/erp/users/{id}.\n',
    ])
  })

  it('sync starts a list and waits for its end', async () => {
    const { exit, out, err } = await here.run([
      'erp',
      'sync',
      'customers',
      '--user',
      'ann@example.com',
      '--full',
    ])
    expect(exit).toBe(0)
    expect(server.calls[0]).toMatchObject({
      method: 'POST',
      body: { system: 'customers', user_id: 'ann@example.com', full: true },
    })
    expect(server.calls[1]?.path).toBe('/api/runs/01RUN2')
    expect(out).toContain('run 01RUN2')
    expect(err).toContain('Ctrl-C leaves it running; see then: tidemark erp status')
  })

  it('sync ends as soon as it is queued where told so', async () => {
    const { exit, out } = await here.run(['erp', 'sync', 'products', '--no-wait'])
    expect([exit, out]).toEqual([0, 'products.erp of shared: queued  01RUN2\n'])
    expect(server.calls).toHaveLength(1)
    expect(server.calls[0]?.body).toEqual({ system: 'products', full: false })
  })

  it('sync ends with 1 or 2 as its run did', async () => {
    server.answers.getRun = () => data.run({ status: 'degraded' })
    expect((await here.run(['erp', 'sync', 'products'])).exit).toBe(1)
    server.answers.getRun = () => data.run({ status: 'failed' })
    expect((await here.run(['erp', 'sync', 'products'])).exit).toBe(2)
  })

  it('sync says what the server refused', async () => {
    server.answers.startErpSync = () => {
      throw new Refusal({
        type: 'not_found',
        detail: 'There is no active user eva of the ERP.',
        mend: 'Ask an admin.',
      })
    }
    const { exit, err } = await here.run(['erp', 'sync', 'orders', '--user', 'eva'])
    expect(exit).toBe(2)
    expect(err).toContain('There is no active user eva of the ERP.')
  })

  it.each([['everything'], ['orders', '--user', 'a/b']])(
    'sync takes only what there is: %s %s',
    async (...words) => {
      const { exit } = await here.run(['erp', 'sync', ...words.filter((word) => word !== undefined)])
      expect(exit).toBe(2)
      expect(server.calls).toEqual([])
    },
  )
})
