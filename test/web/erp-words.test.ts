import fc from 'fast-check'
import { expect, test } from 'vitest'
import '../generated.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { leftInWords, leftOf } from '../../web/src/erp/estimate.ts'
import { difference, money } from '../../web/src/erp/money.ts'
import { afterAnswer, needsNewKey, quantityOf } from '../../web/src/erp/order-state.ts'
import { byUrgency, standOf, standOfAll } from '../../web/src/erp/stand.ts'
import { troublesOf } from '../../web/src/erp/troubles.ts'
import { laneName, listed, probeWords, runName, skipRate, span } from '../../web/src/erp/words.ts'
import { makeErp } from './fake-erp.ts'
import { erpRun } from './fake-erp-runs.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const erp = makeErp(3, NOW)
const system = (name: string) => erp.systems.find((each) => each.system === name)!

/** A run that has read `read` rows of a list of `rows` in `pages` since `ms` ago, and is at `page`. */
function runAt(page: number, pages: number, read: number, rows: number, ms: number, full = true): Run {
  const run = erpRun(system('products'), system('products').scopes[0]!, 1, full)
  run.status = 'running'
  run.started_at = new Date(NOW - ms).toISOString()
  Object.assign(run.report.parts[0]!, { page, pages, rows })
  run.report.counts.read = read
  return run
}

test('an estimate is the pages that are left at the pace of those that were read', () => {
  expect(leftOf(runAt(100, 300, 2_000, 6_000, 400_000), NOW)).toBe(800_000)
  expect(leftInWords(runAt(100, 300, 2_000, 6_000, 120_000), NOW)).toBe('about 4 min left')
  expect(leftInWords(runAt(100, 300, 2_000, 6_000, 120_000, false), NOW)).toBe('at most about 4 min left')
  expect(leftInWords(runAt(2, 300, 40, 6_000, 8_000), NOW)).toBe('estimating…')
})

test('a run that goes on at page 200 is not taken to have read 200 pages', () => {
  expect(leftInWords(runAt(201, 300, 20, 6_000, 4_000), NOW)).toBe('estimating…')
  expect(leftOf(runAt(210, 300, 200, 6_000, 40_000), NOW)).toBe(360_000)
})

test('whatever a run reports, the estimate is a length of time or none, and nothing is left at the end', () => {
  const number = fc.nat({ max: 100_000 })
  fc.assert(
    fc.property(number, number, number, number, number, (page, pages, read, rows, ms) => {
      const left = leftOf(runAt(page, pages, read, rows, ms), NOW)
      if (left !== null) expect(left).toBeGreaterThanOrEqual(0)
      if (left !== null && page >= pages) expect(left).toBe(0)
      expect(leftInWords(runAt(page, pages, read, rows, ms), NOW)).not.toMatch(/NaN|Infinity|-/)
    }),
  )
})

test('prices are euros, and a difference has its sign, its share, and a true minus', () => {
  expect([money(1_249), money(0), money(null), money(-5), money(128_990_000)]).toEqual([
    '€12.49',
    '€0.00',
    '–',
    '−€0.05',
    '€1,289,900.00',
  ])
  expect([difference(1_000, 1_042), difference(1_000, 880), difference(1_000, 1_005)]).toEqual([
    { way: 'up', text: '+4.2 %' },
    { way: 'down', text: '−12.0 %' },
    { way: 'up', text: '+0.50 %' },
  ])
  expect([difference(null, 5), difference(5, null), difference(0, 300), difference(100, 350)]).toEqual([
    { way: 'new', text: 'first price' },
    { way: 'gone', text: 'no price now' },
    { way: 'up', text: '+€3.00' },
    { way: 'up', text: '+250 %' },
  ])
  expect(difference(100_000_000, 100_000_001).text).toBe('under 0.01 %')
})

test('the way and the sign of a difference never contradict each other', () => {
  const cents = fc.nat({ max: 10_000_000 })
  fc.assert(
    fc.property(cents, cents, (from, to) => {
      fc.pre(from !== to)
      const { way, text } = difference(from, to)
      expect(way).toBe(to > from ? 'up' : 'down')
      if (text.startsWith('+')) expect(way).toBe('up')
      if (text.startsWith('−')) expect(way).toBe('down')
      expect(text).not.toMatch(/NaN|Infinity|[+−]0(\.0*)? %/)
    }),
  )
})

