import { beforeEach, describe, expect, test } from 'vitest'
import type { Answer, CellChange } from '../../sync/engine/ports.ts'
import { type FaultAction, generateServiceAccount } from '../emulators/google/index.ts'
import { book, createBook, createRun, createWorld, email, must, part, type World } from './sheet-world.ts'

const header = ['Profile URL', 'Username', 'Followers', 'Likes', 'Comments', 'Videos', 'Views']
const rows = Array.from({ length: 10 }, (_, i) => [`instagram.com/n${i}`, `n${i}`, i, i, i, i, i])
const only = part('A')

let world: World
beforeEach(() => {
  world = createWorld()
  createBook(world, { A: [header, ...rows] })
})

const read = () => world.remote.read(createRun([only]).context, only, null)
const probe = () => world.remote.probe(createRun([only]).context)
const failing = async (answer: Promise<Answer<unknown>>) => {
  const got = await answer
  if (got.ok) throw new Error('it was to fail')
  return got.failure
}

describe('A call that fails', () => {
  test.each<[string, FaultAction]>([
    ['503', { status: 503 }],
    ['500', { status: 500 }],
    ['a proxy’s HTML with a bad status', { html: true }],
    ['a proxy’s HTML with a good status', { html: true, status: 200 }],
    ['an answer cut in the middle', { cut: true }],
    ['an answer that never arrives', { lost: true }],
    ['a refused connection', { drop: true }],
    ['silence', { hang: true }],
  ])('by %s is unavailable, and says that it is tried again', async (_, fault) => {
    world = createWorld({ timeout: 50 })
    createBook(world, { A: [header, ...rows] })
    must(await probe())
    world.google.faults.add({ match: { kind: ['read', 'drive'] }, do: fault })
    for (const answer of [read(), probe()]) {
      const failure = await failing(answer)
      expect(failure).toMatchObject({ type: 'unavailable', mend: expect.stringContaining('tried again') })
      expect(failure.reason.length).toBeLessThan(300)
    }
    // Nothing retries behind the engine's back.
    expect(world.calls()).toHaveLength(3)
  })

  test('by a 503 with Retry-After says when to come again', async () => {
    world.google.faults.add({
      do: { status: 503, headers: { 'retry-after': '30' } },
      match: { kind: 'read' },
    })
    expect(await failing(read())).toMatchObject({ type: 'unavailable', at: world.clock.now() + 30_000 })
  })

  test('by 429 closes the gate until Retry-After, or the next minute', async () => {
    world.google.faults.add({
      match: { kind: 'read' },
      times: 1,
      do: { status: 429, headers: { 'retry-after': '7' } },
    })
    expect(await failing(read())).toMatchObject({ type: 'busy', at: world.clock.now() + 7_000 })
    world.google.faults.add({ match: { kind: 'read' }, times: 1, do: { status: 429 } })
    // It is five seconds past the minute.
    expect(await failing(read())).toMatchObject({ type: 'busy', at: world.clock.now() + 55_500 })
    expect(world.penalties).toEqual([
      { gate: `google:${email}`, kind: 'read', until: world.clock.now() + 7_000 },
      { gate: `google:${email}`, kind: 'read', until: world.clock.now() + 55_500 },
    ])
  })

  test('by Drive’s 403 for too many calls is busy too, not a matter of sharing', async () => {
    world = createWorld({ limits: { drivePerMinutePerUser: 1 } })
    createBook(world, { A: [header] })
    must(await probe())
    expect(await failing(probe())).toMatchObject({ type: 'busy' })
  })

  test('for want of sharing names the address to share with', async () => {
    world.person.unshare(book, { email })
    expect(await failing(read())).toMatchObject({
      type: 'refused',
      mend: expect.stringContaining(`Share the spreadsheet with ${email} as Viewer`),
    })
    expect(await failing(probe())).toMatchObject({ type: 'refused', mend: expect.stringContaining(email) })
  })

  test('for an unknown spreadsheet names its id', async () => {
    world.person.remove(book)
    for (const answer of [read(), probe()])
      expect(await failing(answer)).toMatchObject({ type: 'refused', mend: expect.stringContaining(book) })
  })

  test('because the gate is closed is made later, and not counted', async () => {
    const until = world.clock.now() + 9_000
    world.close('read', until)
    const run = createRun([only])
    expect(await failing(world.remote.read(run.context, only, null))).toMatchObject({
      type: 'busy',
      at: until,
    })
    expect([run.called, world.calls()]).toEqual([[], []])
    world.at(until)
    expect(must(await world.remote.read(run.context, only, null)).rows).toHaveLength(10)
  })
})

