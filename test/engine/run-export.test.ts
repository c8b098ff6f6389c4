import { beforeEach, describe, expect, test } from 'vitest'
import { type GoogleWorld, googleWorld } from './google-world.ts'
import { type Durable, drain, durable, type Instance, instance, rows, testIds, testRandom } from './world.ts'

const BOOK = 'copies'
const TAB = 'Backup of expenses'
const HEADERS =
  'id,description,category,amount,currency,paid_to,paid_at,approved_by,edited_at,version,updated_at,origin'

let world: Durable
let google: GoogleWorld
let it: Instance

beforeEach(() => {
  world = durable()
  google = googleWorld(world.clock, testRandom(11))
  google.google.person.create({ id: BOOK, sheets: [{ title: 'Notes', rows: [['mine']] }] })
  google.google.person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
  configure(['expenses'])
  it = start()
})

const start = (ids = testIds()) => instance(world, 'backups', () => google.remote, undefined, ids)

function configure(tables: readonly string[]): void {
  const value = JSON.stringify({ spreadsheet_id: BOOK, tables })
  world.file.prepare(`INSERT OR REPLACE INTO config VALUES ('backups.sheet', ?, 0, 'ann')`).run(value)
}

/** Expenses from one number to another; versions as if one commit had made them all. */
function fill(from: number, to: number, version = 1): void {
  const insert = world.file.prepare(
    `INSERT INTO expenses (id, description, category, amount, currency, paid_at, version, updated_at, origin)
      VALUES (?, ?, 'oil', ?, 'INR', ?, ?, ?, 'api')`,
  )
  world.file.exec('BEGIN')
  for (let n = from; n < to; n++)
    insert.run(id(n), `=lamp ${n}`, n * 100, Date.UTC(2026, 0, 1) + n, version, Date.UTC(2026, 0, 2))
  world.file.exec('COMMIT')
}
const id = (n: number) => `e${String(n).padStart(5, '0')}`

interface Ended {
  readonly status: string
  readonly report: {
    readonly reason?: string
    readonly counts: Record<string, number>
    readonly parts: {
      id: string
      status: string
      rows: number
      sent: number
      reason?: string
      mend?: string
      warnings: unknown[]
    }[]
  }
}

async function run(over: { full?: boolean; trigger?: 'manual' | 'cron' } = {}, on = it): Promise<Ended> {
  google.google.calls.length = 0
  const answer = await on.lane.request({
    link: 'backups.sheet',
    scope: 'shared',
    parts: null,
    trigger: 'manual',
    full: false,
    actor: 'ann',
    ...over,
  })
  if (answer.type === 'skipped') return { status: `skipped: ${answer.reason}` } as Ended
  await drain(world, on.lane, 2_000)
  const [row] = rows(world, 'SELECT * FROM runs WHERE id = ?', answer.runId)
  return { ...row, report: JSON.parse(String(row?.report)) } as unknown as Ended
}

const calls = (kind: 'read' | 'write') => google.google.calls.filter((call) => call.kind === kind)
const tabs = () => google.google.person.file(BOOK).sheets.map(({ title }) => title)
const shown = (tab = TAB) => google.google.person.values(BOOK, tab)

