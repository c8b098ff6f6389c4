import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deletions } from '../../sync/engine/guard.ts'
import type { Page } from '../../sync/engine/ports.ts'
import { apply, empty, pageOf, part, plan, tab, values } from './plan-world.ts'

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ url: `https://${n}`, followers: n }))
const kinds = (made: ReturnType<typeof plan>) => made.conflicts.map(({ kind }) => kind)

describe('rows that vanish', () => {
  test('a row that vanished is deleted at the second look, and a page without rows deletes nothing', () => {
    const rows = Array.from({ length: 30 }, (_, n) => ({ url: `https://${n}`, followers: n }))
    const stored = apply(empty(), plan(empty(), pageOf(rows)))
    const once = plan(stored, pageOf(rows.slice(0, 28)))
    expect([once.changes, once.lookAgain]).toEqual([[], true])
    const twice = plan(apply(stored, once), pageOf(rows.slice(0, 28)))
    expect(twice.changes.map(({ op }) => op)).toEqual(['delete', 'delete'])
    // Not even the one row that the guard would let go.
    const single = apply(empty(), plan(empty(), pageOf(rows.slice(0, 1))))
    for (const emptied of [stored, single]) {
      apply(emptied, plan(emptied, pageOf([])))
      const bare = plan(emptied, pageOf([]))
      expect(bare.changes).toEqual([])
      expect(bare.conflicts.map(({ kind }) => kind)).toEqual(['deletion_guard'])
    }
  })

  test('rows that come back before the second look were never gone', () => {
    fc.assert(
      fc.property(tab, tab, (all, some) => {
        const stored = apply(empty(), plan(empty(), pageOf(all)))
        const gone = all.filter(({ url }) => !some.some((row) => row.url === url))
        apply(stored, plan(stored, pageOf(all.filter((row) => !gone.includes(row)))))
        const back = plan(stored, pageOf(all))
        expect(back.changes.filter(({ op }) => op === 'delete' || op === 'insert')).toEqual([])
      }),
    )
  })

  test('go only after two looks in a row, never by a page without rows, and never more of them than the guard lets', () => {
    const series = fc.integer({ min: 1, max: 60 }).chain((count) =>
      fc.record({
        all: fc.constant(many(count)),
        pages: fc.array(fc.subarray(many(count)), { maxLength: 8 }),
      }),
    )
    fc.assert(
      fc.property(series, ({ all, pages }) => {
        const stored = apply(empty(), plan(empty(), pageOf(all)))
        const gone = new Set<string>()
        let deletions: Deletions = []
        let before = new Set(all.map(({ url }) => url))
        for (const [n, page] of pages.entries()) {
          const rows = page.filter(({ url }) => !gone.has(url))
          const shown = new Set(rows.map(({ url }) => url))
          const made = plan(stored, pageOf(rows), { deletions, now: 1_000 + n })
          const deleted = made.changes.filter(({ op }) => op === 'delete')
          for (const { before: row } of deleted) {
            const url = String(row?.profile_url)
            expect([shown.has(url), before.has(url)]).toEqual([false, false])
            gone.add(url)
          }
          if (rows.length === 0) expect(deleted).toEqual([])
          if (deleted.length > 0) deletions = [...deletions, [1_000 + n, deleted.length]]
          apply(stored, made)
          const live = values(stored).map(({ profile_url_key }) => profile_url_key)
          expect([...shown].filter((url) => !live.includes(url))).toEqual([])
          before = shown
        }
        const most = all.length < 25 ? 1 : Math.min(50, Math.floor(all.length * 0.2))
        expect(gone.size).toBeLessThanOrEqual(most)
        expect(values(stored)).toHaveLength(all.length - gone.size)
      }),
    )
  })

  test('beyond the guard are kept under one conflict, which a page that shows them again no longer has', () => {
    const stored = apply(empty(), plan(empty(), pageOf(many(100))))
    apply(stored, plan(stored, pageOf(many(70))))
    const kept = plan(stored, pageOf(many(70)))
    expect([kept.changes, kinds(kept), kept.lookAgain]).toEqual([[], ['deletion_guard'], false])
    const again = plan(apply(stored, kept), pageOf(many(71)))
    expect(again.conflicts.map(({ id }) => id)).toEqual(kept.conflicts.map(({ id }) => id))
    const whole = plan(apply(stored, again), pageOf(many(100)))
    expect([whole.changes, kinds(whole)]).toEqual([[], []])
  })

  test('that a page has lost beside rows that can not be read are not the rows that can not be read', () => {
    const stored = apply(empty(), plan(empty(), pageOf(many(3))))
    const page = pageOf(many(3))
    const broken: Page = {
      ...page,
      rows: page.rows.map((row) => (row.position === 1 ? { ...row, values: { followers: 9 } } : row)),
    }
    const made = plan(stored, broken)
    expect(made.changes).toEqual([])
    expect(made.warnings).toMatchObject([{ kind: 'no_key', where: 'Project!3' }])
    expect([made.counts.rejected, made.lookAgain]).toEqual([1, true])
    const mended = plan(apply(stored, made), page)
    expect([mended.changes, mended.warnings, mended.conflicts]).toEqual([[], [], []])
  })

  test('from a page that was not read at all are not looked for', () => {
    const stored = apply(empty(), plan(empty(), pageOf(many(5))))
    const unread = plan(stored, null)
    expect([unread.changes, unread.entries, unread.lookAgain]).toEqual([[], stored.entries, false])
  })
})

