import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import { configure, SHEET, type Stack, startStack } from './stack.ts'

// SIGKILL of the whole process group in the middle of a sync: what was acknowledged is there, the rest is done again.

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  await configure(stack, 3, 20)
})
afterAll(() => stack.close())

const accounts = () =>
  stack.runtime.query(
    `SELECT project_id, profile_url, followers, likes, comments, videos, views FROM accounts ORDER BY profile_url_key`,
  )

test.each(['drive.files.get', 'sheets.getByDataFilter'])(
  'a sync that is killed while %s is under way is finished by the restarted Workers, as if nothing had happened',
  async (api) => {
    const known = (await stack.runtime.query('SELECT id FROM runs')).length
    stack.google.person.set(SHEET, { cell: 'Project 2!D2', text: String(1_000_000 + known) })
    const apis = new Set(stack.google.calls.map((call) => call.api))
    expect(known === 0 || apis.has(api)).toBe(true)
    const hold = stack.google.faults.hold({ api })
    const answer = stack.call('POST', '/api/admin/smart_sync').catch(() => null)
    await hold.arrived()
    await stack.killAndRestart(() => hold.release())
    await answer
    const [run] = await stack.runtime.query<{ id: string }>('SELECT id FROM runs ORDER BY id DESC LIMIT 1')
    const ended = await stack.ended(String(run?.id))
    expect(ended.status).toBe('done')
    expect(await accounts()).toHaveLength(60)
    const [changed] = await stack.runtime.query(
      `SELECT followers FROM accounts WHERE profile_url_key LIKE '%@p2-1'`,
    )
    expect(changed?.followers).toBe(1_000_000 + known)
    expect(await stack.runtime.query('SELECT * FROM runs WHERE finished_at IS NULL')).toEqual([])
  },
)

test('killed at any moment of a sync, it ends with the same rows as a sync that was not killed', async () => {
  const full = '/api/admin/smart_sync?full=true'
  const before = await accounts()
  for (const ms of [5, 40, 110, 130, 160, 200]) {
    const answer = stack.call('POST', full).catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, ms))
    await stack.killAndRestart()
    await answer
    const again = await stack.call<SmartSyncAnswer>('POST', full)
    expect(again.status).toBe(200)
    expect(again.body.success).toBe(true)
    expect(await accounts()).toEqual(before)
    for (const { id } of await stack.runtime.query<{ id: string }>(
      'SELECT id FROM runs WHERE finished_at IS NULL',
    ))
      await stack.ended(String(id))
  }
})
