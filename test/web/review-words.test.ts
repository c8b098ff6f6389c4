import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastAnswer } from '../../web/review/src/answer.ts'
import { listingOf, priceOf } from '../../web/review/src/listing.ts'
import type { Entry } from '../../web/review/src/outbox.ts'
import { dashboardOf, dayOf, type Kept, queueOf, unsentOf } from '../../web/review/src/queue.ts'
import { sideOf, sidesOf } from '../../web/review/src/side.ts'
import { PAUSE, settledIn, visited } from '../../web/review/src/visit.ts'

const NOON = new Date(2026, 10, 21, 12).getTime()
const iso = (at: number) => new Date(at).toISOString()

const kept = (id: string, row: Kept['row'] = {}, came = 0): Kept => ({
  id,
  came,
  reading: 1,
  row: {
    id,
    title: id,
    lifecycle_stage: 'pending_assessment',
    assessed_at: null,
    modesty_status: null,
    ...row,
  },
})
const assessed = (id: string, at: number, status = 'modest'): Kept =>
  kept(id, {
    lifecycle_stage: status === 'not_modest' ? 'assessed_rejected' : 'assessed_approved',
    assessed_at: iso(at),
    modesty_status: status,
  })
const entry = (id: number, key: string, state: Entry['state'] = 'waiting'): Entry => ({
  id,
  state,
  mutation: {
    table: 'listings',
    op: 'update',
    key,
    values: { lifecycle_stage: 'assessed_approved', assessed_at: iso(NOON), modesty_status: 'modest' },
  },
})
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

test('the oldest listing comes first, skipped ones last, answered ones not at all', () => {
  const rows = ['2026-11-03', '2026-11-01', '2026-11-02', '2026-11-04'].map((at, i) =>
    kept(`l${i}`, { first_seen_at: `${at}T00:00:00.000Z` }),
  )
  const unsent = unsentOf([entry(1, 'l3')])
  expect(ids(queueOf(rows, unsent, []))).toEqual(['l1', 'l2', 'l0'])
  expect(ids(queueOf(rows, unsent, ['l2', 'l1']))).toEqual(['l0', 'l2', 'l1'])
})

test('the dashboard is that of the seed: 13 pending, 5 reviewed on the train, 7 new ones', () => {
  const morning = NOON - 3_600_000
  const rows = Array.from({ length: 13 }, (_, i) => kept(`l${i}`, {}, morning))
  const unsent = unsentOf([0, 1, 2, 3, 4].map((i) => entry(i + 1, `l${i}`)))
  const train = dashboardOf(rows, unsent, dayOf(NOON), null)
  expect([train.pending, train.fresh, train.today.length]).toEqual([8, null, 5])
  expect(train.today.every(({ isWaiting }) => isWaiting)).toBe(true)
  const later = [
    ...[0, 1, 2, 3, 4].map((i) => assessed(`l${i}`, NOON)),
    ...rows.slice(5),
    ...Array.from({ length: 7 }, (_, i) => kept(`new${i}`, {}, NOON + 1)),
  ]
  const home = dashboardOf(later, new Map(), dayOf(NOON), NOON)
  expect([home.pending, home.fresh, home.today.length]).toEqual([15, 7, 5])
})

test('what others reviewed today counts, what was reviewed yesterday does not', () => {
  const rows = [
    assessed('mine', NOON),
    assessed('late', dayOf(NOON) - 1),
    assessed('early', dayOf(NOON), 'not_modest'),
  ]
  const { today } = dashboardOf(rows, new Map(), dayOf(NOON), null)
  expect(today.map(({ id, status, approved }) => [id, status, approved])).toEqual([
    ['mine', 'modest', true],
    ['early', 'not_modest', false],
  ])
})

test('no listing is lost between the queue and the answers, whatever is skipped and answered', () => {
  const some = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
  fc.assert(
    fc.property(some, some, some, (all, answered, skipped) => {
      const rows = all.map((i) => kept(`l${i}`))
      const unsent = unsentOf(answered.map((i, n) => entry(n, `l${i}`)))
      const queue = ids(
        queueOf(
          rows,
          unsent,
          skipped.map((i) => `l${i}`),
        ),
      )
      expect([...queue].sort()).toEqual(
        ids(rows)
          .filter((id) => !unsent.has(id))
          .sort(),
      )
      const { pending, today } = dashboardOf(rows, unsent, dayOf(NOON), null)
      expect(pending + today.length).toBe(rows.length)
    }),
  )
})

test('undo goes back answer by answer, and over what a person was told of already', () => {
  const entries = [entry(1, 'a', 'settled'), entry(2, 'b', 'rejected'), entry(3, 'c')]
  expect(lastAnswer(entries, null)?.id).toBe(3)
  expect(lastAnswer(entries, 3)?.id).toBe(1)
  expect(lastAnswer(entries, 1)).toBeUndefined()
})

test('a reload is the same visit; after half an hour what came since the last look is new', () => {
  const first = visited(null, NOON)
  expect(first.since).toBeNull()
  const read = settledIn(first, NOON + 500)
  expect(visited(read, NOON + PAUSE)).toEqual({ since: NOON + 500, lastSeen: NOON + PAUSE })
  expect(visited(read, NOON + PAUSE + 1)).toEqual({ since: NOON, lastSeen: NOON + PAUSE + 1 })
  expect(settledIn(read, NOON + 9_000)).toBe(read)
})

test('prices are in the smallest unit of their currency', () => {
  expect(priceOf(8_900, 'GBP')).toBe('£89.00')
  expect(priceOf(8_900, 'JPY')).toMatch(/8,900/)
  expect(priceOf(8_900, '')).toBe('89.00')
  expect(priceOf(8_900, 'coins')).toBe('89.00 coins')
  expect(priceOf(null, 'GBP')).toBe('')
  expect(priceOf(0, 'GBP')).toBe('£0.00')
})

test('only addresses of the web can be opened', () => {
  const row = {
    id: 'https://shop.example/a',
    image_url: 'data:text/html,x',
    product_url: 'javascript:alert(1)',
  }
  expect(listingOf(row)).toMatchObject({
    picture: null,
    link: 'https://shop.example/a',
    title: 'Without a title',
  })
})

test('right approves and left rejects, from 90 pixels on', () => {
  const statuses = [
    { id: 'a', label: 'A', approved: false },
    { id: 'b', label: 'B', approved: true },
  ]
  expect(sidesOf(statuses)).toMatchObject({ right: { id: 'b' }, left: { id: 'a' } })
  expect(sidesOf([]).right).toBeUndefined()
  expect([sideOf(89), sideOf(90), sideOf(-90)]).toEqual([null, 'right', 'left'])
})