test('a skip rate is 0 % or 100 % only where it is exactly that', () => {
  expect(skipRate([])).toBe('No checks yet')
  expect(skipRate([{ checks: 0, skips: 0 }])).toBe('No checks yet')
  expect(skipRate([{ checks: 1_000, skips: 999 }])).toBe('99 % of 1,000')
  expect(skipRate([{ checks: 1_000, skips: 1 }])).toBe('1 % of 1,000')
  expect(
    skipRate([
      { checks: 4, skips: 4 },
      { checks: 4, skips: 2 },
    ]),
  ).toBe('75 % of 8')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat({ max: 100_000 }), (checks, missed) => {
      const skips = Math.max(0, checks - missed)
      const share = Number.parseInt(skipRate([{ checks, skips }]), 10)
      expect(share === 100).toBe(skips === checks)
      expect(share === 0).toBe(skips === 0)
    }),
  )
})

test('how a list is looked at says when a change is found at the latest', () => {
  expect(probeWords(system('products'))).toMatch(/any change is found at the next check \(every 2 h\)/)
  expect(probeWords(system('customers'))).toMatch(/found within 23 checks \(about 12 h\)/)
  expect(probeWords({ ...system('customers'), scopes: [] })).toMatch(/in rotation \(every 30 min\)/)
  expect(probeWords(system('orders'))).toMatch(/until nothing is new \(every 1 h\)/)
  expect([span(90_000), span(5_400_000), span(3 * 86_400_000)]).toEqual(['2 min', '1.5 h', '3 days'])
})

test('lanes and runs have names that people use', () => {
  expect([laneName('products'), laneName('customers:a:b'), laneName('another user')]).toEqual([
    'Products and prices',
    'Customers of a:b',
    'another user',
  ])
  expect(runName({ link: 'prices.erp', scope: 'shared' })).toBe('Prices')
  expect([listed([]), listed(['a']), listed(['a', 'b', 'c']), listed(['a', 'b', 'c', 'd', 'e'])]).toEqual([
    'nobody',
    'a',
    'a, b and c',
    'a, b and 3 others',
  ])
})

test('a list stands as what matters most says: what runs before what went wrong, and that before what is well', () => {
  const orders = system('orders')
  const [scope] = orders.scopes
  const run = erpRun(orders, scope!, 1)
  const trouble = { reason: 'Away', mend: 'Wait' }
  const stand = (more: object, runs: Run[] = []) => standOf('orders.erp', { ...scope!, ...more }, runs).text
  expect(stand({})).toBe('Up to date')
  expect(stand({ trouble, last_status: 'degraded' })).toBe('Can’t be read')
  expect(stand({ trouble }, [run])).toBe('Queued')
  expect(stand({ trouble, active: false })).toBe('Off')
  expect(stand({ last_status: null })).toBe('Not read yet')
  expect(stand({}, [{ ...run, status: 'running' }])).toBe('Reading')
  expect(stand({}, [{ ...run, status: 'running', report: { ...run.report, waits: 'paused' } }])).toBe(
    'Paused',
  )
  expect(stand({}, [{ ...run, scope: 'somebody else' }])).toBe('Up to date')

  const bad = { ...orders, scopes: orders.scopes.map((one, i) => (i === 2 ? { ...one, trouble } : one)) }
  expect(standOfAll(bad, []).text).toBe('1 can’t be read')
  expect(byUrgency(bad.link, bad.scopes, [])[0]?.trouble).toEqual(trouble)
  expect(troublesOf([bad, { ...system('products'), scopes: [{ ...scope!, trouble }] }])).toEqual([
    { ...trouble, who: [`orders of ${orders.scopes[2]?.scope}`, 'products'] },
  ])
})

test('an order is free to be changed only where it is certain that none was made', () => {
  const request = erp.orders[0]!
  const ok = (status: typeof request.status) => afterAnswer({ ok: true, value: { ...request, status } })
  const failed = (status: number) =>
    afterAnswer({
      ok: false,
      problem: { type: 'urn:tidemark:problem:refused', title: '', status, detail: '', kept: '', mend: '' },
    })
  expect([ok('done').type, ok('unknown').type, ok('queued').type, ok('sending').type]).toEqual([
    'done',
    'unknown',
    'goes-on',
    'goes-on',
  ])
  expect([0, 429, 500, 503].map((status) => failed(status).type)).toEqual(Array(4).fill('unanswered'))
  expect([400, 403, 404, 422].map((status) => failed(status).type)).toEqual(Array(4).fill('editing'))
  expect(needsNewKey(failed(422))).toBe(true)
  expect(needsNewKey(failed(503))).toBe(false)
  expect(needsNewKey(ok('refused'))).toBe(true)
})

test('a quantity is a number above zero, with a point or a comma', () => {
  expect([' 12 ', '2.5', '2,5', '0', '-1', '1e3', '', '1,000,000', '2 kg'].map(quantityOf)).toEqual([
    12,
    2.5,
    2.5,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})
