import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LinkDeclaration } from '../../sync/engine/declare.ts'
import { identifier } from '../../sync/engine/identify.ts'
import type { IndexedRow } from '../../sync/engine/page-index.ts'
import type { PageEntry, PlanInput } from '../../sync/engine/plan.ts'
import { systems } from '../../sync/systems/index.ts'
import { part } from './plan-world.ts'

// Which row here a remote's row stands for, with no page and no database.

const linkOf = (name: string) => systems.flatMap(({ links }) => links).find((link) => link.name === name)!

interface Known {
  readonly stored?: readonly Row[]
  /** Entries of the page as it was; `vanished`: of these, what it does not show now */
  readonly known?: readonly PageEntry[]
  readonly vanished?: readonly PageEntry[]
  readonly claims?: PlanInput['claims']
}
function open(link: string | LinkDeclaration, { stored = [], known = [], vanished = known, claims }: Known) {
  const of = typeof link === 'string' ? linkOf(link) : link
  const input: PlanInput = {
    link: of,
    scope: 's',
    part,
    page: null,
    index: null,
    known,
    stored,
    pins: [],
    inbox: [],
    deletions: [],
    full: false,
    now: 0,
    newKey: () => 'new',
    ...(claims && { claims }),
  }
  return identifier(input, new Map(stored.map((row) => [String(row[of.table.key]), row])), vanished)
}
const shown = (values: Row, over: Partial<IndexedRow> = {}): IndexedRow => ({
  row: { position: 0, values },
  values,
  rest: 'rest',
  all: 'all',
  name: 'row',
  entry: undefined,
  detailed: false,
  ...over,
})

describe('a row of a link that adds none', () => {
  const valve = { id: 'P1', name: 'Valve', name_key: 'valve' }
  const same = { id: 'P2', name: 'VALVE', name_key: 'valve' }
  const bare = { id: 'P3', name: null, name_key: 'pump' }
  const gone = { id: 'P4', name: 'Old', name_key: 'old', deleted_at: 1 }
  const stored = [valve, same, bare, gone]

  test.each<[string, Row, object]>([
    ['by its id, though its name is another’s', { ...same, id: 'P1' }, { key: 'P1', way: 0 }],
    ['by its name as it is written', { id: null, name: 'VALVE', name_key: 'valve' }, { key: 'P2', way: 1 }],
    ['by its name where its id is nobody’s', { id: 'P9', name: 'Valve', name_key: 'valve' }, { key: 'P1' }],
    [
      'by no one of several with its name',
      { id: null, name: 'valve', name_key: 'valve' },
      { kind: 'ambiguous', reason: '2 rows match it equally well; none was taken' },
    ],
    ['by the normalised name alone', { id: null, name: 'Pump', name_key: 'pump' }, { key: 'P3', way: 2 }],
    // What is missing on both sides is nothing that they have in common.
    ['past a way that lacks a column', { id: null, name: null, name_key: 'pump' }, { key: 'P3', way: 2 }],
    ['by nothing', { id: null, name: 'Tap', name_key: 'tap' }, { kind: 'unmatched' }],
    ['by nothing that was deleted', { id: 'P4', name: 'Old', name_key: 'old' }, { kind: 'unmatched' }],
  ])('is found %s', (_how, values, found) => {
    expect(open('prices.erp', { stored })(shown(values))).toMatchObject(found)
  })

  const byId = { id: 'P1', name: 'X', name_key: 'x' }
  const byName = { id: null, name: 'Valve', name_key: 'valve' }
  const taken = { kind: 'ambiguous', reason: 'another row of the list stands for P1 already' }
  test.each<[string, { name: string; way: number }, Row, object]>([
    ['another by a better way', { name: 'other', way: 0 }, byName, taken],
    ['another by the same way', { name: 'other', way: 1 }, byName, taken],
    ['another by a worse way', { name: 'other', way: 1 }, byId, { key: 'P1', way: 0 }],
    ['itself, by whatever way', { name: 'row', way: 0 }, byName, { key: 'P1', way: 1 }],
  ])('whose row is claimed by %s', (_by, claim, values, found) => {
    expect(open('prices.erp', { stored, claims: new Map([['P1', claim]]) })(shown(values))).toMatchObject(
      found,
    )
  })

  test('is found after those of its page, which count before what was claimed earlier', () => {
    const claims = new Map([['P1', { name: 'second', way: 0 }]])
    const identify = open('prices.erp', { stored, claims })
    expect(identify(shown(byName, { name: 'first' }))).toMatchObject(taken)
    expect(identify(shown(byId, { name: 'second' }))).toMatchObject({ key: 'P1', way: 0 })
    const other = open('prices.erp', { stored })
    expect(other(shown(byName, { name: 'first' }))).toMatchObject({ key: 'P1', way: 1 })
    expect(other(shown(byName, { name: 'second' }))).toMatchObject(taken)
    // The better way takes it from who was first, also from one that it belonged to.
    expect(other(shown(byId, { name: 'third' }))).toMatchObject({ key: 'P1', way: 0 })
    expect(other(shown(byId, { name: 'fourth' }))).toMatchObject(taken)
    const later = open('prices.erp', { stored, claims: new Map([['P1', { name: 'second', way: 1 }]]) })
    expect(later(shown(byId, { name: 'first' }))).toMatchObject({ key: 'P1' })
    expect(later(shown(byName, { name: 'second' }))).toMatchObject(taken)
  })
})

