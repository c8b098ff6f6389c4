import { beforeEach, expect, test } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import { Started } from '../../sync/protocol/erp.ts'
import { type Doors, look, openDoors, type Who } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const start = (who: Who, query = '') => doors.call(who, 'POST', `/api/backups${query}`)
const set = (value: object) => doors.call('admin', 'PUT', '/api/config/backups.sheet', { body: value })

test('backups are started by an admin, once for all who ask at the same time, and by force', async () => {
  expect((await set({ spreadsheet_id: 'book', tables: ['accounts'] })).status).toBe(200)
  const answer = await start('admin')
  expect(answer.status).toBe(202)
  const [first] = Started.parse(answer.json()).started
  expect(first).toMatchObject({ link: 'backups.sheet', scope: 'shared', answer: 'queued' })
  expect(Started.parse((await start('admin')).json()).started).toMatchObject([
    { answer: 'joined', run_id: first?.run_id },
  ])
  await start('admin', '?force=true')
  expect(
    look(doors, `SELECT lane, params, actor FROM runs WHERE link = 'backups.sheet' ORDER BY id`),
  ).toEqual(
    [false, true].map((full) => ({
      lane: 'backups',
      params: JSON.stringify({ parts: null, full }),
      actor: 'admin',
    })),
  )
})

test('where nothing is set up, it is said how to', async () => {
  for (const value of [{}, { spreadsheet_id: 'book' }, { tables: ['accounts'] }]) {
    await set(value)
    const answer = await start('admin')
    expect(answer.status).toBe(409)
    expect(answer.json<Problem>().mend).toContain('PUT /api/config/backups.sheet')
  }
})

test('nobody else starts them, sees their runs, or hears of their lane', async () => {
  await set({ spreadsheet_id: 'book', tables: ['accounts'] })
  const [run] = Started.parse((await start('admin')).json()).started
  expect((await start('ann')).status).toBe(403)
  const seen = (await doors.call('ann', 'GET', '/api/runs')).json<{ link: string }[]>()
  expect(seen.map(({ link }) => link)).toEqual(['smart-sync.sheet'])
  expect((await doors.call('ann', 'GET', `/api/runs/${run?.run_id}`)).status).toBe(404)
  expect((await doors.call('admin', 'GET', `/api/runs/${run?.run_id}`)).json()).toMatchObject({
    lane: 'backups',
  })
})
