import { Webhook } from 'standardwebhooks'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import { linkSheet, WORKBOOK } from './reference-world.ts'
import { type Answer, ask, type Doors, look, openDoors } from './world.ts'

let doors: Doors
let secret: string
beforeEach(async () => {
  doors = await openDoors()
  linkSheet(doors)
  secret = await secretOf('reference')
})

const secretOf = async (name: string) =>
  (await doors.call('admin', 'POST', `/api/sheets/${name}/script`)).json<{ secret: string }>().secret

async function ping(
  body: unknown = { spreadsheet_id: WORKBOOK },
  { with: key = secret, at = new Date(), said = body as unknown } = {},
): Promise<Answer> {
  const text = JSON.stringify(body)
  const id = 'msg_1'
  return ask(
    doors.env,
    'POST',
    '/hooks/sheets',
    {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(key).sign(id, at, text),
    },
    JSON.stringify(said),
  )
}

const requests = () =>
  doors.lanes.calls
    .filter(({ method }) => method === 'request')
    .map(({ lane, given }) => [lane, (given as RunRequest).link, (given as RunRequest).trigger])

describe('a ping of a workbook’s script', () => {
  it('needs no token, and runs the link that is about the workbook', async () => {
    const answer = await ping()
    expect(answer.status).toBe(202)
    expect(answer.json()).toEqual({
      success: true,
      runs: [{ link: 'reference.sheet', scope: 'shared', run_id: expect.any(String) }],
    })
    expect(requests()).toEqual([['reference', 'reference.sheet', 'hook']])
  })

  it('runs the workspaces of smart sync that are about it, too', async () => {
    doors.file.exec(`UPDATE workspaces SET spreadsheet_id = '${WORKBOOK}' WHERE id = 'w2'`)
    expect((await ping()).status).toBe(202)
    expect(requests()).toEqual([
      ['reference', 'reference.sheet', 'hook'],
      ['workspace:w2', 'smart-sync.sheet', 'hook'],
    ])
  })

  it('of a workspace alone is signed with the secret of that workbook', async () => {
    const own = await secretOf('workspace:w1')
    expect(own).not.toBe(secret)
    expect((await ping({ spreadsheet_id: 'sheet-1-id' }, { with: own })).status).toBe(202)
    expect((await ping({ spreadsheet_id: 'sheet-1-id' })).status).toBe(401)
  })

  it('that comes again while the run waits joins it', async () => {
    const [first, second] = [await ping(), await ping({ spreadsheet_id: WORKBOOK, tabs: [0, 12] })]
    expect(second.json<{ runs: object[] }>().runs).toEqual(first.json<{ runs: object[] }>().runs)
    expect(look(doors, `SELECT count(*) AS n FROM runs WHERE lane = 'reference'`)).toEqual([{ n: 1 }])
  })

  it.each([
    [
      'another secret',
      () => ping(undefined, { with: new Webhook('whsec_b3RoZXI=') && 'whsec_b3RoZXI=' }),
      'signature',
    ],
    [
      'another content',
      () => ping(undefined, { said: { spreadsheet_id: WORKBOOK, tabs: [1] } }),
      'signature',
    ],
    ['a time of ten minutes ago', () => ping(undefined, { at: new Date(Date.now() - 600_000) }), 'too old'],
    ['a time to come', () => ping(undefined, { at: new Date(Date.now() + 600_000) }), 'too new'],
    [
      'no signature',
      () =>
        ask(
          doors.env,
          'POST',
          '/hooks/sheets',
          { 'content-type': 'application/json' },
          { spreadsheet_id: WORKBOOK },
        ),
      'header',
    ],
  ])('with %s is not believed', async (_, send, said) => {
    const answer = await send()
    expect(answer.status).toBe(401)
    expect(answer.json<Problem>().detail).toMatch(new RegExp(`^The ping is not believed: .*${said}`, 'i'))
    expect(requests()).toEqual([])
  })

  it('of a workbook that nothing is linked to any more is told so', async () => {
    doors.file.exec(`DELETE FROM config`)
    const answer = await ping()
    expect([answer.status, answer.json<Problem>().detail]).toEqual([
      404,
      'Nothing is linked to this workbook any more.',
    ])
  })

  it.each([
    ['', {}],
    ['x', 'x'],
    ['[]', []],
  ])('that is none (%s) is refused', async (_, body) => {
    expect((await ping(body)).status).toBe(400)
  })

  it('is shed where too many come from one address', async () => {
    doors.pace.left.set('from unknown', 1)
    expect((await ping()).status).toBe(202)
    expect((await ping()).status).toBe(429)
  })

  it('is all that is open under /hooks', async () => {
    for (const [method, path] of [
      ['GET', '/hooks/sheets'],
      ['POST', '/hooks/other'],
    ] as const)
      expect((await ask(doors.env, method, path)).status).toBe(401)
  })
})

describe('the script of a workbook', () => {
  it('is shown with its address and its secret apart, each time the same', async () => {
    const answer = await doors.call('admin', 'POST', '/api/sheets/reference/script')
    const shown = answer.json<Record<string, string>>()
    expect(shown).toMatchObject({
      name: 'reference',
      spreadsheet_id: WORKBOOK,
      address: 'https://tidemark.example/hooks/sheets',
      secret: expect.stringMatching(/^whsec_/),
      property: 'TIDEMARK_SECRET',
    })
    expect(shown.script).toContain(`const ADDRESS = '${shown.address}'`)
    expect(shown.script).not.toContain('{{')
    expect(await secretOf('reference')).toBe(shown.secret)
    expect(look(doors, 'SELECT * FROM config')).toHaveLength(1)
  })

  it('needs a workbook, and a name that there is', async () => {
    doors.file.exec('DELETE FROM config')
    const without = await doors.call('admin', 'POST', '/api/sheets/reference/script')
    expect([without.status, without.json<Problem>().mend]).toEqual([
      409,
      expect.stringContaining('PUT /api/config/sheets.reference'),
    ])
    for (const name of ['nothing', 'workspace:w9'])
      expect((await doors.call('admin', 'POST', `/api/sheets/${name}/script`)).status).toBe(404)
  })
})