describe('a row of a link whose keys are its own', () => {
  const here = { id: 'k1', profile_url_key: 'a' }
  const away = { id: 'k2', profile_url_key: 'b', deleted_at: 1 }
  const entry = (over: Partial<Record<number, string | number>> = {}) =>
    Object.assign(['k1', 'was', 0, 'rest', 'all', 0], over) as unknown as PageEntry

  test.each<[string, Known, Partial<IndexedRow> & { url: string }, { key: string; stored: Row | undefined }]>(
    [
      ['is the one with its match columns', { stored: [here] }, { url: 'a' }, { key: 'k1', stored: here }],
      [
        'is the one with its match columns before the one that was remembered',
        { stored: [here, { id: 'k3', profile_url_key: 'c' }] },
        { url: 'a', entry: entry({ 0: 'k3' }) },
        { key: 'k1', stored: here },
      ],
      ['is not one that was deleted', { stored: [away] }, { url: 'b' }, { key: 'new', stored: undefined }],
      [
        'is the deleted one that is remembered of it',
        { stored: [away] },
        { url: 'b', entry: entry({ 0: 'k2' }) },
        { key: 'k2', stored: away },
      ],
      [
        'keeps the key that is remembered of it where there is no row',
        {},
        { url: 'b', entry: entry({ 0: 'k2' }) },
        { key: 'k2', stored: undefined },
      ],
    ],
  )('%s', (_what, known, { url, ...over }, found) => {
    const identify = open('smart-sync.sheet', known)
    expect(identify(shown({ profile_url_key: url }, over))).toMatchObject(found)
    expect(identify.adopted.size).toBe(0)
  })

  test.each<
    [string, { known?: PageEntry[]; vanished?: PageEntry[]; rest?: string; stored?: Row[] }, boolean]
  >([
    ['stood there and shows the same', {}, true],
    ['stood elsewhere', { known: [entry({ 2: 1 })] }, false],
    ['showed something else', { known: [entry({ 3: 'other' })] }, false],
    [
      'showed something else, and another row what this one shows',
      { known: [entry({ 3: 'other' }), entry({ 1: 'b', 2: 1 })] },
      false,
    ],
    ['showed nothing but its key, as does this one', { known: [entry({ 3: '' })], rest: '' }, false],
    ['showed what another row of the page shows', { known: [entry(), entry({ 1: 'b', 2: 1 })] }, false],
    ['was missing already', { known: [entry({ 5: 7 })] }, false],
    ['was deleted', { known: [entry({ 5: -1 })] }, false],
    ['has no row here', { stored: [] }, false],
    ['is still shown', { known: [entry()], vanished: [] }, false],
  ])('stands under another key, and one that %s was there', (_what, given, renamed) => {
    const { known = [entry()], rest = 'rest', stored = [here] } = given
    const vanished = given.vanished ?? known.filter((one) => one[1] === 'was')
    const identify = open('smart-sync.sheet', { stored, known, vanished })
    const found = identify(shown({ profile_url_key: 'z' }, { rest }))
    expect(found).toMatchObject(
      renamed ? { key: 'k1', stored: here, entry: known[0] } : { key: 'new', stored: undefined },
    )
    expect([...identify.adopted]).toEqual(renamed ? ['was'] : [])
  })
})

describe('a row that brings its key', () => {
  test.each<[string, Row, Row | undefined]>([
    ['that is here', { id: 'P1' }, { id: 'P1' }],
    ['that was deleted', { id: 'P2' }, { id: 'P2', deleted_at: 1 }],
    ['that is new', { id: 'P3' }, undefined],
  ])('%s has that key, whatever stood there', (_which, values, stored) => {
    const known: PageEntry[] = [['P1', 'was', 0, 'rest', 'all', 0]]
    const identify = open('products.erp', { stored: [{ id: 'P1' }, { id: 'P2', deleted_at: 1 }], known })
    expect(identify(shown(values))).toEqual({ key: values.id, stored, entry: undefined })
    expect(identify.adopted.size).toBe(0)
  })

  test.each([
    ['several columns', ['id', 'code'], 'new'],
    ['another column', ['code'], 'new'],
    ['the key', ['id'], 'P3'],
  ])('does so only where it is matched by the key alone: by %s', (_by, match, key) => {
    expect(open({ ...linkOf('products.erp'), match }, {})(shown({ id: 'P3', code: 'C3' }))).toEqual({
      key,
      stored: undefined,
      entry: undefined,
    })
  })

  test('has it although it was remembered under another', () => {
    const entry: PageEntry = ['P9', 'row', 0, 'rest', 'all', 0]
    expect(open('products.erp', {})(shown({ id: 'P3' }, { entry }))).toMatchObject({ key: 'P3' })
  })
})
