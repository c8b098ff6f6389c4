import { ulid } from 'ulid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import deltaCheck, { type DeltaCheckEnv } from '../../workers/delta-check/index.ts'
import { type TickDeps, tick } from '../../workers/delta-check/tick.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'
import { handOver } from './due-queue.ts'
import { type Doors, look, openDoors } from './world.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
let doors: Doors
let now: number
let batches: string[][]
let queueDown: boolean
const events = {
  sendBatch: async (messages: Iterable<{ body: { deliveryId: string } }>) => {
    if (queueDown) throw new Error('the queue is down')
    batches.push([...messages].map(({ body }) => body.deliveryId))
  },
} as unknown as TickDeps['events']
const nothing: TickDeps['due'] = {
  send: async () => undefined as never,
  sendBatch: async () => {
    throw new Error('so few lanes need no queue')
  },
}

beforeEach(async () => {
  doors = await openDoors()
  now = Date.now()
  batches = []
  queueDown = false
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  return () => void vi.restoreAllMocks()
})

const noImages = { sendBatch: async () => undefined } as unknown as TickDeps['images']

const run = (over: Partial<TickDeps> = {}) =>
  tick({
    database: doors.database,
    lanes: doors.lanes,
    events,
    due: nothing,
    images: noImages,
    at: onTheHour(),
    now: () => now,
    ...over,
  })
const onTheHour = () => now - (now % (60 * MINUTE))
const asked = () =>
  doors.lanes.calls
    .filter(({ method }) => method === 'request')
    .map(({ given }) => {
      const { link, scope } = given as RunRequest
      return `${link} ${scope}`
    })
const makeDue = (scope: string) =>
  doors.file.prepare('UPDATE link_state SET next_due_at = ? WHERE scope = ?').run(now, scope)

