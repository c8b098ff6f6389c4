import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { disputedOf } from '../../cli/laptop/disputed.ts'
import { transaction } from '../../cli/laptop/file.ts'
import { judge } from '../../cli/laptop/judge.ts'
import { rejectedOf } from '../../cli/laptop/rejected.ts'
import { shop, type World, world } from './laptop-world.ts'

describe('a person’s word', () => {
  let here: World
  const a = shop('a')
  beforeEach(async () => {
    here = world()
    await here.person.edit(a, { title: 'Dress', price: 100 })
    await here.attach()
    await here.sync()
  })
  afterEach(() => here.remove())

  const on = async (id: string | undefined, how: 'drop' | 'retry') => {
    const db = here.open()
    await transaction(db, here.deps, () => judge(db, id ?? '', how, here.deps.now()))
    db.close()
  }
  const rejected = () => rejectedOf(here.host).map(({ n }) => String(n))
  const disputed = () => disputedOf(here.host).map(({ id }) => id)

  it('gives a rejected edit up: the row is again as the server says', async () => {
    here.host.exec(`UPDATE products SET title = '${'x'.repeat(3_000)}'`)
    await here.sync()
    expect(here.row(a).title).toHaveLength(3_000)
    await on(rejected()[0], 'drop')
    expect(here.row(a)).toMatchObject({ title: 'Dress' })
    expect(await here.sync()).toMatchObject({ went: 0, rejected: 0 })
  })

  it('offers a rejected edit again', async () => {
    here.host.exec(`UPDATE products SET price = 'about ten'`)
    await here.sync()
    await on(rejected()[0], 'retry')
    expect(await here.sync()).toMatchObject({ rejected: 1 })
    here.host.exec('UPDATE products SET price = 7')
    expect(await here.sync()).toMatchObject({ went: 1, rejected: 0 })
    expect(here.stored(a)).toMatchObject({ price: 700 })
  })

  describe('where two assessments wait for it', () => {
    beforeEach(async () => {
      here.server.world.file.exec(
        `INSERT INTO config VALUES ('assessments.rules', '{"policy":"review"}', 0, 'op')`,
      )
      here.host.exec(`UPDATE products SET modesty_status = 'not_modest', lifecycle_stage = 'assessed_rejected',
        shopify_status = 'draft', assessed_at = '2026-11-21 10:00:00'`)
      await here.person.assess(a)
      expect((await here.sync()).conflicts).toHaveLength(1)
      expect(here.row(a)).toMatchObject({ modesty_status: 'modest', lifecycle_stage: 'assessed_approved' })
    })

    it('may let the server’s stand', async () => {
      await on(disputed()[0], 'drop')
      expect(await here.sync()).toMatchObject({ went: 0, conflicts: [] })
      expect(here.stored(a)).toMatchObject({ modesty_status: 'modest' })
    })

    it('may say its own again, which then corrects the other', async () => {
      await on(disputed()[0], 'retry')
      expect(await here.sync()).toMatchObject({ went: 1, conflicts: [] })
      expect(here.stored(a)).toMatchObject({
        modesty_status: 'not_modest',
        lifecycle_stage: 'assessed_rejected',
      })
      expect(here.row(a)).toMatchObject({
        modesty_status: 'not_modest',
        lifecycle_stage: 'assessed_rejected',
      })
    })
  })

  it('about something that does not wait is refused', async () => {
    await expect(on('77', 'drop')).rejects.toMatchObject({ problem: { title: 'There is no such edit' } })
  })
})
