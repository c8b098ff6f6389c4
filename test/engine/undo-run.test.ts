import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { peopleWorld } from './golden-world.ts'

// A run of a link that took several commits is undone as one.

const COUNT = 1_100
const shown = (score: number): Row[] =>
  Array.from({ length: COUNT }, (_, n) => ({ id: `r${n}`, nick: `n${n}`, note: 'hi', score, state: 'new' }))

async function ran() {
  const at = peopleWorld()
  await at.shows('sheet', shown(1))
  const before = at.people()
  const run = await at.shows('sheet', shown(2))
  expect(at.rows('SELECT DISTINCT version FROM history WHERE run_id = ?', run)).toHaveLength(3)
  return { ...at, before, run }
}

describe('a run of several commits', () => {
  test('is undone whole, and its plan offers to pin what the remote would bring again; so it does', async () => {
    const { applied, people, shows, before, run } = await ran()
    const plan = await applied({ type: 'undo', of: { run }, pin: false })
    expect(plan.changes).toHaveLength(COUNT)
    expect(plan.offers).toHaveLength(COUNT)
    expect(plan.offers[0]).toEqual({ table: 'people', key: 'r0', column: 'score', link: 'people.sheet' })
    expect(people()).toEqual(before)
    await shows('sheet', shown(2))
    expect(people().filter(({ score }) => score === 2)).toHaveLength(COUNT)
  })

  test('stays undone where its values are pinned, and the pins go with the undoing of the undo', async () => {
    const { applied, people, shows, before, run, version, rows } = await ran()
    const plan = await applied({ type: 'undo', of: { run }, pin: true })
    expect(plan.offers).toEqual([])
    expect(plan.changes.filter(({ op }) => op === 'pin')).toHaveLength(COUNT)
    const undone = version()
    await shows('sheet', shown(2))
    expect(people()).toEqual(before)
    await applied({ type: 'undo', of: { version: undone }, pin: false })
    expect(rows('SELECT count(*) AS n FROM pins')).toEqual([{ n: 0 }])
    expect(people().filter(({ score }) => score === 2)).toHaveLength(COUNT)
  })

  test('leaves what somebody changed since, and asks', async () => {
    const { applied, push, person, run, rows } = await ran()
    await push(
      'phone',
      ['update', 'r7', { score: 9 }, { score: 2 }],
      ['update', 'r8', { note: 'yo' }, { note: 'hi' }],
    )
    const plan = await applied({ type: 'undo', of: { run }, pin: false })
    expect(plan.opens).toMatchObject([{ key: 'r7', kind: 'undo' }])
    expect([person('r7'), person('r8'), person('r9')]).toEqual(['n7 hi 9 new', 'n8 yo 1 new', 'n9 hi 1 new'])
    expect(rows("SELECT ours, theirs FROM conflicts WHERE key = 'r7'")).toEqual([
      { ours: '{"score":9}', theirs: '{"score":1}' },
    ])
  })

  test('that made rows takes them away', async () => {
    const at = peopleWorld()
    const run = await at.shows('sheet', shown(1))
    await at.applied({ type: 'undo', of: { run }, pin: false })
    expect(at.people()).toEqual([])
  })
})
