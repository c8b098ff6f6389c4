import { expect, test } from 'vitest'
import type { Account } from '../../sync/protocol/smart-sync.ts'
import { change, compact, duration, exact, relative } from '../../web/src/format.ts'
import { arrange, orderBy } from '../../web/src/parts/accounts-order.ts'

test('absent is a dash, and zero is a zero', () => {
  expect([exact(null), compact(null), change(null)]).toEqual(['–', '–', '–'])
  expect([exact(0), compact(0), change(0)]).toEqual(['0', '0', '0'])
})

test('large numbers are short, small ones whole, changes signed with a true minus', () => {
  expect([compact(9_999), compact(10_000), compact(1_234_567), compact(12_345_678_901)]).toEqual([
    '9,999',
    '10K',
    '1.23M',
    '12.3B',
  ])
  expect([change(5), change(-71), change(32_712), change(-1_966)]).toEqual(['+5', '−71', '+32.7K', '−1.97K'])
})

test('times are told from now, in either direction', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  const at = (seconds: number) => relative(now + seconds * 1000, now)
  expect([at(-3), at(-240), at(-3_600 * 5), at(-86_400), at(-86_400 * 3), at(1_560), at(20)]).toEqual([
    'just now',
    '4 min ago',
    '5 h ago',
    '1 day ago',
    '3 days ago',
    'in 26 min',
    'in less than a minute',
  ])
})

test('durations keep two units at most', () => {
  expect([duration(40), duration(1_240), duration(61_000), duration(3_720_000)]).toEqual([
    '40 ms',
    '1.2 s',
    '1 min 1 s',
    '1 h 2 min',
  ])
})

const account = (id: string, username: string, followers: number | null): Account => ({
  id,
  project_id: 'p',
  platform: 'YouTube',
  profile_url: `https://youtube.com/@${username}`,
  username,
  followers,
  likes: null,
  comments: null,
  videos: null,
  views: null,
  version: 1,
  updated_at: '2026-11-21T12:00:00Z',
  origin: 'sheet',
  pins: [],
})
const accounts = [account('1', 'beta', 10), account('2', 'Alpha', null), account('3', 'gamma', 30)]
const order = { filter: '', by: 'followers', descending: true } as const

test('accounts without a number stand last, whichever way they are sorted', () => {
  const ids = (descending: boolean) => arrange(accounts, { ...order, descending }).map(({ id }) => id)
  expect(ids(true)).toEqual(['3', '1', '2'])
  expect(ids(false)).toEqual(['1', '3', '2'])
})

test('the filter wants every word, in any case', () => {
  expect(arrange(accounts, { ...order, filter: 'YOU alph' }).map(({ id }) => id)).toEqual(['2'])
})

test('a column is sorted from its interesting end first, and turned round by a second click', () => {
  const byName = orderBy(order, 'username')
  expect(byName.descending).toBe(false)
  expect(arrange(accounts, byName).map(({ username }) => username)).toEqual(['Alpha', 'beta', 'gamma'])
  expect(orderBy(byName, 'username').descending).toBe(true)
  expect(orderBy(byName, 'views').descending).toBe(true)
})