test('rows whose keys alone changed, where they stood, keep their identity, however many', () => {
  fc.assert(
    fc.property(tab, fc.infiniteStream(fc.boolean()), (shown, choices) => {
      // What else a row shows tells it from the others: only that is evidence of a rename.
      const rows = shown.map((row, n) => ({ ...row, username: `user ${n}` }))
      const stored = apply(empty(), plan(empty(), pageOf(rows)))
      const keyAt = new Map(stored.entries.map(([key, , position]) => [position, key]))
      const renamed = rows.map((row) => (choices.next().value ? { ...row, url: `${row.url}/new` } : row))
      const made = plan(stored, pageOf(renamed))
      expect(made.changes.filter(({ op }) => op !== 'update')).toEqual([])
      expect(made.lookAgain).toBe(false)
      apply(stored, made)
      for (const [position, { url }] of renamed.entries())
        expect(stored.rows.get(keyAt.get(position)!)?.profile_url).toBe(url)
      expect(plan(stored, pageOf(renamed)).changes).toEqual([])
    }),
  )
})

test('a new key where a row vanished, with what another row shows, is a new row', () => {
  const [a, b] = [
    { url: 'https://a', username: 'ann', followers: 1 },
    { url: 'https://b', username: 'bob', followers: 2 },
  ]
  const stored = apply(empty(), plan(empty(), pageOf([a, b])))
  const made = plan(stored, pageOf([{ ...b, url: 'https://c' }, b]))
  expect(made.changes).toMatchObject([{ op: 'insert', after: { profile_url: 'https://c' } }])
  expect(made.lookAgain).toBe(true)
})

test('a row deleted here comes back as itself when the page shows it again', () => {
  const stored = apply(empty(), plan(empty(), pageOf(many(30))))
  for (let look = 0; look < 2; look++) apply(stored, plan(stored, pageOf(many(29))))
  expect(values(stored)).toHaveLength(29)
  const back = plan(stored, pageOf(many(30)))
  expect(back.changes).toMatchObject([
    { op: 'update', after: { deleted_at: null, profile_url: 'https://29' } },
  ])
  expect(back.changes[0]?.why.deleted_at).toEqual(['Project!31', 'returned'])
  expect(values(apply(stored, back))).toHaveLength(30)
  expect(part.id).toBe(back.changes[0]?.after.project_id)
})
