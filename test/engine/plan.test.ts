import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PinRow } from '../../sync/engine/changes.ts'
import type { Page, Part } from '../../sync/engine/ports.ts'
import { apply, empty, link, pageOf, part, plan, tab, values } from './plan-world.ts'

describe('a plan', () => {
  test('of the same page again is empty, also when everything is read', () => {
    fc.assert(
      fc.property(tab, tab, fc.boolean(), (first, second, full) => {
        const stored = apply(empty(), plan(empty(), pageOf(first)))
        apply(stored, plan(stored, pageOf(second)))
        apply(stored, plan(stored, pageOf(second)))
        const again = plan(stored, pageOf(second), { full })
        expect([again.changes, again.warnings]).toEqual([[], []])
        expect(again.counts.skipped).toBe(full ? 0 : second.length)
      }),
    )
  })

  test('comes to the same values in whatever order the rows stand', () => {
    fc.assert(
      fc.property(tab, fc.infiniteStream(fc.nat()), (rows, keys) => {
        const order = rows.map((row) => ({ row, key: keys.next().value as number }))
        const sorted = order.sort((a, b) => a.key - b.key).map(({ row }) => row)
        const one = apply(empty(), plan(empty(), pageOf(rows)))
        expect(values(apply(empty(), plan(empty(), pageOf(sorted))))).toEqual(values(one))
        const moved = plan(one, pageOf(sorted))
        expect(moved.changes).toEqual([])
      }),
    )
  })

  test('changes only columns that the link owns or matches by', () => {
    const allowed = new Set([...link.owns, ...link.match, 'deleted_at'])
    fc.assert(
      fc.property(tab, tab, (first, second) => {
        const stored = apply(empty(), plan(empty(), pageOf(first)))
        for (const { columns } of plan(stored, pageOf(second)).changes)
          expect(columns.filter((column) => !allowed.has(column))).toEqual([])
      }),
    )
  })

  test('never lowers a metric, and records what it refused with its rule and place', () => {
    fc.assert(
      fc.property(tab, tab, (first, second) => {
        const stored = apply(empty(), plan(empty(), pageOf(first)))
        const before = new Map([...stored.rows].map(([key, row]) => [key, { ...row }]))
        const made = plan(stored, pageOf(second))
        for (const change of made.changes) {
          const old = before.get(change.key)
          if (change.op === 'update' && old?.followers != null)
            expect(Number(change.after.followers)).toBeGreaterThanOrEqual(Number(old.followers))
          if (change.op === 'refuse')
            for (const column of change.columns) expect(change.why[column]?.[1]).toMatch(/^(max|pin)$/)
        }
      }),
    )
  })

  test('a pinned value is moved by no proposal', () => {
    fc.assert(
      fc.property(tab, tab, fc.nat(1_000), (first, second, value) => {
        const stored = apply(empty(), plan(empty(), pageOf(first)))
        const pins = [...stored.rows.values()].map(
          ({ id }): PinRow => ({
            tbl: 'accounts',
            key: String(id),
            col: 'followers',
            value,
            source: 'api',
            actor: 'ann',
            note: '',
            until: null,
            at: 0,
          }),
        )
        const pinned = new Set(pins.map(({ key }) => key))
        for (const change of plan(stored, pageOf(second), { pins, full: true }).changes)
          if (change.op === 'update' && pinned.has(change.key) && change.columns.includes('followers'))
            expect(change.after.followers).toBe(value)
      }),
    )
  })

  test('takes the first of rows with one key, and opens a conflict for each further one, the same each time', () => {
    const rows = [
      { url: 'https://a', followers: 1 },
      { url: 'https://A', followers: 5 },
      { url: 'https://a', followers: 9 },
    ]
    const stored = empty()
    const made = plan(stored, pageOf(rows))
    expect(made.changes.map(({ op, after }) => [op, after.followers])).toEqual([['insert', 1]])
    expect(made.conflicts.map(({ kind }) => kind)).toEqual(['duplicate', 'duplicate'])
    expect(plan(apply(stored, made), pageOf(rows)).conflicts.map(({ id }) => id)).toEqual(
      made.conflicts.map(({ id }) => id),
    )
  })

  test('a changed key on a row that is else the same is a rename; where more changed, it is another row', () => {
    const before = [{ url: 'https://a', followers: 7, username: 'ann' }]
    const stored = apply(empty(), plan(empty(), pageOf(before)))
    const renamed = plan(stored, pageOf([{ ...before[0]!, url: 'https://b' }]))
    expect(renamed.changes.map(({ op, key }) => [op, key])).toEqual([['update', [...stored.rows.keys()][0]]])
    const another = plan(stored, pageOf([{ url: 'https://b', followers: 1, username: 'bob' }]))
    expect(another.changes.map(({ op }) => op)).toEqual(['insert'])
    expect(another.lookAgain).toBe(true)
  })

  test('writes back exactly the cells that differ and may be written', () => {
    const on: Part = { ...part, options: { write_back: 1 } }
    fc.assert(
      fc.property(tab, tab, (first, second) => {
        const stored = apply(empty(), plan(empty(), pageOf(first)))
        const page = pageOf(second)
        const made = plan(stored, page, { part: on })
        apply(stored, made)
        for (const row of page.rows) {
          const merged = [...stored.rows.values()].find(
            ({ profile_url_key, deleted_at }) =>
              profile_url_key === row.values.profile_url_key && deleted_at == null,
          )
          for (const column of link.writes) {
            const cell = made.cells.find(
              (each) => each.match.profile_url_key === row.values.profile_url_key && each.column === column,
            )
            const differs = merged?.[column] != null && merged[column] !== (row.values[column] ?? null)
            expect(cell?.value).toBe(differs ? merged[column] : undefined)
          }
        }
      }),
    )
  })

  test('a locked cell is never written, and a text beyond the limit leaves its row out', () => {
    const on: Part = { ...part, options: { write_back: 1 } }
    const stored = apply(empty(), plan(empty(), pageOf([{ url: 'https://a', followers: 9 }])))
    const page = pageOf([{ url: 'https://a', followers: 3 }])
    const locked: Page = { ...page, rows: page.rows.map((row) => ({ ...row, locked: ['followers'] })) }
    expect(plan(stored, page, { part: on }).cells).toHaveLength(1)
    expect(plan(stored, locked, { part: on }).cells).toEqual([])
    const long = plan(
      empty(),
      pageOf([{ url: 'https://b', username: 'x'.repeat(60_000) }, { url: 'https://c' }]),
    )
    expect(long.changes.map(({ after }) => after.profile_url)).toEqual(['https://c'])
    expect(long.warnings).toMatchObject([{ kind: 'too_long', where: 'Project!2' }])
  })
})
