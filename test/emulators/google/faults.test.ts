import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'
import type { FaultAction, Google } from './index.ts'

const write = '/v4/spreadsheets/book/values/A1?valueInputOption=RAW'
const put = (bench: ReturnType<typeof createBench>, value: string | number) =>
  bench.call('PUT', write, { values: [[value]] })
const a1 = (google: Google) => google.person.values('book', 'A1')[0]?.[0]

/** Whether a write under a fault was applied, and what the caller saw. */
async function under(fault: FaultAction, options: Parameters<typeof createBench>[1] = {}) {
  const bench = createBench([['old']], options)
  bench.google.faults.add({ match: { kind: 'write' }, times: 1, do: fault })
  const seen = await put(bench, 'new').catch((error: unknown) => error)
  return { bench, seen, applied: a1(bench.google) === 'new' }
}

describe('a scripted fault', () => {
  test('refuses with a status, unapplied, in the shape of the API it meets', async () => {
    const { seen, applied } = await under({ status: 503 })
    expect(applied).toBe(false)
    expect(seen).toEqual({
      status: 503,
      body: { error: { code: 503, message: 'The service is currently unavailable.', status: 'UNAVAILABLE' } },
    })
  })

  test('makes a call slow by the given sleep', async () => {
    const slept: number[] = []
    const { seen, applied } = await under({ delayMs: 2_500 }, { sleep: async (ms) => void slept.push(ms) })
    expect({ seen, applied, slept }).toMatchObject({ seen: { status: 200 }, applied: true, slept: [2_500] })
  })

  test('beyond 180 s ends in 504 after 180 s, with nothing applied', async () => {
    const slept: number[] = []
    const { seen, applied } = await under({ delayMs: 200_000 }, { sleep: async (ms) => void slept.push(ms) })
    expect(seen).toMatchObject({ status: 504, body: { error: { status: 'DEADLINE_EXCEEDED' } } })
    expect({ applied, slept }).toEqual({ applied: false, slept: [180_000] })
  })

  test('beyond 180 s after the work leaves it applied all the same', async () => {
    const { seen, applied } = await under({ delayMs: 180_001, when: 'after' })
    expect(seen).toMatchObject({ status: 504 })
    expect(applied).toBe(true)
  })

  test('loses an answer after the write', async () => {
    const { bench, seen, applied } = await under({ lost: true })
    expect(seen).toBeInstanceOf(TypeError)
    expect(seen).toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(applied).toBe(true)
    expect(bench.last).toMatchObject({ outcome: 'lost' })
  })

  test('breaks the connection, and applies the write later', async () => {
    const { bench, seen, applied } = await under({ late: true })
    expect(seen).toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(applied).toBe(false)
    bench.google.faults.land()
    bench.google.faults.land()
    expect(a1(bench.google)).toBe('new')
    expect(bench.last).toMatchObject({ outcome: 'lost' })
  })

  test('cuts an answer in the middle, after the write', async () => {
    const bench = createBench([['old']])
    bench.google.faults.add({ do: { cut: true } })
    const response = await bench.google.fetch(`https://x.test${write}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${bench.google.grant(bench.email)}` },
      body: '{"values":[["new"]]}',
    })
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
    expect(a1(bench.google)).toBe('new')
    expect(bench.last).toMatchObject({ outcome: 'cut' })
  })

  test('refuses the connection before the write', async () => {
    const { seen, applied } = await under({ drop: true })
    expect(seen).toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    expect(applied).toBe(false)
  })

  test("puts a proxy's HTML page in place of JSON", async () => {
    const bench = createBench()
    bench.google.faults.add({ do: { html: true } })
    const response = await bench.google.fetch('https://x.test/v4/spreadsheets/book')
    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toContain('Server Error')
  })

  test('hangs until released, then goes on', async () => {
    const bench = createBench([['old']])
    bench.google.faults.add({ match: { kind: 'write' }, times: 1, do: { hang: true } })
    const hanging = put(bench, 'new')
    await put(bench, 'second')
    expect(a1(bench.google)).toBe('second')
    bench.google.faults.release()
    expect((await hanging).status).toBe(200)
    expect(a1(bench.google)).toBe('new')
  })

  test("ends a hanging call when the caller's patience ends, unapplied", async () => {
    const bench = createBench([['old']])
    bench.google.faults.add({ do: { hang: true } })
    const patience = new AbortController()
    const hanging = bench.google.fetch(`https://x.test${write}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${bench.google.grant(bench.email)}` },
      body: '{"values":[["new"]]}',
      signal: patience.signal,
    })
    patience.abort(new Error('enough'))
    await expect(hanging).rejects.toThrow('enough')
    bench.google.faults.clear()
    expect(a1(bench.google)).toBe('old')
    expect(bench.last).toMatchObject({ outcome: 'aborted' })
  })

  test('meets only the calls it matches, so many times, after so many passed', async () => {
    const bench = createBench()
    bench.google.faults.add({
      match: { kind: 'write', path: /values\/A1/ },
      skip: 1,
      times: 2,
      do: { status: 500 },
    })
    const statuses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await put(bench, i)).status)
      statuses.push((await bench.call('GET', '/v4/spreadsheets/book/values/A1')).status)
    }
    expect(statuses).toEqual([200, 200, 500, 200, 500, 200, 200, 200])
    expect(bench.google.faults.list()).toEqual([])
  })

  test('strikes with its probability, by the given random source', async () => {
    const drawn = [0.29, 0.3, 0.99, 0]
    const bench = createBench([], { random: () => drawn.shift() ?? 1 })
    bench.google.faults.add({ probability: 0.3, do: { status: 500 } })
    const statuses: number[] = []
    for (let i = 0; i < 4; i += 1) statuses.push((await put(bench, i)).status)
    expect(statuses).toEqual([500, 200, 200, 500])
  })

  test('of 429 has the words of the quota', async () => {
    const { seen } = await under({ status: 429 })
    expect(seen).toMatchObject({ body: { error: { details: [{ reason: 'RATE_LIMIT_EXCEEDED' }, {}] } } })
  })
})

