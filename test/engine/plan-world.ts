import fc from 'fast-check'
import type { Row } from '../../db/database.ts'
import { entriesByName, indexPage } from '../../sync/engine/page-index.ts'
import { type PageEntry, type Plan, type PlanInput, planPage } from '../../sync/engine/plan.ts'
import type { Page, Part, RemoteRow } from '../../sync/engine/ports.ts'
import { systems } from '../../sync/systems/index.ts'

// Pages of a remote, and what a plan of them is applied to, with no database.

export const link = systems.flatMap(({ links }) => links).find(({ name }) => name === 'smart-sync.sheet')!
export const part: Part = { id: 'p1', name: 'Project', timeZone: 'UTC', options: {} }

export interface Shown {
  url: string
  followers?: number
  likes?: number
  username?: string
}
export const pageOf = (rows: readonly Shown[]): Page => ({
  part: part.id,
  rows: rows.map(
    ({ url, ...values }, position): RemoteRow => ({
      position,
      values: { profile_url: url, profile_url_key: url.toLowerCase(), ...values },
    }),
  ),
  warnings: [],
  where: (position, column) => `Project!${column ?? ''}${position + 2}`,
  next: null,
})

/** What D1 and the page memory hold; a plan is applied to it as a commit would. */
export interface Stored {
  rows: Map<string, Row>
  entries: readonly PageEntry[]
}
export const empty = (): Stored => ({ rows: new Map(), entries: [] })
let keys = 0

export function plan(stored: Stored, page: Page | null, over: Partial<PlanInput> = {}): Plan {
  return planPage({
    link,
    scope: 'w1',
    part,
    page,
    index: page && indexPage(link, 'w1', part, page, entriesByName(stored.entries)),
    known: stored.entries,
    stored: [...stored.rows.values()],
    pins: [],
    inbox: [],
    deletions: [],
    full: false,
    now: 1_000,
    newKey: () => `k${++keys}`,
    ...over,
  })
}
export function apply(stored: Stored, made: Plan): Stored {
  for (const change of made.changes)
    if (change.op === 'insert' || change.op === 'update' || change.op === 'delete')
      stored.rows.set(change.key, { ...change.after, version: 1 })
  stored.entries = made.entries
  return stored
}
export const values = (stored: Stored) =>
  [...stored.rows.values()]
    .filter(({ deleted_at }) => deleted_at == null)
    .map(({ profile_url_key, followers, likes, username }) => ({
      profile_url_key,
      followers,
      likes,
      username,
    }))
    .sort((a, b) => (String(a.profile_url_key) < String(b.profile_url_key) ? -1 : 1))

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })
const shown: fc.Arbitrary<Shown> = fc
  .record({
    url: fc.integer({ min: 0, max: 12 }).map((n) => `https://site/${n}`),
    followers: optional(fc.nat(1_000)),
    likes: optional(fc.nat(1_000)),
    username: optional(fc.constantFrom('ann', 'bob', 'eve')),
  })
  .map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, v]) => v !== undefined)) as unknown as Shown,
  )
export const tab = fc.uniqueArray(shown, { selector: ({ url }) => url, maxLength: 12 })
