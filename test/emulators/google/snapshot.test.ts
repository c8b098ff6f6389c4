import { expect, test } from 'vitest'
import { createBench, seeded } from './bench.ts'
import { createGoogle, type World } from './index.ts'

const write = '/v4/spreadsheets/book/values/A1?valueInputOption=RAW'

test('a snapshot is plain JSON, and a world restored from it goes on as the first did', async () => {
  const bench = createBench([['a', '=A1', '1/2/2026']])
  bench.google.person.setNote('book', { cell: 'A1', note: 'n' })
  await bench.call('PUT', write, { values: [['b']] })
  const through = JSON.parse(JSON.stringify(bench.google.snapshot())) as World
  expect(through).toEqual(bench.google.snapshot())
  await bench.call('PUT', write, { values: [['c']] })
  bench.google.restore(through)
  expect(bench.google.person.read('book', 'A1:C1')).toEqual([['b', 'b', '1/2/2026']])
  expect((await bench.call('GET', '/drive/v3/files/book?fields=version')).body.version).toBe('4')
})

test('a snapshot is not changed by what comes after it', async () => {
  const bench = createBench([['a', 'b'], ['c']])
  const kept = bench.google.snapshot()
  const before = JSON.stringify(kept)
  await bench.call('PUT', write, { values: [['x']] })
  bench.google.person.sort('book', { tab: 'Accounts', by: 'A', headerRows: 0 })
  bench.google.person.insertRow('book', { tab: 'Accounts', row: 1 })
  bench.google.person.share('book', { email: 'someone@example.com' })
  bench.google.grant('someone@example.com')
  expect(JSON.stringify(kept)).toBe(before)
})

test('a restored world has its tokens and its used quota back', async () => {
  const bench = createBench([], { limits: { writesPerMinutePerUser: 2 } })
  await bench.call('PUT', write, { values: [[1]] })
  const kept = bench.google.snapshot()
  await bench.call('PUT', write, { values: [[2]] })
  expect((await bench.call('PUT', write, { values: [[3]] })).status).toBe(429)
  bench.google.restore(kept)
  expect((await bench.call('PUT', write, { values: [[3]] })).status).toBe(200)
  expect((await bench.call('PUT', write, { values: [[4]] })).status).toBe(429)
})

test('two worlds of one seed are equal to the letter', () => {
  const world = () => {
    const google = createGoogle({ clock: () => 0, random: seeded(7) })
    const { spreadsheetId } = google.person.create({ sheets: [{ title: 'A' }, { title: 'B' }] })
    google.person.protect(spreadsheetId, { range: 'A!A1' })
    return google.snapshot()
  }
  expect(world()).toEqual(world())
})

test('ten thousand rows are read, written and put back without a copy of them all', async () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => [`https://x.test/${i}`, i, i * 2, i * 3])
  const bench = createBench(rows)
  const kept = bench.google.snapshot()
  await bench.call('PUT', '/v4/spreadsheets/book/values/B5000?valueInputOption=RAW', { values: [[-1]] })
  const [before, after] = [kept, bench.google.snapshot()].map((world) => world.files.book?.sheets[0]?.rows)
  const changed = after?.filter((row, i) => row !== before?.[i])
  expect(changed).toHaveLength(1)
})