describe('a backup of a table', () => {
  test('is a tab that says what it is and of when, with all columns and live rows as they are stored', async () => {
    fill(0, 3)
    world.file.exec(`UPDATE expenses SET deleted_at = 5 WHERE id = 'e00001'`)
    const ended = await run()
    expect(ended).toMatchObject({
      status: 'done',
      report: { parts: [{ status: 'done', rows: 2, warnings: [] }] },
    })
    const [heading, headers, ...list] = shown()
    expect(heading).toEqual([
      'Tidemark backup of expenses · 2 rows · 2026-11-21 09:00:00 UTC · the next backup replaces this tab',
    ])
    expect(headers).toEqual(HEADERS.split(','))
    expect(list).toEqual([
      [
        id(0),
        '=lamp 0',
        'oil',
        0,
        'INR',
        '',
        '2026-01-01T00:00:00.000Z',
        '',
        '',
        1,
        '2026-01-02T00:00:00.000Z',
        'api',
      ],
      [
        id(2),
        '=lamp 2',
        'oil',
        200,
        'INR',
        '',
        '2026-01-01T00:00:00.002Z',
        '',
        '',
        1,
        '2026-01-02T00:00:00.000Z',
        'api',
      ],
    ])
    expect(shown('Notes')).toEqual([['mine']])
    expect(calls('write')).toHaveLength(1)
  })

  test('of 10,000 rows of 12 columns costs 13 writes of at most 10,000 cells and 1 MB', async () => {
    fill(0, 10_000)
    const ended = await run()
    expect(ended.report.parts[0]).toMatchObject({ status: 'done', rows: 10_000, sent: 12 * 10_001 })
    const list = shown().slice(2)
    expect(list.map(([key]) => key)).toEqual(Array.from({ length: 10_000 }, (_, n) => id(n)))
    expect(calls('write')).toHaveLength(13)
    expect(calls('read').length).toBeLessThanOrEqual(4)
    expect(Math.max(...calls('write').map(({ requestBytes }) => requestBytes))).toBeLessThan(1_000_000)
    expect(tabs()).toEqual(['Notes', TAB])
  })

  test('costs one call and no write while nothing changed, and is made again by whoever insists', async () => {
    fill(0, 3)
    await run()
    const version = google.google.person.file(BOOK).version
    world.clock.advance(86_400_000)
    const again = await run()
    expect(again.status).toBe('unchanged')
    expect(google.google.calls.map(({ kind }) => kind)).toEqual(['token', 'read'])
    expect(google.google.person.file(BOOK).version).toBe(version)
    expect((await run({ full: true })).status).toBe('done')
    expect(calls('write')).toHaveLength(1)
  })

  test('comes once in its interval, by itself', async () => {
    fill(0, 1)
    expect((await run({ trigger: 'cron' })).status).toBe('done')
    expect((await run({ trigger: 'cron' })).status).toMatch(/^skipped: not due before 2026-11-22T06:36/)
    world.clock.advance(22 * 3_600_000)
    expect((await run({ trigger: 'cron' })).status).toBe('unchanged')
  })

  test('is made anew in the same tab, so that a formula which reads it goes on, and loses the rows that are gone', async () => {
    fill(0, 2_000)
    await run()
    google.google.person.set(BOOK, { cell: 'Notes!B1', text: `='${TAB}'!A3` })
    google.google.person.renameTab(BOOK, { tab: TAB, title: 'Safe' })
    world.file.exec(`UPDATE expenses SET deleted_at = 5, version = 9 WHERE id < 'e00700'`)
    expect((await run()).status).toBe('done')
    expect(tabs()).toEqual(['Notes', 'Safe'])
    expect(
      shown('Safe')
        .slice(2)
        .map(([key]) => key),
    ).toEqual(Array.from({ length: 1_300 }, (_, n) => id(n + 700)))
    expect(google.google.person.cell(BOOK, 'Notes!B1')).toMatchObject({ text: 'e00700', formula: '=Safe!A3' })
    world.file.exec(`UPDATE expenses SET deleted_at = 5, version = 10 WHERE id > 'e00702'`)
    await run()
    expect(
      shown('Safe')
        .slice(2)
        .map(([key]) => key),
    ).toEqual([id(700), id(701), id(702)])
    world.file.exec(`UPDATE expenses SET deleted_at = 5, version = 11`)
    await run()
    expect(shown('Safe')).toHaveLength(2)
  })

  test('never touches a tab of its name that a person made, nor its own after somebody took its first row', async () => {
    fill(0, 3)
    google.google.person.addTab(BOOK, { title: 'backup of expenses', rows: [['Tidemark is nice'], ['x']] })
    const ended = await run()
    expect(ended).toMatchObject({ status: 'failed', report: { parts: [{ status: 'failed' }] } })
    expect(ended.report.parts[0]?.reason).toContain('is not a backup that Tidemark made')
    expect(ended.report.parts[0]?.mend).toContain('another name')
    expect(shown('backup of expenses')).toEqual([['Tidemark is nice'], ['x']])
    google.google.person.renameTab(BOOK, { tab: 'backup of expenses', title: 'mine' })
    expect((await run()).status).toBe('done')
    google.google.person.deleteRow(BOOK, { tab: TAB, row: 1 })
    fill(3, 4, 2)
    expect((await run()).report.parts[0]?.status).toBe('failed')
    expect(shown()).toHaveLength(4)
    google.google.person.renameTab(BOOK, { tab: TAB, title: 'old' })
    expect((await run()).status).toBe('done')
    expect(tabs()).toEqual(['Notes', 'mine', 'old', TAB])
    expect(shown()).toHaveLength(6)
  })

  test('that a person deleted is made again though the table stands still', async () => {
    fill(0, 3)
    await run()
    google.google.person.deleteTab(BOOK, { tab: TAB })
    expect((await run()).status).toBe('done')
    expect(shown()).toHaveLength(5)
  })

  test('of one table is refused alone: the others are made', async () => {
    fill(0, 3)
    configure(['expenses', 'nonsense', 'employees'])
    google.google.person.addTab(BOOK, { title: TAB, rows: [['mine']] })
    const ended = await run()
    expect(ended.report.parts.map((part) => [part.id, part.status])).toEqual([
      ['employees', 'done'],
      ['expenses', 'failed'],
      ['nonsense', 'failed'],
    ])
    expect(ended.report.parts[2]?.reason).toBe('There is no table nonsense')
    expect(shown('Backup of employees')).toHaveLength(2)
    google.google.person.deleteTab(BOOK, { tab: TAB })
    configure(['expenses', 'employees'])
    expect((await run()).report.parts.map(({ status }) => status)).toEqual(['unchanged', 'done'])
  })

  test('shows times as people read them, and what only sounds like one as it is', async () => {
    configure(['inventory_items'])
    world.file.exec(`INSERT INTO inventory_items (id, name, reorder_at, edited_at, version, updated_at, origin)
      VALUES ('oil', 'Lamp oil', 40, 1, 1, 2, 'api')`)
    await run()
    const [, headers = [], row = []] = shown('Backup of inventory_items')
    expect(Object.fromEntries(headers.map((header, i) => [header, row[i]]))).toMatchObject({
      reorder_at: 40,
      edited_at: '1970-01-01T00:00:00.001Z',
      updated_at: '1970-01-01T00:00:00.002Z',
    })
  })

  test('of a table without rows is its headers', async () => {
    configure(['accounts'])
    expect((await run()).status).toBe('done')
    expect(shown('Backup of accounts')).toHaveLength(2)
    expect((await run()).status).toBe('unchanged')
  })

  test('says where a text is longer than a cell holds', async () => {
    fill(0, 1)
    world.file.exec(`UPDATE expenses SET description = '${'x'.repeat(50_001)}'`)
    const ended = await run()
    expect(ended.report.parts[0]?.warnings).toMatchObject([{ kind: 'cut', where: 'B3' }])
    expect(String(shown()[2]?.[1])).toHaveLength(50_000)
  })

  test('whose table moves while it is written is shown as such, and made again by the next run', async () => {
    fill(0, 2_000)
    const hold = google.google.faults.hold({ api: 'sheets.batchUpdate' })
    const running = run()
    await hold.arrived()
    fill(2_000, 2_001, 2)
    world.file.exec(`UPDATE expenses SET amount = 7, version = 3 WHERE id = 'e00000'`)
    hold.release()
    await running
    expect(shown()[0]?.[0]).toMatch(/ to .*; rows changed meanwhile · /)
    expect(shown()[2]?.[3]).toBe(0)
    expect(shown()).toHaveLength(2_003)
    expect((await run()).status).toBe('done')
    expect(shown()[2]?.[3]).toBe(7)
    expect((await run()).status).toBe('unchanged')
  })

  test('shows the copy before until the new one is whole', async () => {
    fill(0, 2)
    await run()
    const before = shown()
    fill(2, 2_000, 2)
    const seen: number[] = []
    const stop = google.google.watch(() => void seen.push(shown().length))
    await run()
    stop()
    expect(new Set(seen)).toEqual(new Set([before.length, 2_002]))
  })
})

