import { expect, test } from 'vitest'
import { readFrame } from '../../sync/engine/run-frame.ts'
import { reference } from '../../sync/systems/reference.ts'
import { twoWayWorld } from './two-way-world.ts'

// What a run asks of the database before anything else, every few minutes.

const [link] = reference.links

test('a tab that can’t be read, or is not linked any more, makes no run look further and further back', async () => {
  if (!link) throw new Error('it is declared')
  const w = twoWayWorld()
  const outgoing = async () => (await readFrame(w.world.database, link, 'shared'))?.outgoing
  const ann = { name: 'Ann', hourly_wage: 1, commission: 0 }
  await w.edit('employee_settings', '111', ann, 'insert')
  expect(await outgoing()).toEqual({})
  await w.sync()
  await w.sync()
  const { read } = w.book
  w.book.read = async (context, part, cursor) => {
    const answer = await read(context, part, cursor)
    if (!answer.ok || part.id !== 'ranks') return answer
    return {
      ok: true,
      value: { ...answer.value, refused: { reason: 'its header is gone', mend: 'Undo that.' } },
    }
  }
  await w.edit('employee_settings', '111', { hourly_wage: 2 })
  expect(Object.keys((await outgoing()) ?? {})).toEqual(['employee_settings'])
  w.book.stamp++
  await w.sync()
  await w.sync()
  expect(w.part('ranks').status).toBe('failed')
  expect(await outgoing()).toEqual({})
  w.book.read = read
  await w.edit('ranks', 'r1', { name: 'Bronze', min_amount: 0 }, 'insert')
  await w.sync()
  expect(w.book.row('ranks', 0).values).toMatchObject({ name: 'Bronze' })
})