describe('The access token', () => {
  const tokens = () => world.google.calls.filter(({ kind }) => kind === 'token').length

  test('is exchanged once an hour, by whoever asks first, and outlives the isolate', async () => {
    await Promise.all([probe(), probe(), read()])
    const other = world.open()
    must(await other.probe(createRun([only]).context))
    expect(tokens()).toBe(1)
    world.wait(3_539_000)
    must(await other.probe(createRun([only]).context))
    expect(tokens()).toBe(1)
    world.wait(2_000)
    must(await other.probe(createRun([only]).context))
    expect(tokens()).toBe(2)
  })

  test('that Google refuses is replaced once; refused again it is for a person to mend', async () => {
    must(await probe())
    world.tokenCache.token = { subject: 'x', token: 'y', expiresAt: 0 }
    world.google.faults.add({ match: { kind: 'drive' }, times: 1, do: { status: 401 } })
    must(await probe())
    expect(tokens()).toBe(2)
    world.google.faults.add({ match: { kind: 'drive' }, do: { status: 401 } })
    const failure = await failing(probe())
    expect(failure).toMatchObject({ type: 'refused', mend: expect.stringContaining('GOOGLE_PRIVATE_KEY') })
    expect(tokens()).toBe(3)
  })

  test.each([
    ['is of another account', generateServiceAccount().credentials.private_key, /does not accept/],
    ['is not a key', 'oops', /can't be read/],
    ['is half a key', '-----BEGIN PRIVATE KEY-----\nMIIE', /can't be read/],
  ])('can’t be had when the private key %s: the secret is named', async (_, key, reason) => {
    world = createWorld({ key })
    createBook(world, { A: [header] })
    const failure = await failing(probe())
    expect(failure).toMatchObject({ type: 'refused', mend: expect.stringContaining('GOOGLE_PRIVATE_KEY') })
    expect(failure.reason).toMatch(reason)
    expect(JSON.stringify(failure)).not.toContain('MIIE')
  })

  test('works with a key whose line ends are written as \\n', async () => {
    const { credentials, account } = generateServiceAccount()
    world = createWorld({ key: credentials.private_key.replaceAll('\n', '\\n'), accounts: [account] })
    createBook(world, { A: [header] })
    must(await probe())
  })

  test.each<[FaultAction, string]>([
    [{ status: 500 }, 'unavailable'],
    [{ html: true, status: 200 }, 'unavailable'],
    [{ cut: true }, 'unavailable'],
    [{ status: 429 }, 'busy'],
  ])('that can’t be had for now (%j) is %s, and asked for once', async (fault, type) => {
    world.google.faults.add({ match: { kind: 'token' }, do: fault })
    expect(await failing(probe())).toMatchObject({ type })
    expect(tokens()).toBe(1)
  })
})

test.each([1, 2, 3])(
  'with 30 %% of all calls failing in any way, a run of reads and writes completes (seed %i)',
  async (seed) => {
    let state = seed
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return state / 2_147_483_648
    }
    world = createWorld({ random, timeout: 20 })
    const tabs = ['A', 'B', 'C', 'D']
    createBook(world, Object.fromEntries(tabs.map((tab) => [tab, [header, ...rows]])))
    const actions: FaultAction[] = [
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 500 },
      { status: 503 },
      { hang: true },
      { cut: true },
      { html: true },
      { lost: true },
    ]
    for (const each of actions) world.google.faults.add({ probability: 0.3 / actions.length, do: each })

    let tries = 0
    async function persist<T>(ask: () => Promise<Answer<T>>): Promise<T> {
      for (;;) {
        tries++
        const answer = await ask()
        if (answer.ok) return answer.value
        expect(answer.failure.type).not.toBe('refused')
        if (answer.failure.type !== 'refused')
          world.at(Math.max(answer.failure.at ?? 0, world.clock.now() + 250))
        if (tries > 500) throw new Error('it does not get on')
      }
    }

    const parts = tabs.map((tab) => part(tab))
    const run = createRun(parts)
    await persist(() => world.remote.probe(run.context))
    for (const each of parts) {
      const page = await persist(() => world.remote.read(run.context, each, null))
      expect(page.rows).toHaveLength(10)
      const changes = page.rows.map(
        ({ values }): CellChange => ({
          match: { profile_url_key: values.profile_url_key ?? null },
          column: 'followers',
          seen: values.followers ?? null,
          value: Number(values.followers) + 1_000,
        }),
      )
      const report = await persist(
        () => world.remote.write?.(run.context, each, changes) ?? Promise.reject(new Error()),
      )
      expect(report).toEqual({ written: 10, theirs: [], repaired: 0, warnings: [] })
    }
    world.google.faults.clear()
    const wanted = rows.map(([, , followers]) => [Number(followers) + 1_000])
    for (const tab of tabs) expect(world.person.values(book, `${tab}!C2:C11`)).toEqual(wanted)
    expect(tries).toBeGreaterThan(9)
  },
)
