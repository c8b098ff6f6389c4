import { beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LinkDeclaration, Tie } from '../../sync/engine/declare.ts'
import type { Answer } from '../../sync/engine/ports.ts'
import { systems } from '../../sync/systems/index.ts'
import { type Workbook, workbook } from '../engine/two-way-world.ts'
import { type Durable, drain, durable, instance, rows, testIds } from '../engine/world.ts'
import { type Typed, typed } from './fixtures.ts'

// The laws that every link both ways keeps, for every table of every system that is linked so: a new one can't escape them.

for (const link of systems.flatMap((system) => system.links))
  for (const [part, tie] of Object.entries(link.ties ?? {}))
    describe(`${link.name}, ${part}`, () => {
      const fixture = typed[part]
      if (!fixture) test('has a fixture', () => expect.fail(`${part} has no fixture in fixtures.ts`))
      else laws(link, part, tie, fixture)
    })

function laws(link: LinkDeclaration, part: string, tie: Tie, fixture: Typed) {
  let world: Durable
  let book: Workbook
  let ids: { next(): string }
  const lane = link.lane('shared')
  const start = () => instance(world, lane, () => book, undefined, ids).lane

  const begin = () => {
    world = durable()
    book = workbook()
    ids = testIds('k')
    world.file
      .prepare('INSERT INTO config VALUES (?, ?, 0, ?)')
      .run(link.config?.schedule ?? '', '{"spreadsheet_id": "book-1"}', 'ann')
  }
  beforeEach(begin)

  const request = {
    link: link.name,
    scope: 'shared',
    parts: null,
    trigger: 'manual',
    full: false,
    actor: 'law',
  } as const
  const sync = async (on = start()) => {
    world.clock.advance(300_000)
    const answer = await on.request(request)
    await drain(world, on)
    if (answer.type === 'skipped') throw new Error(answer.reason)
    const [row] = rows(world, 'SELECT * FROM runs WHERE id = ?', answer.runId)
    return { status: String(row?.status), report: JSON.parse(String(row?.report)) }
  }
  const type = (from: number, to: number) => {
    for (let n = from; n < to; n++) book.type(part, fixture.row(n))
  }
  const here = () => rows(world, `SELECT * FROM ${part} WHERE deleted_at IS NULL ORDER BY ${tie.table.key}`)
  /** Everything that the sheet and the database say of the table's columns, whatever the rows are called */
  const said = (list: readonly Row[]) =>
    list.map((row) => JSON.stringify(tie.owns.map((column) => row[column] ?? null))).sort()
  const shown = () => said((book.tabs.get(part) ?? []).map(({ values }) => values))
  const versions = () => rows(world, 'SELECT version FROM lanes')
  const edit = (key: string, values: Row, op: 'insert' | 'update' | 'delete' = 'update') =>
    start().push({
      id: `push ${ids.next()}`,
      actor: 'bot',
      origin: 'api',
      mutations: [{ type: 'edit', op, table: part, key, values, base: {}, at: null }],
    })

  test.each([0, 1, 499, 501])(
    '%i rows arrive whole, and a second run changes nothing on either side',
    async (count) => {
      type(0, count)
      await sync()
      expect(here()).toHaveLength(count)
      await sync()
      const before = [here(), versions(), structuredClone([...book.tabs]), book.calls.edit]
      book.stamp++
      const again = await sync()
      expect(again.report.counts.written).toBe(0)
      expect([here(), versions(), structuredClone([...book.tabs]), book.calls.edit]).toEqual(before)
      expect(shown()).toEqual(said(here()))
    },
  )

  test('an edit on either side reaches the other, and both end the same', async () => {
    type(0, 3)
    await sync()
    const [first] = here()
    const row = book.row(part, 1)
    row.values = { ...row.values, ...fixture.edited(1) }
    book.stamp++
    await edit(String(first?.[tie.table.key]), fixture.edited(0))
    await sync()
    await sync()
    expect(shown()).toEqual(said(here()))
    for (const [column, value] of Object.entries(fixture.edited(1)))
      expect(here().map((each) => each[column])).toContain(value)
  })

  test('any call of the remote may fail, or its answer be lost, and the run ends as an unbroken one', async () => {
    const ends: unknown[] = []
    for (let call = -1; call < 4; call++)
      for (const fault of call < 0 ? [null] : [AWAY, 'lost' as const]) {
        begin()
        type(0, 3)
        let calls = 0
        const { probe, read, edit: write } = book
        const fails = (): boolean => fault !== null && fault !== 'lost' && calls++ === call
        book.probe = async (context) => (fails() ? AWAY : probe(context))
        book.read = async (context, of, cursor) => (fails() ? AWAY : read(context, of, cursor))
        book.edit = async (context, of, edits) => {
          if (fault === 'lost' && calls++ === call) {
            await write?.(context, of, edits)
            return AWAY
          }
          return fails() ? AWAY : (write?.(context, of, edits) ?? AWAY)
        }
        expect((await sync()).status, `call ${call}`).toBe('done')
        await sync()
        ends.push([shown(), said(here())])
      }
    for (const end of ends) expect(end).toEqual(ends[0])
  })

  test('eight starts through one barrier are one run', async () => {
    const on = start()
    const answers = await Promise.all(Array.from({ length: 8 }, () => on.request(request)))
    await drain(world, on)
    expect(answers.filter(({ type }) => type === 'queued')).toHaveLength(1)
    expect(rows(world, 'SELECT * FROM runs')).toHaveLength(1)
  })

  test('while the remote is down the run is recorded with the reason, and rows stay untouched', async () => {
    type(0, 2)
    await sync()
    const before = here()
    book.probe = async () => AWAY
    book.read = async () => AWAY
    const run = await sync()
    expect(run.status).toBe('degraded')
    expect(run.report).toMatchObject({ reason: 'no answer', mend: 'check the network' })
    expect(here()).toEqual(before)
  })

  test('an object that is evicted in mid-run is finished by its alarm', async () => {
    type(0, 2)
    const first = start()
    await first.request(request)
    let gone: () => void = () => undefined
    const evicted = new Promise<void>((resolve) => {
      gone = resolve
    })
    const read = book.read
    book.read = async (context, of, cursor) => {
      if (of.id !== part) return read(context, of, cursor)
      book.read = read
      gone()
      return new Promise(() => undefined)
    }
    world.clock.set(world.alarm ?? 0)
    void first.alarm()
    await evicted
    await drain(world, start())
    expect(rows(world, 'SELECT status FROM runs')).toEqual([{ status: 'done' }])
    expect(here()).toHaveLength(2)
  })
}

const AWAY: Answer<never> = {
  ok: false,
  failure: { type: 'unavailable', reason: 'no answer', mend: 'check the network' },
}
