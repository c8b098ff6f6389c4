import { expect, test } from 'vitest'
import { googleWorld } from './google-world.ts'
import { type NamedBy, wideFill, wideTab, wideTable, wideWorld } from './wide-world.ts'
import { durable } from './world.ts'

// How many calls of Google a link both ways takes, with the real remote. What 10,000 rows cost is measured by `npm run bench`.

const ROWS = 2_000

async function open(by: NamedBy, typed: number, here: number) {
  const world = durable()
  const { google, remote } = googleWorld(world.clock)
  await wideTable(world.database)
  await wideFill(world.database, here)
  wideTab(google, typed)
  return wideWorld(world, google, remote, by)
}

const sum = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((a, b) => a + b, 0)

for (const by of ['ids', 'code'] as const) {
  test(`a first sync of a tab of ${ROWS} rows, told apart by ${by}, takes at most ten calls, and then nothing is left to do`, async () => {
    const wide = await open(by, ROWS, 0)
    const first = await wide.sync()
    expect(first.status).toBe('done')
    expect(sum(first.calls)).toBeLessThanOrEqual(10)
    // The ids that were written changed the workbook: it is looked at once more.
    await wide.sync()
    expect(await wide.sync()).toMatchObject({ status: 'unchanged', calls: { drive: 1 } })
  })

  test(`${ROWS} rows that are here, told apart by ${by}, are written to a blank tab in at most ten calls`, async () => {
    const wide = await open(by, 0, ROWS)
    const first = await wide.sync()
    expect(first.status).toBe('done')
    expect(sum(first.calls)).toBeLessThanOrEqual(10)
    expect(wide.shown()).toHaveLength(ROWS)
    await wide.sync()
    expect(await wide.sync()).toMatchObject({ status: 'unchanged', calls: { drive: 1 } })
  })
}

test('1,000 scattered cells that changed here are written by two calls at most', async () => {
  const wide = await open('ids', ROWS, 0)
  await wide.sync()
  await wide.sync()
  await wide.change(1_000, ROWS, 'changed')
  const { calls } = await wide.sync()
  expect(calls.write).toBeLessThanOrEqual(2)
  expect(await wide.saying('changed')).toEqual({ there: 1_000, here: 1_000 })
})

test('1,000 scattered cells that a person changed are one reading, and nothing is written', async () => {
  const wide = await open('ids', ROWS, 0)
  await wide.sync()
  await wide.sync()
  wide.type(1_000, ROWS, 'typed')
  expect((await wide.sync()).calls).toEqual({ drive: 1, read: 1 })
  expect(await wide.saying('typed')).toEqual({ there: 1_000, here: 1_000 })
})
