import { beforeEach, describe, expect, test } from 'vitest'
import type { Statement } from '../../db/database.ts'
import type { Engine } from '../../sync/engine/ports.ts'
import { failingBatches, type LaneWorld, laneWorld, runsOf } from './lane-world.ts'
import { type Durable, drain, type FakeRemote, type Instance, rows, syncRequest } from './world.ts'

let world: Durable
let remote: FakeRemote
let start: LaneWorld['start']

beforeEach(() => {
  ;({ world, remote, start } = laneWorld())
})

const sync = async ({ lane }: Instance) => {
  await lane.request(syncRequest())
  await drain(world, lane)
  return runsOf(world).at(-1)!
}
const commits = (sql: readonly string[]) => sql.some((text) => text.includes('INTO history'))
const live = () => rows(world, 'SELECT count(*) AS n FROM accounts WHERE deleted_at IS NULL')[0]?.n

describe('an unexpected error', () => {
  test('of the database is tried again, and the run goes on where it stood', async () => {
    let failures = 5
    const run = await sync(start(failingBatches((sql) => commits(sql) && failures-- > 0)))
    expect(run.status).toBe('done')
    expect(live()).toBe(3)
    expect(rows(world, 'SELECT * FROM history')).toHaveLength(3)
  })

  test('six times in a row ends the run as failed, with what to do, and the next request works', async () => {
    let broken = true
    let probes = 0
    const bug = () => {
      probes++
      return Promise.reject(new Error('bug'))
    }
    const on = start((engine) => ({
      ...engine,
      remotes: () => (broken ? { ...remote, probe: bug } : remote),
    }))
    expect(await sync(on)).toMatchObject({ status: 'failed', report: { mend: expect.any(String) } })
    expect(probes).toBe(6)
    broken = false
    expect((await sync(on)).status).toBe('done')
  })

  test('six times in a part ends the run too, though its begin succeeds each time', async () => {
    let broken = true
    let tries = 0
    const on = start(failingBatches((sql) => commits(sql) && broken && ++tries > 0))
    expect((await sync(on)).status).toBe('failed')
    expect(tries).toBe(6)
    broken = false
    expect((await sync(on)).status).toBe('done')
    expect(live()).toBe(3)
  })

  test('twice in every part does not end a run that gets on', async () => {
    const failures = [2, 2, 2]
    let commit = 0
    const on = start((engine) => ({
      ...engine,
      database: {
        batch(statements) {
          if (!commits(statements.map(({ sql }) => sql))) return engine.database.batch(statements)
          if (failures[commit]!-- > 0) return Promise.reject(new Error('D1 is overloaded'))
          commit++
          return engine.database.batch(statements)
        },
      },
    }))
    expect((await sync(on)).status).toBe('done')
    expect(commit).toBe(3)
  })

  test('does not make the guard forget what the run deleted before it', async () => {
    const tab = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ profile_url: `https://${n}`, followers: n }))
    remote.tabs.set('p1', tab(100))
    const on = start()
    await sync(on)
    /** Two looks at a shorter tab; in the second, the next part breaks after the deletions were committed. */
    const shorten = async (count: number) => {
      remote.tabs.set('p1', tab(count))
      remote.stamp++
      await sync(on)
      const { read } = remote
      remote.read = (context, part, cursor) =>
        part.id === 'p2' ? Promise.reject(new Error('bug')) : read(context, part, cursor)
      remote.stamp++
      const run = await sync(on)
      remote.read = read
      return run.status
    }
    expect([await shorten(80), live()]).toEqual(['failed', 82])
    expect([await shorten(65), live()]).toEqual(['failed', 82])
    expect(rows(world, "SELECT count(*) AS n FROM conflicts WHERE kind = 'deletion_guard'")).toEqual([
      { n: 1 },
    ])
  })
})

describe('a unique value claimed twice', () => {
  /** Rows of D1 that the plan is not told of, as if another had written them meanwhile. */
  const blindTo =
    (hidden: (url: unknown) => boolean) =>
    (engine: Engine): Engine => ({
      ...engine,
      database: {
        async batch(statements: readonly Statement[]) {
          const results = await engine.database.batch(statements)
          if (!statements.some(({ sql }) => sql.includes('CROSS JOIN accounts'))) return results
          return results.map((result) => ({
            ...result,
            rows: result.rows.filter(({ profile_url }) => !hidden(profile_url)),
          }))
        },
      },
    })

  test('leaves the one row out as a conflict, and every other row lands', async () => {
    await sync(start())
    const more = Array.from({ length: 20 }, (_, n) => ({ profile_url: `https://new/${n}`, followers: n }))
    remote.tabs.set('p1', [...more.slice(0, 7), ...remote.tabs.get('p1')!, ...more.slice(7)])
    remote.stamp++
    world.file.exec("DELETE FROM link_pages WHERE page = 'p1'")
    const run = await sync(start(blindTo((url) => url === 'https://p1')))
    expect(run.status).toBe('done')
    expect(run.report.counts.written).toBe(20)
    expect(live()).toBe(3 + 20)
    expect(
      rows(world, "SELECT kind, part, json_extract(theirs, '$.profile_url') AS url FROM conflicts"),
    ).toEqual([{ kind: 'unique', part: 'p1', url: 'https://p1' }])
    expect(rows(world, "SELECT count(*) AS n FROM accounts WHERE profile_url = 'https://p1'")).toEqual([
      { n: 1 },
    ])
  })

  test('by a statement of the declaration ends the run as failed, and not never', async () => {
    const tab = remote.tabs.get('p1')!
    tab.push({ profile_url: 'https://second', followers: 2 })
    await sync(start())
    world.file.exec('DELETE FROM account_snapshots; CREATE UNIQUE INDEX one_a_day ON account_snapshots (day)')
    tab[0]!.followers = 5
    remote.stamp++
    const run = await sync(start())
    expect(run).toMatchObject({ status: 'failed', report: { reason: expect.any(String) } })
  })
})