describe('the cron', () => {
  it('asks nobody who isn’t due', async () => {
    expect(await run()).toEqual({ asked: 0, woken: 0, sent: 0, failed: 0 })
    expect(doors.lanes.calls).toEqual([])
  })

  it('asks the lane of each link that is due to check', async () => {
    makeDue('w2')
    expect(await run()).toMatchObject({ asked: 1, failed: 0 })
    expect(doors.lanes.calls).toEqual([
      {
        lane: 'workspace:w2',
        method: 'request',
        given: {
          link: 'smart-sync.sheet',
          scope: 'w2',
          parts: null,
          trigger: 'cron',
          full: false,
          actor: 'cron',
        },
      },
    ])
  })

  it('asks for workspaces that never ran, but not for those without an active project', async () => {
    doors.file.exec(
      `INSERT INTO workspaces VALUES ('w3', 'New', 'sheet-3-id'), ('w4', 'Empty', 'sheet-4-id')`,
    )
    doors.file.exec(`INSERT INTO projects (id, workspace_id, name, tab) VALUES ('fresh', 'w3', 'F', 'F')`)
    await run()
    expect(asked()).toEqual(['smart-sync.sheet w3'])
  })

  it('asks a lane’s readers before its sheet, so that what is read is merged in the same half hour', async () => {
    doors.file.exec(
      `INSERT INTO config VALUES ('smart-sync.readers', '{"readers":[{"type":"youtube","source":"y"}]}', 1, 'me')`,
    )
    makeDue('w1')
    makeDue('w2')
    await run()
    const order = asked()
    expect(order.filter((each) => each.endsWith('w1'))).toEqual([
      'smart-sync.readers w1',
      'smart-sync.sheet w1',
    ])
    expect(order).toHaveLength(4)
  })

  it('leaves a lane alone whose run has moved within its lease, and wakes one whose lease is over', async () => {
    const insert = doors.file.prepare(
      `INSERT INTO runs (id, link, scope, lane, "trigger", params, actor, status, report, enqueued_at, lease_until)
        VALUES (?1, 'l', 's', ?1, 'cron', '{}', 'x', 'running', '{}', 0, ?2)`,
    )
    insert.run('lane-moving', now + 60_000)
    insert.run('lane-stuck', now - 1)
    await run()
    const poked = doors.lanes.calls.map((call) => JSON.stringify(call)).join()
    expect(poked).toContain('lane-stuck')
    expect(poked).not.toContain('lane-moving')
  })

  it('wakes lanes with unfinished runs', async () => {
    doors.file.exec(`UPDATE runs SET finished_at = NULL, status = 'running' WHERE lane = 'workspace:w1'`)
    expect(await run()).toMatchObject({ woken: 1 })
    expect(doors.lanes.calls).toEqual([{ lane: 'workspace:w1', method: 'poke', given: null }])
  })

  it('wakes lanes with orders whose fate is open, and no others', async () => {
    const insert = doors.file.prepare(
      `INSERT INTO actions (id, link, scope, lane, kind, key, content, body, status, actor, created_at, finished_at)
        VALUES (?1, 'orders.erp', 'ann', ?1, 'create_order', 'k', 'c', '{}', ?2, 'ann', 0, ?3)`,
    )
    insert.run('lane-sending', 'sending', null)
    insert.run('lane-done', 'done', 1)
    expect(await run()).toMatchObject({ woken: 1 })
    expect(doors.lanes.calls).toMatchObject([{ lane: 'lane-sending', method: 'poke' }])
  })

  it('does no harm where two overlap: the lane joins or skips', async () => {
    makeDue('w1')
    makeDue('w2')
    const before = look(doors, 'SELECT id FROM runs')
    await Promise.all([run(), run()])
    expect(look(doors, 'SELECT id FROM runs')).toHaveLength(before.length + 2)
  })

  it('goes on where a lane fails, and counts it', async () => {
    makeDue('w1')
    makeDue('w2')
    doors.lanes.fail.set('workspace:w1', [new Error('broken')])
    expect(await run()).toMatchObject({ asked: 2, failed: 1 })
    expect(doors.lanes.calls.filter(({ lane }) => lane === 'workspace:w2')).toHaveLength(1)
    expect(look(doors, `SELECT lane FROM runs WHERE status = 'queued'`)).toEqual([{ lane: 'workspace:w2' }])
  })

  it('has at most six lanes at work, and waits for none for ever', async () => {
    const insert = doors.file.prepare('INSERT INTO workspaces VALUES (?1, ?1, ?1)')
    for (let i = 0; i < 20; i++) {
      insert.run(`many${i}`)
      doors.file.exec(
        `INSERT INTO projects (id, workspace_id, name, tab) VALUES ('of${i}', 'many${i}', 'P', 'P')`,
      )
    }
    let working = 0
    let most = 0
    const lanes = {
      getByName: (lane: string) => ({
        ...doors.lanes.getByName(lane),
        request: async () => {
          most = Math.max(most, ++working)
          // Six of them hang.
          if (/many[0-5]$/.test(lane)) await new Promise(() => undefined)
          await new Promise((resolve) => setTimeout(resolve, 1))
          working--
          return { type: 'skipped', reason: 'test' } as const
        },
      }),
    } satisfies LaneNamespace
    expect(await run({ lanes, laneWait: 30 })).toMatchObject({ asked: 20, failed: 6 })
    // A lane that is given up still hangs: its place is taken by another.
    expect(most).toBeLessThanOrEqual(12)
    expect(working).toBe(6)
  })
})

describe('events that wait', () => {
  const add = (n: number, over: { status?: string; next_at?: number } = {}) => {
    const insert =
      doors.file.prepare(`INSERT INTO deliveries (id, webhook_id, type, body, status, created_at, next_at)
      VALUES (?, 'wh', 'run.completed', '{}', ?, 1, ?)`)
    for (let i = 0; i < n; i++) insert.run(`d${i}`, over.status ?? 'pending', over.next_at ?? now)
  }

  it('are offered to the queue, a hundred a call, each once an hour', async () => {
    add(250)
    await run()
    expect(batches.map(({ length }) => length)).toEqual([100, 100, 50])
    expect(new Set(batches.flat()).size).toBe(250)
    await run({ now: () => now + 59 * MINUTE })
    expect(batches).toHaveLength(3)
    await run({ now: () => now + 60 * MINUTE })
    expect(batches.flat()).toHaveLength(500)
  })

  it('stay for the next tick where the queue is down, and the tick goes on', async () => {
    add(3)
    queueDown = true
    expect(await run()).toMatchObject({ failed: 0 })
    queueDown = false
    await run()
    expect(batches).toEqual([['d0', 'd1', 'd2']])
  })

  it.each(['sent', 'dead'])('are not those that are %s', async (status) => {
    add(1, { status })
    await run()
    expect(batches).toEqual([])
  })
})

