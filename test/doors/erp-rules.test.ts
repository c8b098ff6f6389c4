import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { ErpUserId } from '../../sync/protocol/erp.ts'
import { erpLinks, scopeFor, scopeOfLane, sharedLinks, userLinks } from '../../workers/shared/names.ts'
import { boundOf, forecastOf, settle } from '../../workers/smart-sync/erp-forecast.ts'
import { openErpDoors } from './erp-world.ts'
import type { Doors } from './world.ts'

const users = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,99}$/)

describe('names of lanes', () => {
  it('lead back to the link and the user that they were made of', () =>
    fc.assert(
      fc.property(fc.constantFrom(...userLinks, ...sharedLinks), users, (link, user) => {
        expect(ErpUserId.parse(user)).toBe(user)
        const scope = scopeFor(link, user)
        const found = scopeOfLane(link.lane(scope))
        expect(found?.scope).toBe(scope)
        expect(found?.link.lane(scope)).toBe(link.lane(scope))
        expect(found?.link.scopes.per).toBe(link.scopes.per)
      }),
    ))

  it('of two users are two, and so are their rows’ ids', () =>
    fc.assert(
      fc.property(users, users, fc.string(), fc.string(), (one, two, a, b) => {
        fc.pre(one !== two)
        for (const link of userLinks) expect(link.lane(one)).not.toBe(link.lane(two))
        expect(`${one}:${a}`).not.toBe(`${two}:${b}`)
      }),
    ))

  it('that nothing declares lead nowhere', () => {
    for (const lane of ['', 'orders', 'orders:', 'products:ann', 'workspace:w1', 'toString'])
      expect(scopeOfLane(lane)).toBeNull()
  })
})

describe('the forecast', () => {
  const settings = fc.record({
    check_minutes: fc.integer({ min: 1, max: 1_440 }),
    probe: fc.constantFrom('stamp', 'recentFirst', 'rolling'),
    probe_pages: fc.integer({ min: 1, max: 100 }),
  })
  const pace = fc.record({ ms: fc.integer({ min: 1, max: 1e9 }), calls: fc.integer({ min: 1, max: 1e5 }) })
  const pages = fc.option(fc.integer({ min: 1, max: 5_000 }))

  it('grows with every scope, and falls with every place at the gate', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...erpLinks),
        settings,
        pace,
        pages,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 2, max: 6 }),
        (link, set, of, length, n, concurrency) => {
          const config = new Map<string, object>([[link.config?.schedule ?? '', set]])
          const active = Array.from({ length: n }, (_, i) => `u${i}`)
          const states = active.map((scope) => ({ scope, pages: length }))
          const shareOf = (scopes: readonly string[], more: [string, object][] = []) =>
            forecastOf([{ ...settle(link, new Map([...config, ...more])), states, active: scopes }], of)
              .share ?? -1
          const all = shareOf(active)
          expect(all).toBeGreaterThan(0)
          expect(shareOf(active.slice(1))).toBeCloseTo((all * (n - 1)) / n, 6)
          const wider = shareOf(active, [[link.config?.connection ?? '', { concurrency }]])
          expect(wider).toBeCloseTo(all / concurrency, 6)
        },
      ),
    ))

  it('finds any change on any page within the bound: so many checks look at all pages', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), settings, (length, set) => {
        const [link] = erpLinks
        if (!link) throw new Error('no link of the ERP')
        const settled = settle(link, new Map([[link.config?.schedule ?? '', { ...set, probe: 'rolling' }]]))
        const bound = boundOf(settled, { pages: length })
        expect((bound?.checks ?? 0) * set.probe_pages).toBeGreaterThanOrEqual(length)
        expect(((bound?.checks ?? 0) - 1) * set.probe_pages).toBeLessThan(length)
        expect(bound?.ms).toBe((bound?.checks ?? 0) * set.check_minutes * 60_000)
        expect(boundOf(settled, undefined)).toBeNull()
      }),
    ))
})

describe('a search', () => {
  const names = ['Rossi & C. 100%', 'a_b', 'a\\b', "O'Neill", 'BIANCHI srl', 'bianchi srl', 'Zoë']
  let doors: Doors
  beforeAll(async () => {
    doors = await openErpDoors()
    doors.file.exec('DELETE FROM customers')
    const insert = doors.file.prepare(
      `INSERT INTO customers (id, user_id, erp_id, name, version, updated_at, origin) VALUES ('ann:' || ?1, 'ann', 'id' || ?1, ?2, 1, 1, 'erp')`,
    )
    names.forEach((name, i) => void insert.run(String(i), name))
  })

  it('finds exactly the names that hold the text, whatever letters it is of', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(12),
        fc.integer({ min: 1, max: 6 }),
        async (name, from, length) => {
          const q = name.slice(from, from + length).trim()
          fc.pre(q !== '')
          const answer = await doors.call('ann', 'GET', `/api/customers?q=${encodeURIComponent(q)}`)
          const found = answer.json<{ name: string }[]>().map((row) => row.name)
          // Letters beyond ASCII have one case here.
          const plain = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
          const holding = names.filter(
            (each, i) => plain(each).includes(plain(q)) || `id${i}`.includes(plain(q)),
          )
          expect(found.toSorted()).toEqual(holding.toSorted())
        },
      ),
    ))
})
