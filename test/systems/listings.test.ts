import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { DeviceDeclaration, EditContext } from '../../sync/engine/declare.ts'
import { listingKey, listingsSystem } from '../../sync/systems/listings.ts'

// The rules of listings, without database and doors: what an edit implies, and which of two assessments stands.

const NOW = Date.UTC(2026, 10, 21, 9)
const MINUTE = 60_000
const KEY = 'https://shop.example/dress'
const [table] = listingsSystem.tables
const { admit, together, holds: declared } = table?.device ?? ({} as DeviceDeclaration)
const holds = (row: Row) =>
  declared(row, { key: '', now: 0, actor: '', at: null, config: null, row, base: {} })

const PENDING: Row = {
  product_url: KEY,
  lifecycle_stage: 'pending_assessment',
  modesty_status: null,
  assessed_at: null,
  assessed_by: null,
}
const assessed = (status: string, at: number): Row => ({
  ...PENDING,
  lifecycle_stage: status === 'not_modest' ? 'assessed_rejected' : 'assessed_approved',
  modesty_status: status,
  assessed_at: at,
  assessed_by: 'ann',
})
const context = (over: Partial<EditContext> = {}): EditContext => ({
  key: KEY,
  now: NOW,
  actor: 'phone',
  at: null,
  config: null,
  row: PENDING,
  base: {},
  ...over,
})
const admitted = (values: Row, over: Partial<EditContext> = {}): Row => {
  const found = admit(values, context(over))
  if ('reject' in found) throw new Error(found.reject)
  return found.values
}
const refusal = (values: Row, over: Partial<EditContext> = {}) => {
  const found = admit(values, context(over))
  return 'reject' in found ? found.reject : null
}
const decide = (values: Row, row: Row, over: Partial<EditContext> = {}) => {
  const of = context({ ...over, row }) as EditContext & { row: Row }
  return together?.decide(admitted(values, of), of)
}

describe('which of two assessments stands', () => {
  const [early, late] = [NOW - 60 * MINUTE, NOW - 30 * MINUTE]
  const status = (modesty_status: string, assessed_at: number) => ({ modesty_status, assessed_at })
  const ahead = NOW + 10 * MINUTE
  const take = (rule: string) => ({ take: true, rule })
  const keep = (rule: string) => ({ take: false, rule })
  const newest = 'newest(assessed_at)'
  const clash = { conflict: 'it was assessed as modest by ann' }
  const first = assessed('modest', early)
  const later = assessed('modest', late)

  test.each([
    // [what is said, of which row, by newest, by first, by review]
    [
      'an assessment of a pending row',
      status('modest', early),
      PENDING,
      [take('stateMachine'), take('stateMachine'), take('stateMachine')],
    ],
    [
      'a later one with another result',
      status('not_modest', late),
      first,
      [take(newest), keep('first'), clash],
    ],
    [
      'an earlier one with another result',
      status('not_modest', early),
      later,
      [keep(newest), keep('first'), clash],
    ],
    ['one of the same time', status('not_modest', early), first, [take(newest), keep('first'), clash]],
    [
      'one by a clock that is ahead',
      status('not_modest', ahead),
      later,
      [take(newest), keep('first'), clash],
    ],
    [
      'another status of the same stage',
      status('moderately_modest', late),
      first,
      [take(newest), keep('first'), clash],
    ],
    ['the same result, later', status('modest', late), first, [take(newest), keep('first'), take(newest)]],
    ['the same result, earlier', status('modest', early), later, [keep(newest), keep('first'), keep(newest)]],
    [
      'another stage without a status',
      { lifecycle_stage: 'assessed_rejected', assessed_at: late },
      first,
      [take(newest), keep('first'), clash],
    ],
    [
      'another stage with an emptied status',
      { lifecycle_stage: 'assessed_rejected', modesty_status: null, assessed_at: late },
      first,
      [take(newest), keep('first'), clash],
    ],
    [
      'the same stage, without a status',
      { lifecycle_stage: 'assessed_approved' },
      first,
      [take(newest), keep('first'), take(newest)],
    ],
    [
      'a pending row',
      { lifecycle_stage: 'pending_assessment' },
      first,
      [keep('stateMachine'), keep('stateMachine'), keep('stateMachine')],
    ],
    [
      'an emptied status',
      { modesty_status: null },
      first,
      [keep('stateMachine'), keep('stateMachine'), keep('stateMachine')],
    ],
    [
      'an emptied time',
      { assessed_at: null, assessed_by: null },
      first,
      [keep('stateMachine'), keep('stateMachine'), keep('stateMachine')],
    ],
  ])('%s', (_what, values: Row, row: Row, expected) => {
    for (const [i, policy] of ['newest', 'first', 'review'].entries())
      expect([policy, decide(values, row, { config: { policy } })]).toMatchObject([policy, expected[i]])
  })

  test.each([
    ['all of it', first],
    ['its time', { assessed_at: early }],
    ['its status', { modesty_status: 'modest' }],
    ['its stage', { lifecycle_stage: 'assessed_approved' }],
  ])(
    'is for whoever saw it to correct, whatever the policy, when the base tells of %s',
    (_what, base: Row) => {
      for (const policy of ['newest', 'first', 'review'])
        expect(decide(status('not_modest', early - 1), first, { base, config: { policy } })).toEqual(
          take('correction'),
        )
    },
  )

  test.each([
    ['another time', { ...first, assessed_at: early - 1 }],
    ['another status', { modesty_status: 'moderately_modest' }],
    ['a pending row', { lifecycle_stage: 'pending_assessment', modesty_status: null, assessed_at: null }],
    ['nothing', {}],
    ['other columns', { title: 'Dress' }],
  ])('is not corrected by who saw %s', (_what, base: Row) => {
    expect(decide(status('not_modest', late), first, { base, config: { policy: 'first' } })).toEqual(
      keep('first'),
    )
  })
})

