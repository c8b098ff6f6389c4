import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Mutation } from '../../sync/protocol/lane.ts'
import { laneWorld } from './lane-world.ts'
import { rows } from './world.ts'

const reading = fc.record({
  account: fc.constantFrom('a', 'b'),
  value: fc.integer({ min: 0, max: 5 }),
  at: fc.integer({ min: 1, max: 5 }),
  timeFirst: fc.boolean(),
})
const proposal = ({ account = 'a', value = 0, at = 0, timeFirst = false }): Mutation => ({
  type: 'propose',
  table: 'metric_readings',
  key: `${account}:followers:tool`,
  // In whatever order a program names its columns.
  values: {
    ...(timeFirst ? { at, value } : { value, at }),
    account_id: account,
    metric: 'followers',
    source: 'tool',
  },
})

test('the latest reading stands, in whatever order and in however many pushes they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(reading, { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
      async (pushes) => {
        const { world, start } = laneWorld()
        const { lane } = start()
        for (const [n, readings] of pushes.entries()) {
          const mutations = readings.map((each) => proposal(each))
          await lane.push({ id: `p${n}`, actor: 'tool', origin: 'api', mutations })
        }
        const all = pushes.flat()
        const expected = ['a', 'b'].flatMap((account) => {
          const of = all.filter((each) => each.account === account)
          if (of.length === 0) return []
          const [latest] = of.sort((x, y) => y.at - x.at || y.value - x.value)
          return [{ account_id: account, value: latest?.value, at: latest?.at }]
        })
        expect(rows(world, 'SELECT account_id, value, at FROM metric_readings ORDER BY id')).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
})

test('an older reading in the same push is answered as superseded, by its rule', async () => {
  const { start } = laneWorld()
  const mutations = [proposal({ value: 5, at: 20 }), proposal({ value: 9, at: 10 })]
  const push = { id: 'p', actor: 'tool', origin: 'api', mutations }
  expect(await start().lane.push(push)).toMatchObject({
    results: [{ status: 'applied' }, { status: 'superseded', reason: 'kept by newest(at)' }],
  })
})
