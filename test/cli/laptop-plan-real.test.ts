import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FilePlan } from '../../cli/laptop/plan.ts'
import { applyToFile } from '../../cli/laptop/plan-apply.ts'
import { planOfFile } from '../../cli/laptop/plan-file.ts'
import { rows } from '../engine/world.ts'
import { shop, type World, world } from './laptop-world.ts'

// Plans of a file, in front of the real doors and lane.

describe('a plan in front of the real server', () => {
  let here: World
  const [a, b, c] = [shop('a'), shop('b'), shop('c')]
  beforeEach(async () => {
    here = world()
    await here.person.edit(a, { title: 'Dress', price: 100 })
    await here.person.edit(b, { title: 'Coat' })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET title = 'Long dress' WHERE url = '${a}';
      INSERT INTO products (url, title) VALUES ('${c}', 'Hat')`)
    await here.person.edit(a, { price: 200 })
    await here.person.edit(b, null)
  })
  afterEach(() => here.remove())

  const plan = async () => {
    const db = here.open()
    return planOfFile(db, here.path, here.deps).finally(() => db.close())
  }
  const apply = async (planned: FilePlan) => {
    const db = here.open()
    return applyToFile(db, planned, here.deps).finally(() => db.close())
  }
  const history = () => rows(here.server.world, 'SELECT count(*) AS n FROM history')

  it('is what a sync then does', async () => {
    const [before, written] = [history(), here.rows()]
    const planned = await plan()
    expect(planned.lanes[0]?.sends.map(({ op, key, result }) => [op, key, result.status])).toEqual([
      ['update', a, 'applied'],
      ['insert', c, 'applied'],
    ])
    expect(planned.lanes[0]?.changes.map(({ op, row, columns }) => [op, row, Object.keys(columns)])).toEqual([
      ['update', a, ['price']],
      ['delete', b, ['title', 'lifecycle_stage', 'first_seen_at']],
      ['update', c, ['first_seen_at']],
    ])
    expect([history(), here.rows()]).toEqual([before, written])
    expect(await apply(planned)).toMatchObject({ type: 'applied', report: { went: 2, rows: 1, deleted: 1 } })
    expect(here.row(a)).toMatchObject({ title: 'Long dress', price: 2 })
    expect(here.stored(a)).toMatchObject({ title: 'Long dress', price: 200 })
    expect(Object.keys(here.rows())).toEqual([a, c])
    expect((await plan()).lanes).toMatchObject([{ sends: [], changes: [] }])
  })

  it('is refused when anybody has written meanwhile', async () => {
    const planned = await plan()
    await here.person.edit(shop('z'), { title: 'Elsewhere' })
    const before = here.rows()
    expect(await apply(planned)).toMatchObject({ type: 'moved', now: [{ lane: 'listings' }] })
    expect(here.rows()).toEqual(before)
    expect(here.stored(c)).toBeUndefined()
  })

  it('is refused by the lane itself where somebody writes at the last moment', async () => {
    const planned = await plan()
    const { push } = here.deps.remote
    here.deps.remote.push = async (body) => {
      if (!body.includes('"dry_run":true')) {
        here.deps.remote.push = push
        await here.person.edit(shop('z'), { title: 'Elsewhere' })
      }
      return push(body)
    }
    await expect(apply(planned)).rejects.toMatchObject({ problem: { type: 'urn:tidemark:cli:moved' } })
    expect(here.stored(c)).toBeUndefined()
    expect(await here.sync()).toMatchObject({ went: 2 })
    expect(here.stored(c)).toMatchObject({ title: 'Hat' })
  })

  it('of a first reading is what the reading brings', async () => {
    const other = world()
    await other.person.edit(a, { title: 'Dress' })
    await other.attach()
    const db = other.open()
    const planned = await planOfFile(db, other.path, other.deps)
    expect(planned.lanes).toMatchObject([{ cursor: null, changes: [{ op: 'insert', row: a }], sends: [] }])
    expect(await applyToFile(db, planned, other.deps)).toMatchObject({ type: 'applied', report: { rows: 1 } })
    db.close()
    expect(other.row(a)).toMatchObject({ title: 'Dress' })
    other.remove()
  })
})
