import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Eyes, openEyes } from '../../cli/laptop/eyes.ts'
import { shop, type World, world } from './laptop-world.ts'

// What `watch` makes of what happens to a file.

const a = shop('a')
let here: World
let eyes: Eyes

beforeEach(async () => {
  here = world()
  await here.person.edit(a, { title: 'Dress' })
  await here.attach()
  await here.sync()
  eyes = openEyes(here.path, () => {})
  await eyes.look()
})
afterEach(() => {
  eyes.close()
  here.remove()
})

it('a sync of our own is no change; an edit is', async () => {
  expect(await eyes.look()).toBe('quiet')
  await here.person.edit(a, { title: 'Coat' })
  await here.sync()
  expect(await eyes.look()).toBe('quiet')
  here.host.exec("UPDATE products SET title = 'Hat'")
  expect(await eyes.look()).toBe('changed')
})

it('a backup that is copied over it is waited for, and is a change', async () => {
  const backup = readFileSync(here.path)
  truncateSync(here.path)
  expect(await eyes.look()).toBe('away')
  writeFileSync(here.path, backup.subarray(0, 5_000))
  expect(await eyes.look()).not.toBe('detached')
  writeFileSync(here.path, backup)
  expect(await eyes.look()).toBe('changed')
})

it('a file that another program puts in its place is a change', async () => {
  const copy = join(here.folder, 'copy.db')
  copyFileSync(here.path, copy)
  renameSync(copy, here.path)
  expect(await eyes.look()).toBe('changed')
})

it('a file without our tables is detached', async () => {
  for (const { name } of here.all("SELECT name FROM sqlite_schema WHERE type = 'trigger'"))
    here.host.exec(`DROP TRIGGER ${String(name)}`)
  here.host.exec('DROP TABLE tidemark_file')
  expect(await eyes.look()).toBe('detached')
})