describe('an edit', () => {
  test('of an assessment says who, when and whether it is published', () => {
    expect(admitted({ modesty_status: 'not_modest' }, { at: NOW - 5 })).toEqual({
      modesty_status: 'not_modest',
      lifecycle_stage: 'assessed_rejected',
      assessed_at: NOW - 5,
      assessed_by: 'phone',
      shopify_status: 'draft',
    })
    const said = {
      modesty_status: 'modest',
      assessed_by: 'bea',
      shopify_status: 'draft',
      assessed_at: NOW - 9,
    }
    expect(admitted(said)).toEqual({ ...said, lifecycle_stage: 'assessed_approved' })
  })

  test.each([
    [5 * MINUTE, NOW + 5 * MINUTE],
    [5 * MINUTE + 1, NOW],
    [-MINUTE, NOW - MINUTE],
  ])('by a clock that is %i ms ahead was made at %i', (offset, at) => {
    expect(admitted({ modesty_status: 'modest', assessed_at: NOW + offset }).assessed_at).toBe(at)
    expect(admitted({ modesty_status: 'modest' }, { at: NOW + offset }).assessed_at).toBe(at)
  })

  test('of a stage that the row’s status contradicts leaves no status behind', () => {
    const row = assessed('modest', NOW - 1)
    expect(admitted({ lifecycle_stage: 'assessed_rejected' }, { row })).toMatchObject({
      modesty_status: null,
      shopify_status: 'draft',
    })
    expect(admitted({ lifecycle_stage: 'assessed_approved' }, { row })).not.toHaveProperty('modesty_status')
    for (const lifecycle_stage of ['assessed_rejected', 'pending_assessment'])
      expect(refusal({ lifecycle_stage, modesty_status: 'modest' })).toBe(
        `${lifecycle_stage} contradicts modest`,
      )
  })

  test('of the catalogue says nothing about the assessment', () => {
    const row = assessed('modest', NOW - 1)
    expect(admitted({ title: 'Coat', shopify_status: 'draft' }, { row, at: NOW })).toEqual({
      title: 'Coat',
      shopify_status: 'draft',
    })
  })

  test('that makes a row needs its address, and fills in what is new', () => {
    expect(refusal({ title: 'Coat' }, { row: null })).toBe('product_url is missing')
    expect(admitted({ product_url: KEY }, { row: null, at: 7 })).toEqual({
      product_url: KEY,
      lifecycle_stage: 'pending_assessment',
      first_seen_at: 7,
    })
    expect(admitted({ product_url: KEY, first_seen_at: 3 }, { row: null })).toMatchObject({
      first_seen_at: 3,
    })
    expect(admitted({ product_url: KEY }, { row: null })).toMatchObject({ first_seen_at: NOW })
  })

  test('of another product’s address, or of a status that there is not, is refused', () => {
    expect(refusal({ product_url: 'https://shop.example/coat' })).toMatch(/is another listing/)
    expect(refusal({ modesty_status: 'fine' })).toBe(
      'modesty_status: "fine" is none of modest, moderately_modest, not_modest',
    )
    const config = { statuses: [{ id: 'fine', label: 'Fine', approved: false }] }
    expect(admitted({ modesty_status: 'fine' }, { config })).toMatchObject({
      lifecycle_stage: 'assessed_rejected',
    })
  })

  test('never leaves a row that contradicts itself, whatever was said in whatever order', () => {
    const verdict = fc.record(
      {
        lifecycle_stage: fc.constantFrom('pending_assessment', 'assessed_approved', 'assessed_rejected'),
        modesty_status: fc.constantFrom(null, 'modest', 'moderately_modest', 'not_modest'),
        assessed_at: fc.option(fc.integer({ min: NOW - 9, max: NOW + 10 * MINUTE })),
        assessed_by: fc.constantFrom(null, 'ann', 'bob'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.array(verdict, { maxLength: 6 }),
        fc.constantFrom('newest', 'first'),
        (edits, policy) => {
          let row = PENDING
          for (const values of edits) {
            const of = context({ row, config: { policy } }) as EditContext & { row: Row }
            const found = admit(values as Row, of)
            if ('reject' in found) continue
            const was = row
            const decision = together?.decide(found.values, of)
            if (decision && 'take' in decision && decision.take) row = { ...row, ...found.values }
            // An assessment stays one.
            if (was.lifecycle_stage !== PENDING.lifecycle_stage)
              expect(row.lifecycle_stage).not.toBe(PENDING.lifecycle_stage)
            if (row.lifecycle_stage === PENDING.lifecycle_stage) {
              expect(row.modesty_status).toBeNull()
              continue
            }
            expect([row.assessed_at, row.assessed_by]).toEqual([expect.any(Number), expect.any(String)])
            expect(row.assessed_at).toBeLessThanOrEqual(NOW + 5 * MINUTE)
            if (row.modesty_status !== null)
              expect(row.lifecycle_stage).toBe(
                row.modesty_status === 'not_modest' ? 'assessed_rejected' : 'assessed_approved',
              )
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

test('an assessed listing is held, a pending one is not', () => {
  expect(holds(PENDING)).toBeNull()
  expect(holds(assessed('modest', 1))).toBe('it was assessed as modest')
  expect(holds({ ...assessed('modest', 1), modesty_status: null })).toBe(
    'it was assessed as assessed_approved',
  )
})

describe('the name of a listing', () => {
  test.each([
    ['http://www.shop.example:80/p/?utm_source=mail&b=2&a=1#top', 'https://shop.example/p?a=1&b=2'],
    ['HTTPS://Shop.Example//p//?gclid=1&fbclid=2&mc_cid=3&srsltid=4', 'https://shop.example/p'],
    ['https://user:secret@shop.example/p', 'https://shop.example/p'],
    ['https://shop.example/größe', 'https://shop.example/gr%C3%B6%C3%9Fe'],
    ['https://shop.example/a%2525', 'https://shop.example/a%'],
    ['https://shop.example/?colour=red', 'https://shop.example/?colour=red'],
  ])('of %s is %s', (called, key) => expect(listingKey(called)).toBe(key))

  test.each([
    '',
    'dress 1',
    'ftp://shop.example/p',
    'data:text/html,x',
    'https://',
    `https://shop.example/${'ö'.repeat(400)}`,
    `https://shop.example/%${'25'.repeat(900)}`,
  ])('is none of %s', (called) => expect(listingKey(called)).toBeNull())

  test('names itself', () => {
    const piece = fc.constantFrom(
      '%25',
      '%',
      '2',
      '5',
      '%2F',
      '/',
      '//',
      'a',
      '.',
      '..',
      '?',
      '&',
      '=',
      '#',
      '%20',
      '+',
      'é',
      '%C3%A9',
      '\\',
      '%5C',
      '@',
      ':',
      'utm_x=',
    )
    const address = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.array(piece, { maxLength: 12 }).map((path) => `https://shop.example/${path.join('')}`),
      fc
        .array(fc.constantFrom('www.', 'shop', '.', 'a@', ':443', 'É', 'com'), { maxLength: 6 })
        .map((host) => `http://${host.join('')}`),
    )
    fc.assert(
      fc.property(address, (called) => {
        const key = listingKey(called)
        if (key !== null) expect(listingKey(key)).toBe(key)
      }),
      { numRuns: 3_000 },
    )
  })

  test('of an address that is plain is what parsing it would give', () => {
    const label = fc.stringMatching(/^[a-z0-9-]{1,8}$/)
    const part = fc.stringMatching(/^[A-Za-z0-9_~.-]{1,6}$/)
    const address = fc
      .tuple(
        fc.array(fc.oneof(label, fc.constantFrom('www', 'xn--p')), { minLength: 1, maxLength: 4 }),
        fc.array(part, { maxLength: 4 }),
      )
      .map(([host, path]) => `https://${host.join('.')}.${'shop'}${path.map((each) => `/${each}`).join('')}`)
    fc.assert(
      // A fragment makes it parse, and is no part of the name.
      fc.property(address, (plain) => {
        expect(listingKey(plain)).toBe(listingKey(`${plain}#a`))
      }),
      { numRuns: 5_000 },
    )
  })
})
