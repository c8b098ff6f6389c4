import { expect, test } from 'vitest'
import type { ChangeAnswer, Plan, Proposal } from '../../sync/protocol/lane.ts'
import { dump, pushOf, type Said } from '../engine/site.ts'
import { durable, instance, testIds } from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

// A person settles, undoes or restores while the lane's object dies at any await; the same request is sent until it is answered.

const none = () => {
  throw new Error('there is no remote')
}

const FIRST: readonly Said[] = [
  ['insert', '1', { username: 'ann', name: 'A' }],
  ['insert', '2', { username: 'bob', name: 'B' }],
]
const SECOND: readonly Said[] = [
  ['insert', '3', { username: 'Ann' }],
  ['update', '2', { name: 'Bo' }, { name: 'B' }],
  ['delete', '1', {}, { username: 'ann' }],
  ['insert', '4', { username: 'BOB' }],
]

const LANE = 'admins'
const KEEP_REMOTE = (conflict: string): Proposal => ({
  type: 'resolve',
  conflict,
  strategy: 'keep_remote',
  notes: '',
})

const PROPOSALS: Readonly<Record<string, (conflict: string) => Proposal>> = {
  'a resolution': (conflict) => ({
    type: 'resolve',
    conflict,
    strategy: 'rename_local',
    newValue: 'kim',
    notes: 'agreed',
  }),
  'a resolution that keeps the remote': KEEP_REMOTE,
  'an undo': () => ({ type: 'undo', of: { version: 2 }, pin: false }),
  'an auto-resolve': () => ({ type: 'auto', max: 10 }),
  'a restore': () => ({
    type: 'restore',
    tables: [
      {
        name: 'admins',
        columns: ['id', 'username', 'name'],
        rows: [
          ['1', 'bob', 'A'],
          ['2', 'ann', 'B'],
          ['5', 'new', null],
        ],
      },
    ],
  }),
}

/** Changes the world by a lane that stops at `stopAt`; `late`: what was on its way arrives after the restart. */
async function tell(make: (conflict: string) => Proposal, stopAt: number | null, late: boolean) {
  const world = durable()
  const ids = testIds()
  const { lane: first } = instance(world, LANE, none, undefined, ids)
  for (const [device, edits] of [
    ['a', FIRST],
    ['b', SECOND],
  ] as const)
    await first.push(pushOf(LANE, device, 1, edits, world.clock.now()))
  const [conflict] = world.file.prepare('SELECT id FROM conflicts').all()
  const proposal = make(String(conflict?.id))
  const request = { actor: 'boss', origin: 'person', proposal, dryRun: false }
  const planned = await first.change({ ...request, dryRun: true })
  if (planned.type !== 'planned') throw new Error(JSON.stringify(planned))
  const expected = { ...request, expect: planned.plan.digest }

  const remote = { probe: none, read: none }
  const stop = stopper(stopAt)
  const dying = stoppableLane(world, LANE, remote, stop, ids)
  const end = await Promise.race([dying.change(expected), stop.stopped])
  if (end !== 'stopped') return { answer: end, plan: planned.plan, seen: visible(world), points: stop.passed }
  const start = () => instance(world, LANE, none, undefined, ids).lane
  let again = start()
  if (late) {
    // The new holder has the lane before the old one's batch arrives. A claim that comes late fences it: the object starts again.
    await again.poke()
    await stop.land()
  }
  const answer = await again.change(expected).catch((error) => {
    if (!late || !/held by another instance/.test(String(error))) throw error
    again = start()
    return again.change(expected)
  })
  return { answer, plan: planned.plan, seen: visible(world), points: stop.passed }
}

/** All there is, but for who held the lane, and the commits' own names. */
function visible(world: Parameters<typeof dump>[0]) {
  const { lanes, ...tables } = dump(world)
  return { ...tables, versions: lanes?.map(({ lane, version }) => [lane, version]) }
}

const isDone = (answer: ChangeAnswer, plan: Plan) =>
  answer.type === 'applied' &&
  (answer.plan.digest === plan.digest || answer.plan.changes.length + answer.plan.settles.length === 0)

for (const [name, make] of Object.entries(PROPOSALS))
  test.each([
    ['dies', false],
    ['dies, and what it had sent arrives late', true],
  ])(`${name} whose lane %s at any await, sent again, ends as if nothing had been`, async (_how, late) => {
    const whole = await tell(make, null, false)
    expect(whole.answer).toMatchObject({ type: 'applied', plan: whole.plan })
    expect(whole.points).toBeGreaterThan(8)
    for (let point = 0; point < whole.points; point++) {
      const broken = await tell(make, point, late)
      expect(isDone(broken.answer, whole.plan), `stopped at ${point}: ${JSON.stringify(broken.answer)}`).toBe(
        true,
      )
      expect(broken.seen, `stopped at ${point}`).toEqual(whole.seen)
    }
  })
