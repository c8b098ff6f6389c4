import { beforeEach, describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import { type Answer, accountId, type Doors, look, openDoors } from './world.ts'

let doors: Doors
let ann: string
beforeEach(async () => {
  doors = await openDoors()
  ann = accountId(doors, 'https://youtube.com/@ann')
})

const read = (query = '') => doors.call('ann', 'GET', `/api/history?table=accounts&key=${ann}${query}`)
const next = (answer: Answer) => /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]

async function pin(value: number): Promise<void> {
  const answer = await doors.call('ann', 'PUT', `/api/accounts/${ann}/pins/followers`, {
    body: { value, note: `to ${value}` },
  })
  expect(answer.status).toBe(200)
}

describe('the history of a row', () => {
  it('tells for each value from where, who, when, which run, by which rule, what it replaced', async () => {
    await pin(80)
    const entries = (await read()).json<HistoryEntry[]>()
    const [pinned, changed] = entries
    const by = { lane: 'workspace:w1', actor: 'ann', origin: 'api', run_id: null }
    expect(pinned).toMatchObject({
      ...by,
      op: 'pin',
      changes: [{ column: 'followers', after: 80, rule: 'pin' }],
    })
    expect(pinned?.changes[0]?.origin).toBe('ann: to 80')
    expect(changed).toMatchObject({ ...by, op: 'update', version: pinned?.version })
    expect(changed?.changes).toMatchObject([{ column: 'followers', before: 100, after: 80 }])
    const first = entries.at(-1)
    expect(first).toMatchObject({ op: 'insert', run_id: expect.any(String) })
    const followers = first?.changes.find(({ column }) => column === 'followers')
    expect(followers).toMatchObject({ before: null, after: 100, rule: expect.any(String) })
    expect(followers?.origin).toContain('Ann films!followers2')
  })

  it('is the row’s own: changes of others between are passed over', async () => {
    const other = accountId(doors, 'https://youtube.com/@bobsecret')
    for (let i = 1; i <= 5; i++) {
      await pin(80 + i)
      await doors.call('bob', 'PUT', `/api/accounts/${other}/pins/followers`, { body: { value: i } })
    }
    const entries = (await read('&limit=200')).json<HistoryEntry[]>()
    const [all] = look(doors, `SELECT count(*) AS n FROM history WHERE tbl = 'accounts' AND key = ?`, ann)
    expect(entries).toHaveLength(Number(all?.n))
    const versions = entries.map(({ version }) => version)
    expect(versions).toEqual([...versions].sort((a, b) => b - a))
  })

  it.each([1, 2, 3, 7])(
    'in pages of %i is the same as in one, and none is cut or told twice',
    async (limit) => {
      for (let i = 1; i <= 6; i++) await pin(80 + i)
      const whole = (await read('&limit=200')).json<HistoryEntry[]>()
      const paged: HistoryEntry[] = []
      for (
        let answer = await read(`&limit=${limit}`);
        ;
        answer = await doors.call('ann', 'GET', next(answer) ?? '')
      ) {
        const page = answer.json<HistoryEntry[]>()
        expect(page.length).toBeLessThanOrEqual(limit)
        paged.push(...page)
        if (!next(answer)) break
      }
      expect(paged).toEqual(whole)
      // Several entries of one version: a page may end between them.
      expect(new Set(whole.map(({ version }) => version)).size).toBeLessThan(whole.length)
    },
  )

  it('is read to its beginning, however many changes there were', async () => {
    const [head] = look(doors, `SELECT version FROM lanes WHERE lane = 'workspace:w1'`)
    let before = Number(look(doors, 'SELECT version FROM accounts WHERE id = ?', ann)[0]?.version)
    const insert =
      doors.file.prepare(`INSERT INTO history (lane, version, n, tbl, key, op, before, after, why, origin, actor,
      at, prev_version) VALUES ('workspace:w1', ?1, 0, 'accounts', ?2, 'update', '{}', '{"followers":1}', '{}', 't', 't', 1, ?3)`)
    for (let version = Number(head?.version) + 1; version <= 3_000; version++) {
      insert.run(version, ann, before)
      before = version
    }
    doors.file.prepare('UPDATE accounts SET version = ? WHERE id = ?').run(before, ann)
    let told = 0
    let last: HistoryEntry | undefined
    for (let path: string | undefined = `/api/history?table=accounts&key=${ann}&limit=200`; path; ) {
      const answer: Answer = await doors.call('ann', 'GET', path)
      const page = answer.json<HistoryEntry[]>()
      told += page.length
      last = page.at(-1) ?? last
      path = next(answer)
    }
    expect(last?.op).toBe('insert')
    const [all] = look(doors, `SELECT count(*) AS n FROM history WHERE tbl = 'accounts' AND key = ?`, ann)
    expect(told).toBe(all?.n)
  })

  it('is there for a row that was deleted', async () => {
    doors.file.prepare('UPDATE accounts SET deleted_at = 1 WHERE id = ?').run(ann)
    expect((await read()).json<HistoryEntry[]>().length).toBeGreaterThan(0)
    const theirs = await doors.call('bob', 'GET', `/api/history?table=accounts&key=${ann}`)
    expect(theirs.status).toBe(404)
  })

  it('is not there for a table that has none, nor from a cursor that is none', async () => {
    expect((await doors.call('ann', 'GET', `/api/history?table=tokens&key=${ann}`)).status).toBe(400)
    expect((await read('&before=x')).status).toBe(400)
    expect((await read('&before=0')).json()).toEqual([])
  })
})