describe('when Google is in trouble', () => {
  test('30 % of the calls failing, or answered after the connection broke, end in the same backup', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      world = durable()
      google = googleWorld(world.clock, testRandom(seed))
      google.google.person.create({ id: BOOK })
      google.google.person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
      configure(['expenses', 'employees'])
      fill(0, 2_500)
      it = start()
      const { faults } = google.google
      for (const action of [{ status: 503 }, { lost: true }, { cut: true }, { status: 429 }] as const)
        faults.add({ match: { kind: ['read', 'write'] }, probability: 0.09, do: action })
      let ended = await run()
      for (let again = 0; ended.status !== 'done' && again < 5; again++) ended = await run()
      expect(ended.status, `seed ${seed}`).toBe('done')
      const list = shown().slice(2)
      expect(list.map(([key]) => key)).toEqual(Array.from({ length: 2_500 }, (_, n) => id(n)))
      expect(tabs()).toEqual(['Sheet1', 'Backup of employees', TAB])
    }
  })

  test('an answer that was lost after the last write is found in the tab: nothing is written twice', async () => {
    fill(0, 2_500)
    google.google.faults.add({ match: { kind: 'write' }, skip: 3, times: 1, do: { lost: true } })
    expect((await run()).status).toBe('done')
    expect(calls('write')).toHaveLength(4)
    expect(shown()).toHaveLength(2_502)
  })

  test('a quota that is used up is waited for', async () => {
    fill(0, 3)
    google.google.faults.add({ match: { kind: 'write' }, times: 1, do: { status: 429 } })
    const ended = await run()
    expect(ended.status).toBe('done')
    expect(calls('write').map(({ status }) => status)).toEqual([429, 200])
    expect(world.clock.now()).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 21, 9, 1, 0))
  })

  test('access that was revoked is a failed run with the reason; what was written stays', async () => {
    fill(0, 3)
    await run()
    google.google.person.unshare(BOOK, { email: 'robot@tidemark.test' })
    fill(3, 4, 2)
    const ended = await run()
    expect(ended.status).toBe('failed')
    expect(JSON.stringify(ended.report)).toContain('Share the spreadsheet with robot@tidemark.test')
    expect(shown()).toHaveLength(5)
  })

  test('a hidden tab that a person deletes is begun anew; time and again, the table fails with the reason', async () => {
    fill(0, 2_500)
    let times = 1
    google.google.watch(() => {
      const work = tabs().find((title) => title.includes('being written'))
      if (work && times-- > 0) google.google.person.deleteTab(BOOK, { tab: work })
    })
    expect((await run()).status).toBe('done')
    expect(shown()).toHaveLength(2_502)
    times = 99
    fill(2_500, 2_501, 2)
    const ended = await run()
    expect(ended.report.parts[0]).toMatchObject({ status: 'failed' })
    expect(ended.report.parts[0]?.reason).toContain('was deleted each time')
    expect(shown()).toHaveLength(2_502)
  })

  test('a copy that nobody ended is cleared away by the next', async () => {
    fill(0, 2_500)
    const hold = google.google.faults.hold({ api: 'sheets.batchUpdate' }, 'after')
    void run().catch(() => undefined)
    await hold.arrived()
    expect(tabs()).toEqual(['Notes', expect.stringContaining('being written')])
    world.file.exec('DELETE FROM runs')
    it = start(testIds('later'))
    await it.lane.poke()
    hold.release()
    expect((await run()).status).toBe('done')
    expect(tabs()).toEqual(['Notes', TAB])
  })
})
