import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import {
  type DeviceLane,
  deviceLaneOf,
  digestsOf,
  number,
  readDeviceLane,
  remembered,
  saveDeviceLane,
} from '../../sync/engine/device-lane.ts'
import type { MutationAnswer } from '../../sync/protocol/lane.ts'
import { migrations } from './world.ts'

const device = (first: number, owner = 'ann') => ({ incarnation: 'laptop', owner, first })
const answer = (reason: string): MutationAnswer => ({ status: 'applied', reason })
/** What a lane remembers after a push of these contents, the last of which has the number `last` */
const lane = (last: number, contents: readonly string[], owner = 'ann'): DeviceLane => ({
  owner,
  last,
  recent: contents.map((content) => [content, answer(content)]),
})
const failure = (numbered: ReturnType<typeof number>) =>
  numbered.type === 'failed' ? numbered.failure : numbered

test.each([
  ['the first ever', null, 1, ['a'], []],
  ['what follows', lane(2, ['a', 'b']), 3, ['c'], []],
  ['the same again', lane(2, ['a', 'b']), 1, ['a', 'b'], ['a', 'b']],
  ['only the first of them again', lane(2, ['a', 'b']), 1, ['a'], ['a']],
  ['only the last of them again', lane(2, ['a', 'b']), 2, ['b'], ['b']],
  ['the same again and what follows', lane(2, ['a', 'b']), 2, ['b', 'c'], ['b']],
  ['nothing, from a number long settled', lane(9, ['i']), 1, [], []],
])('takes %s', (_what, known, first, contents, answered) => {
  expect(number(device(first), known, contents)).toEqual({ type: 'go', known: answered.map(answer) })
})

test.each([
  ['one too far', lane(2, ['a', 'b']), 4, 3],
  ['far ahead, of nobody known', null, 7, 1],
])('names the number that should come, for one that is %s', (_what, known, first, expected) => {
  expect(failure(number(device(first), known, ['x']))).toMatchObject({
    type: 'gap',
    expected,
    kept: expect.any(String),
    mend: expect.any(String),
  })
})

test.each([
  ['other content', lane(2, ['a', 'b']), 2, ['x']],
  ['the same content at another number', lane(2, ['a', 'b']), 1, ['b', 'a']],
  ['other content before what follows', lane(2, ['a', 'b']), 2, ['x', 'c']],
  ['numbers from before the last push', lane(9, ['i']), 8, ['h', 'i']],
  ['somebody else’s incarnation', lane(2, ['a', 'b'], 'bob'), 3, ['c']],
])('is forked by %s', (_what, known, first, contents) => {
  expect(failure(number(device(first), known, contents))).toMatchObject({
    type: 'forked',
    kept: expect.any(String),
    mend: expect.any(String),
  })
})

test('whatever a device repeats, cuts or sends too late, each number is judged once and in order', async () => {
  const file = openSqlite(migrations)
  const database = sqliteDatabase(file)
  const send = fc.record({ back: fc.nat(6), ahead: fc.nat(1), count: fc.nat(5), other: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(send, { maxLength: 12 }), async (sends) => {
      file.exec('DELETE FROM device_lanes')
      const judged: string[] = []
      const late: ReturnType<typeof saveDeviceLane>[] = []
      for (const { back, ahead, count, other } of sends) {
        const first = Math.max(1, judged.length + 1 - back) + (back === 0 ? ahead : 0)
        const contents = Array.from({ length: count }, (_, i) => `m${first + i}${other ? '!' : ''}`)
        const [found] = await database.batch([readDeviceLane(device(first), 'listings')])
        const known = deviceLaneOf(found?.rows[0])
        expect(known?.last ?? 0).toBe(judged.length)
        const numbered = number(device(first), known, contents)
        if (numbered.type === 'failed') {
          const isGap = first > judged.length + 1
          expect(numbered.failure.type).toBe(isGap ? 'gap' : 'forked')
          continue
        }
        // What is known was said so; nothing is answered for another.
        const repeated = contents.slice(0, numbered.known.length)
        expect(numbered.known).toEqual(repeated.map(answer))
        expect(repeated).toEqual(judged.slice(first - 1, first - 1 + repeated.length))
        const fresh = contents.slice(numbered.known.length)
        if (fresh.length === 0) continue
        expect(first + numbered.known.length).toBe(judged.length + 1)
        judged.push(...fresh)
        const save = saveDeviceLane(
          device(first),
          'listings',
          remembered(contents, [...numbered.known, ...fresh.map(answer)]),
          1,
        )
        // An earlier batch lands once more, after its time.
        await database.batch([save, ...late.slice(-2)])
        late.push(save)
      }
    }),
    { numRuns: 500 },
  )
  file.close()
})

test('what is remembered of a push is within a row of D1, whatever was answered', () => {
  const answers = (set: Record<string, string>) =>
    Array.from({ length: 1_000 }, (): MutationAnswer => ({ status: 'conflict', conflict: 'c_1', set }))
  const digests = Array.from({ length: 1_000 }, (_, i) => `d${i}`)
  expect(remembered(digests, answers({ title: 'Dress' }))[7]).toEqual([
    'd7',
    { status: 'conflict', conflict: 'c_1', set: { title: 'Dress' } },
  ])
  const long = remembered(digests, answers({ title: '漢'.repeat(2_000) }))
  expect(long[7]).toEqual(['d7', { status: 'conflict', conflict: 'c_1' }])
  const most = remembered(digests, answers({ title: '漢'.repeat(510) }))
  expect(most[0]?.[1].set).toBeDefined()
  expect(Buffer.byteLength(JSON.stringify(most))).toBeLessThan(2_000_000)
})

test('mutations differ by what they say', () => {
  const edit = { type: 'edit' as const, op: 'update' as const, table: 't', key: 'k', base: {}, at: null }
  const push = { id: '', actor: '', origin: '' }
  const digests = digestsOf({
    ...push,
    mutations: [
      { ...edit, values: { a: 1 } },
      { ...edit, values: { a: '1' } },
      { ...edit, values: { a: null } },
      { ...edit, values: { a: 1 }, base: { a: 0 } },
      { ...edit, values: { a: 1 }, at: 0 },
      { ...edit, values: { a: 1 }, op: 'insert' },
    ],
  })
  expect(new Set(digests).size).toBe(digests.length)
})