test('down, everything answers 503 until up again', async () => {
  const bench = createBench()
  bench.google.faults.down(true)
  expect((await put(bench, 1)).status).toBe(503)
  expect((await bench.call('GET', '/drive/v3/files/book')).status).toBe(503)
  expect((await bench.call('POST', '/token')).status).toBe(503)
  bench.google.faults.down(false)
  expect((await put(bench, 1)).status).toBe(200)
})

describe('a hold', () => {
  test('keeps a write from being applied while a person edits, then lets it go', async () => {
    const bench = createBench([['old']])
    const hold = bench.google.faults.hold({ kind: 'write' })
    const writing = put(bench, 'theirs')
    await hold.arrived()
    bench.google.person.set('book', { cell: 'Accounts!A1', text: 'mine' })
    expect(a1(bench.google)).toBe('mine')
    hold.release()
    await writing
    expect(a1(bench.google)).toBe('theirs')
  })

  test('after the work holds back the answer only', async () => {
    const bench = createBench([['old']])
    const hold = bench.google.faults.hold({ kind: 'write' }, 'after')
    let answered = false
    const writing = put(bench, 'new').then(() => {
      answered = true
    })
    await hold.arrived()
    expect({ value: a1(bench.google), answered }).toEqual({ value: 'new', answered: false })
    hold.release()
    await writing
  })

  test('gathers calls and lets a number of them go, first come first served', async () => {
    const bench = createBench([['old']])
    const hold = bench.google.faults.hold({ kind: 'write' })
    const writes = [put(bench, 1), put(bench, 2), put(bench, 3)]
    await hold.arrived(3)
    hold.release(1)
    await writes[0]
    expect({ value: a1(bench.google), waiting: hold.waiting }).toEqual({ value: 1, waiting: 2 })
    hold.release()
    await Promise.all(writes)
    expect(a1(bench.google)).toBe(3)
  })
})