describe('what is over', () => {
  it('is forgotten after 30 days: codes, sessions, answers to pushes; tokens stay', async () => {
    const insert = doors.file.prepare(
      `INSERT INTO tokens (hash, id, role, name, kind, created_at, expires_at, revoked_at) VALUES (?1, ?1, 'admin', 'x', ?2, 1, ?3, ?4)`,
    )
    const old = now - 30 * DAY - 1
    insert.run('code, used long ago', 'code', now, old)
    insert.run('code, over long ago', 'code', old, null)
    insert.run('session, over long ago', 'session', old, null)
    insert.run('session, just over', 'session', now - DAY, null)
    insert.run('token, revoked long ago', 'token', null, old)
    doors.file.exec(
      `INSERT INTO pushes VALUES ('l', 'old', 'c', '{}', ${old}), ('l', 'new', 'c', '{}', ${now})`,
    )
    await run()
    const left = look(doors, `SELECT id FROM tokens WHERE name = 'x' ORDER BY id`).map(({ id }) => id)
    expect(left).toEqual(['session, just over', 'token, revoked long ago'])
    expect(look(doors, `SELECT id FROM pushes WHERE lane = 'l'`)).toEqual([{ id: 'new' }])
  })

  it('is forgotten after 400 days of a device that says nothing: its numbers, which it then draws anew', async () => {
    doors.file.exec(`INSERT INTO device_lanes VALUES ('lost', 'l', 'ann', 9, '[]', ${now - 400 * DAY - 1}),
      ('rests', 'l', 'ann', 9, '[]', ${now - 399 * DAY})`)
    await run()
    expect(look(doors, 'SELECT incarnation FROM device_lanes')).toEqual([{ incarnation: 'rests' }])
  })
})

describe('what ended long ago', () => {
  it('is forgotten: runs that found nothing after a week, all others and their events after 90 days', async () => {
    const at = (days: number) => ulid(now - days * DAY)
    const ids = { fresh: at(1), idle: at(8), done: at(80), old: at(91), open: at(400) }
    const insert = doors.file.prepare(
      `INSERT INTO runs (id, link, scope, lane, "trigger", params, actor, status, report, enqueued_at, finished_at)
        VALUES (?1, 'l', 's', 'nobody', 'cron', '{}', 'x', ?2, '{}', 0, ?3)`,
    )
    insert.run(ids.fresh, 'unchanged', 1)
    insert.run(ids.idle, 'unchanged', 1)
    insert.run(ids.done, 'done', 1)
    insert.run(ids.old, 'done', 1)
    insert.run(ids.open, 'running', null)
    doors.file.exec(
      `INSERT INTO link_writes VALUES ('${ids.old}', 'p', 0, '[]', '{}', 0), ('${ids.done}', 'p', 0, '[]', '{}', 0)`,
    )
    doors.file.exec(
      `INSERT INTO deliveries (id, webhook_id, type, body, status, created_at, next_at) VALUES
        ('old', 'w', 'run.completed', '{}', 'sent', ${now - 91 * DAY}, 0), ('new', 'w', 'run.completed', '{}', 'sent', ${now}, 0)`,
    )
    await run()
    const left = look(doors, `SELECT id FROM runs WHERE lane = 'nobody' ORDER BY id`).map(({ id }) => id)
    expect(left).toEqual([ids.open, ids.done, ids.fresh])
    expect(look(doors, 'SELECT run_id FROM link_writes')).toEqual([{ run_id: ids.done }])
    expect(look(doors, 'SELECT id FROM deliveries')).toEqual([{ id: 'new' }])
  })
})

