import { afterEach, describe, expect, it } from 'vitest'
import { SETTINGS, settingsOf, storeSettings } from '../../cli/laptop/settings.ts'
import { standingOf } from '../../cli/laptop/standing.ts'
import { ADMINS, type Scripted, scripted, shown } from './laptop-script.ts'

let here: Scripted
afterEach(() => here.remove())
const insert = (n: number) =>
  here.host.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})
    INSERT INTO admins SELECT 'a' || i, 'u' || i, NULL, NULL FROM n`)

describe('what an operator wants of devices', () => {
  it('is remembered in the file, and is what was usual where the server says nothing', async () => {
    here = scripted()
    const wanted = { autoSyncEnabled: false, syncIntervalMinutes: 15, maxRetries: 1, batchSize: 2 }
    await here.attach(wanted)
    expect(await here.inFile(settingsOf)).toEqual(wanted)
    await here.inFile((db) => storeSettings(db, undefined))
    expect(await here.inFile(settingsOf)).toEqual(SETTINGS)
  })

  it('limits the edits of a push', async () => {
    here = scripted()
    await here.attach({ ...SETTINGS, batchSize: 2 })
    await here.sync()
    insert(5)
    here.said.length = 0
    expect(await here.sync()).toMatchObject({ went: 5 })
    expect(here.said.map(({ mutations }) => mutations.length)).toEqual([2, 2, 1])
  })

  it('leaves a push that is under way as it was, so that its repeat is the same', async () => {
    here = scripted()
    await here.attach({ ...SETTINGS, batchSize: 4 })
    await here.sync()
    insert(5)
    here.said.length = 0
    here.answers.push(() => {
      throw new Error('cut')
    })
    await expect(here.sync()).rejects.toThrow('cut')
    await here.inFile((db) => storeSettings(db, { ...SETTINGS, batchSize: 1 }))
    await here.sync()
    expect(here.said.map(({ mutations }) => mutations.length)).toEqual([4, 4, 1])
    expect(here.said[1]).toEqual(here.said[0])
  })
})

describe('a collection that an operator switched off', () => {
  const reason = 'admins are not synced at the moment.'
  const both = async () => {
    here = scripted(
      `${ADMINS}; CREATE TABLE events (id TEXT PRIMARY KEY, username TEXT, name TEXT, email TEXT)`,
      ['admins', 'events'],
    )
    await here.attach()
    await here.sync()
    here.host.exec(
      "INSERT INTO admins VALUES ('a1', 'u', NULL, NULL); INSERT INTO events VALUES ('e1', 'u', NULL, NULL)",
    )
    here.said.length = 0
  }
  const standing = () => here.inFile((db) => standingOf(db, here.path))

  it('keeps its edits, says so in the status, and holds up no other table', async () => {
    await both()
    here.answers.push({ type: 'paused', reason } as never)
    expect(await here.sync()).toMatchObject({ went: 1, paused: ['admins'] })
    expect((await standing())?.tables).toMatchObject([
      { shared: 'admins', waiting: 1, paused: reason },
      { shared: 'events', waiting: 0, paused: null },
    ])
  })

  it('that is the last of the file ends the sync as any other', async () => {
    await both()
    here.answers.push({}, { type: 'paused', reason } as never)
    here.deps.now = () => Date.parse('2026-11-21T13:00:00Z')
    expect(await here.sync()).toMatchObject({ paused: ['events'], went: 1 })
    expect((await standing())?.synced_at).toBe('2026-11-21T13:00:00.000Z')
  })

  it('goes on with the same edits when it is switched on again', async () => {
    await both()
    here.answers.push({ type: 'paused', reason } as never)
    await here.sync()
    const [asked] = here.said
    here.said.length = 0
    here.answers.push({ tables: shown([['a2', 'eve', null, null]]) })
    expect(await here.sync()).toMatchObject({ went: 1, paused: [] })
    expect(here.said[0]).toEqual(asked)
    expect((await standing())?.tables[0]).toMatchObject({ waiting: 0, paused: null })
  })
})

it('only the tables that are named are synced', async () => {
  here = scripted(
    `${ADMINS}; CREATE TABLE people (id TEXT PRIMARY KEY, username TEXT, name TEXT, email TEXT)`,
    ['admins', 'people'],
  )
  await here.attach()
  await here.sync()
  here.host.exec(
    "INSERT INTO admins VALUES ('a1', 'u', NULL, NULL); INSERT INTO people VALUES ('e1', 'u', NULL, NULL)",
  )
  here.said.length = 0
  expect((await here.sync(['people'])).tables).toEqual({ people: { went: 1, came: 0, conflicts: 0 } })
  expect(here.said.map(({ lane }) => lane)).toEqual(['people'])
})
