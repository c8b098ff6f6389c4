import { beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LinkDeclaration } from '../../sync/engine/declare.ts'
import type { RunAnswer } from '../../sync/protocol/lane.ts'
import { systems } from '../../sync/systems/index.ts'
import {
  type Durable,
  drain,
  durable,
  type FakeRemote,
  fakeRemote,
  instance,
  rows,
  testIds,
} from '../engine/world.ts'
import { type Fixture, fixtures } from './fixtures.ts'

// The laws that every link keeps (STYLE.md), for every system that ships: a new one can't escape them.

// A link both ways has laws of its own (two-way.test.ts). One that copies tables out brings nothing here: test/engine/run-export.test.ts holds
// what it promises.
for (const system of systems)
  for (const link of system.links.filter(({ exports, ties }) => !exports && !ties))
    describe(link.name, () => {
      const fixture = fixtures[link.name]
      if (!fixture) test('has a fixture', () => expect.fail(`${link.name} has no fixture in fixtures.ts`))
      else laws(link, fixture)
    })

function laws(link: LinkDeclaration, fixture: Fixture) {
  let world: Durable
  let remote: FakeRemote
  let ids: { next(): string }
  const lane = link.lane(fixture.scope)
  const start = () => instance(world, lane, () => remote, undefined, ids).lane

  beforeEach(() => {
    world = durable()
    fixture.seed(world)
    remote = fakeRemote()
    ids = testIds()
  })

  const fill = (count: number) => {
    for (const part of fixture.parts)
      remote.tabs.set(
        part,
        Array.from({ length: count }, (_, n) => fixture.row(part, n)),
      )
    remote.stamp++
  }
  const request = {
    link: link.name,
    scope: fixture.scope,
    parts: null,
    trigger: 'manual',
    full: false,
    actor: 'law',
  } as const
  const sync = async (on = start()) => {
    const answer = await on.request(request)
    await drain(world, on)
    return runOf(answer)
  }
  const runOf = (answer: RunAnswer) => {
    if (answer.type === 'skipped') throw new Error(answer.reason)
    return rows(world, 'SELECT * FROM runs WHERE id = ?', answer.runId)[0] as Row
  }
  const table = () => rows(world, `SELECT * FROM ${link.table.name} ORDER BY ${link.table.key}`)
  /** Rows that the remote brought: a link that adds none fills columns of those that are there. */
  const arrived = () => table().filter((row) => link.adds !== false || row[link.owns[0] ?? ''] !== null)
  const values = () =>
    rows(
      world,
      `SELECT ${[...link.owns].join(', ')} FROM ${link.table.name} ORDER BY ${link.match.join(', ')}`,
    )
  const versions = () => rows(world, 'SELECT version FROM lanes')

  test.each([0, 1, 500, 501, 1001])(
    '%i rows arrive whole, and a second run changes nothing and moves no version',
    async (count) => {
      fill(count)
      await sync()
      expect(arrived()).toHaveLength(count * fixture.parts.length)
      const [before, version] = [table(), versions()]
      remote.stamp++
      const again = await sync()
      expect(JSON.parse(String(again.report)).counts.written).toBe(0)
      expect(table()).toEqual(before)
      expect(versions()).toEqual(version)
    },
  )

  test('any call of the remote may fail, and the run ends as an unbroken one', async () => {
    fill(3)
    await sync()
    const whole = values()
    for (let call = 0; call < 1 + fixture.parts.length; call++) {
      world = durable()
      fixture.seed(world)
      ids = testIds()
      const plain = remote
      remote = fakeRemote()
      for (const [part, list] of plain.tabs) remote.tabs.set(part, list)
      const fault = { ok: false, failure: { type: 'unavailable', reason: '503', mend: 'wait' } } as const
      let calls = 0
      const { probe, read } = remote
      remote.probe = async (context) => (calls++ === call ? fault : probe(context))
      remote.read = async (context, part, cursor) => (calls++ === call ? fault : read(context, part, cursor))
      expect((await sync()).status, `call ${call}`).toBe('done')
      expect(values(), `call ${call}`).toEqual(whole)
    }
  })

  test('where all its rules commute, the order in which edits arrive does not matter', async () => {
    const commuting = link.owns.filter((column) => link.table.merge[column]?.commutes)
    const first = fixture.parts[0] as string
    const plain = fixture.row(first, 1)
    const edited = fixture.edited(plain)
    const ends: Row[][] = []
    for (const order of [
      [plain, edited],
      [edited, plain],
    ]) {
      world = durable()
      fixture.seed(world)
      ids = testIds()
      for (const row of order) {
        remote.tabs.set(first, [row])
        remote.stamp++
        await sync()
      }
      ends.push(rows(world, `SELECT ${['deleted_at', ...commuting].join(', ')} FROM ${link.table.name}`))
    }
    expect(ends[0]).toEqual(ends[1])
  })

  test('eight starts through one barrier are one run', async () => {
    fill(2)
    const on = start()
    const answers = await Promise.all(Array.from({ length: 8 }, () => on.request(request)))
    await drain(world, on)
    expect(answers.filter(({ type }) => type === 'queued')).toHaveLength(1)
    expect(answers.filter(({ type }) => type === 'joined')).toHaveLength(7)
    expect(rows(world, 'SELECT * FROM runs')).toHaveLength(1)
  })

  test('an edit changes the columns that the link owns, and no other', async () => {
    fill(2)
    await sync()
    const before = table()
    for (const part of fixture.parts) remote.tabs.set(part, (remote.tabs.get(part) ?? []).map(fixture.edited))
    remote.stamp++
    await sync()
    const bookkeeping = ['version', 'updated_at', 'origin']
    // An edit says when it was made, too.
    const implied = link.ties ? ['edited_at'] : []
    const owned = new Set([...link.owns, ...bookkeeping, ...implied])
    const shown = new Set(arrived().map((row) => row[link.table.key]))
    table().forEach((row, i) => {
      const changed = Object.keys(row).filter((column) => row[column] !== before[i]?.[column])
      expect(changed.length > 0, String(row[link.table.key])).toBe(shown.has(row[link.table.key]))
      expect(changed.filter((column) => !owned.has(column))).toEqual([])
    })
  })

  test('while the remote is down the run is recorded with the reason, and rows stay untouched', async () => {
    fill(2)
    await sync()
    const before = table()
    const down = {
      ok: false,
      failure: { type: 'unavailable', reason: 'no answer', mend: 'check the network' },
    } as const
    remote.probe = async () => down
    remote.read = async () => down
    const run = await sync()
    expect(run.status).toBe('degraded')
    expect(JSON.parse(String(run.report))).toMatchObject({ reason: 'no answer', mend: 'check the network' })
    expect(table()).toEqual(before)
  })

  test('an object that is evicted in mid-run is finished by its alarm', async () => {
    fill(2)
    const first = start()
    const answer = await first.request(request)
    let gone: () => void = () => undefined
    const evicted = new Promise<void>((resolve) => {
      gone = resolve
    })
    const read = remote.read
    remote.read = async (context, part, cursor) => {
      if (part.id !== fixture.parts.at(-1)) return read(context, part, cursor)
      remote.read = read
      gone()
      return new Promise(() => undefined)
    }
    world.clock.set(world.alarm ?? 0)
    void first.alarm()
    await evicted
    await drain(world, start())
    expect(runOf(answer).status).toBe('done')
    expect(arrived()).toHaveLength(2 * fixture.parts.length)
  })
}