describe('forgetting', () => {
  const add = (n: number) => {
    const insert = doors.file.prepare(
      `INSERT INTO runs (id, link, scope, lane, "trigger", params, actor, status, report, enqueued_at, finished_at)
        VALUES (?1, 'l', 's', 'nobody', 'cron', '{}', 'x', 'unchanged', '{}', 0, 1)`,
    )
    for (let i = 0; i < n; i++) insert.run(ulid(now - 8 * DAY))
  }
  const left = () => look(doors, `SELECT count(*) AS n FROM runs WHERE lane = 'nobody'`)[0]?.n

  it('is done by the first tick of an hour, and not by the other', async () => {
    add(1)
    await run({ at: onTheHour() + 30 * MINUTE })
    expect(left()).toBe(1)
    await run({ at: onTheHour() })
    expect(left()).toBe(0)
  })

  it('keeps up with the runs of 10,000 scopes: 20,000 an hour, a thousand a statement', async () => {
    add(20_500)
    doors.database.batches.length = 0
    await run()
    expect(left()).toBe(0)
    const deletes = doors.database.batches.filter((batch) =>
      batch.some(({ sql }) => sql.startsWith('DELETE FROM runs')),
    )
    expect(deletes).toHaveLength(21)
  })

  it('leaves the rest of a great heap to the next hour', async () => {
    add(30_001)
    await run()
    expect(left()).toBe(1)
  })
})

describe('the Worker', () => {
  const env = () =>
    ({
      DB: {},
      LANE: doors.lanes,
      EVENTS: { ...events, send: () => undefined },
      DUE: nothing,
      IMAGE_QUEUE: { ...noImages, send: () => undefined },
      database: doors.database,
    }) as unknown as DeltaCheckEnv

  it('logs one line a tick', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    makeDue('w1')
    await deltaCheck.scheduled({ scheduledTime: now }, env())
    expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toEqual({
      event: 'cron.ended',
      asked: 1,
      woken: 0,
      sent: 0,
      failed: 0,
    })
  })

  it('begins one run a lane where a message comes twice, at once or later', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    makeDue('w1')
    makeDue('w2')
    const before = look(doors, 'SELECT id FROM runs').length
    const visits = ['w1', 'w2'].map((scope) => ({
      lane: `workspace:${scope}`,
      wake: false,
      due: [{ link: 'smart-sync.sheet', scope }],
    }))
    const come = () => handOver(env(), { at: now, failures: 0, visits })
    expect(await Promise.all([come(), come()])).toEqual([true, true])
    expect(look(doors, 'SELECT id FROM runs')).toHaveLength(before + 2)
    for (const { id, lane } of look(doors, `SELECT id, lane FROM runs WHERE status = 'queued'`))
      await doors.lanes.getByName(String(lane)).settled(String(lane), [String(id)], 1)
    await come()
    expect(look(doors, 'SELECT id FROM runs')).toHaveLength(before + 2)
  })

  it.each(['DB', 'LANE', 'EVENTS', 'DUE'])(
    'checks its binding %s, in the cron and in the queue’s consumer',
    async (name) => {
      const without = { ...env(), [name]: undefined } as unknown as DeltaCheckEnv
      await expect(deltaCheck.scheduled({ scheduledTime: now }, without)).rejects.toThrow(`binding ${name}`)
      await expect(deltaCheck.queue({ messages: [] }, without)).rejects.toThrow(`binding ${name}`)
      const text = { ...env(), [name]: 'text' } as unknown as DeltaCheckEnv
      await expect(deltaCheck.scheduled({ scheduledTime: now }, text)).rejects.toThrow(`${name} is not`)
    },
  )

  it('serves nothing over HTTP', () => {
    expect(deltaCheck.fetch().status).toBe(404)
  })
})
