import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { googleWorld } from '../engine/google-world.ts'
import { drain, durable, instance, rows, testIds, testRandom } from '../engine/world.ts'

// Tables of any system in a tab, both ways: listings, which are named by an address and assessed, and a collection with a unique field. The
// real lane and the real remote, with an emulated Google.

const BOOK = 'shop'

function linked(name: string, lane: string, tab: string, typed: readonly (readonly string[])[]) {
  const world = durable()
  const { google, remote } = googleWorld(world.clock, testRandom(3))
  google.person.create({ id: BOOK, sheets: [{ title: tab, rows: typed.map((row) => [...row]) }] })
  google.person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
  world.file
    .prepare('INSERT INTO config VALUES (?, ?, 0, ?)')
    .run(`sheets.${name}`, JSON.stringify({ spreadsheet_id: BOOK }), 'ann')
  const ids = testIds('k')
  const { lane: held } = instance(world, lane, () => remote, undefined, ids)
  let pushes = 0
  return {
    person: google.person,
    calls: google.calls,
    world,
    async sync() {
      world.clock.advance(300_000)
      const answer = await held.request({
        link: `${name}.sheet`,
        scope: 'shared',
        parts: null,
        trigger: 'manual',
        full: false,
        actor: 'ann',
      })
      if (answer.type === 'skipped') throw new Error(answer.reason)
      await drain(world, held)
      const [row] = rows(world, 'SELECT status, report FROM runs WHERE id = ?', answer.runId)
      return { status: String(row?.status), report: JSON.parse(String(row?.report)) }
    },
    /** An edit of a device that knows what stands */
    async device(table: string, op: 'insert' | 'update' | 'delete', key: string, values: Row) {
      const stands = rows(world, `SELECT * FROM ${table} WHERE id = ?`, key)[0] ?? {}
      const base = Object.fromEntries(Object.keys(values).map((column) => [column, stands[column] ?? null]))
      const answer = await held.push({
        id: `push ${++pushes}`,
        actor: 'phone',
        origin: 'phone',
        mutations: [{ type: 'edit', op, table, key, values, base: op === 'insert' ? {} : base, at: null }],
      })
      if (answer.type === 'failed') throw new Error(answer.failure.detail)
      return answer.results[0]
    },
    here: (sql: string) => rows(world, sql),
    /** The tab as people see it: by header, without the columns that are hidden */
    shows() {
      const [headers = [], ...list] = google.person.values(BOOK, tab)
      return list.map((line) =>
        Object.fromEntries(headers.map((header, i) => [String(header), line[i] ?? ''])),
      )
    },
    tab,
  }
}

describe('listings in a sheet', () => {
  const HEADER = [
    'Product URL',
    'Title',
    'Price',
    'Lifecycle stage',
    'Modesty status',
    'Assessed by',
    'Shopify status',
    'mine',
  ]
  const BAG = 'https://shop.test/bag'
  const HAT = 'https://shop.test/hat'
  const open = (...typed: string[][]) => linked('listings', 'listings', 'Listings', [HEADER, ...typed])

  test('are named by their address, whatever it carries along', async () => {
    const of = open(['https://www.shop.test/bag?utm_source=mail', 'Bag', '19.90'])
    await of.device('listings', 'insert', HAT, { product_url: HAT, title: 'Hat', price: 500 })
    await of.device('listings', 'insert', BAG, { product_url: BAG, retailer: 'Shop' })
    expect((await of.sync()).status).toBe('done')
    expect(of.here('SELECT id, title, price, retailer, lifecycle_stage FROM listings ORDER BY id')).toEqual([
      { id: BAG, title: 'Bag', price: 1990, retailer: 'Shop', lifecycle_stage: 'pending_assessment' },
      { id: HAT, title: 'Hat', price: 500, retailer: null, lifecycle_stage: 'pending_assessment' },
    ])
    expect(of.shows()).toMatchObject([
      { Title: 'Bag', Price: 19.9, 'Lifecycle stage': 'pending_assessment', mine: '' },
      { 'Product URL': HAT, Title: 'Hat', Price: 5, 'Lifecycle stage': 'pending_assessment' },
    ])
  })

  test('are edited on both sides, and rows are added on both', async () => {
    const of = open([BAG, 'Bag', '19.90'])
    await of.sync()
    of.person.set(BOOK, { cell: 'Listings!B2', text: 'Leather bag' })
    of.person.setRows(BOOK, { at: 'Listings!A3', rows: [[HAT, 'Hat']] })
    await of.device('listings', 'update', BAG, { price: 1500 })
    await of.device('listings', 'insert', 'https://shop.test/cap', { product_url: 'https://shop.test/cap' })
    await of.sync()
    expect(of.here('SELECT title, price FROM listings ORDER BY id')).toEqual([
      { title: 'Leather bag', price: 1500 },
      { title: null, price: null },
      { title: 'Hat', price: null },
    ])
    expect(of.shows()).toMatchObject([
      { Title: 'Leather bag', Price: 15 },
      { 'Product URL': HAT, Title: 'Hat' },
      { 'Product URL': 'https://shop.test/cap' },
    ])
    of.calls.length = 0
    await of.sync()
    await of.sync()
    expect(of.calls.filter(({ kind }) => kind === 'write')).toEqual([])
  })

  test('that were assessed are not made pending by a sheet that still says so', async () => {
    const of = open([BAG, 'Bag', '', 'pending_assessment'])
    const verdict = { lifecycle_stage: 'assessed_approved', modesty_status: 'modest', assessed_by: 'Ann' }
    await of.device('listings', 'insert', BAG, { product_url: BAG, ...verdict })
    await of.sync()
    const assessed = { lifecycle_stage: 'assessed_approved', modesty_status: 'modest', assessed_by: 'Ann' }
    expect(of.here('SELECT lifecycle_stage, modesty_status, assessed_by FROM listings')).toEqual([assessed])
    expect(of.shows()).toMatchObject([
      {
        Title: 'Bag',
        'Lifecycle stage': 'assessed_approved',
        'Modesty status': 'modest',
        'Assessed by': 'Ann',
      },
    ])
    of.person.set(BOOK, { cell: 'Listings!D2', text: 'pending_assessment' })
    await of.sync()
    expect(of.here('SELECT lifecycle_stage, modesty_status, assessed_by FROM listings')).toEqual([assessed])
    expect(of.shows()).toMatchObject([{ 'Lifecycle stage': 'assessed_approved' }])
    expect(of.here('SELECT id FROM conflicts')).toEqual([])
  })

  test('are assessed in the sheet, too, and what follows from it comes back', async () => {
    const of = open([BAG, 'Bag'])
    await of.sync()
    of.person.set(BOOK, { cell: 'Listings!E2', text: 'not_modest' })
    await of.sync()
    expect(of.here('SELECT lifecycle_stage, shopify_status FROM listings')).toEqual([
      { lifecycle_stage: 'assessed_rejected', shopify_status: 'draft' },
    ])
    expect(of.shows()).toMatchObject([{ 'Lifecycle stage': 'assessed_rejected', 'Shopify status': 'draft' }])
    of.person.set(BOOK, { cell: 'Listings!E2', text: 'fancy' })
    await of.sync()
    expect(of.here('SELECT modesty_status FROM listings')).toEqual([{ modesty_status: 'not_modest' }])
    expect(of.here('SELECT kind FROM conflicts WHERE resolved_at IS NULL')).toEqual([{ kind: 'unreadable' }])
    of.person.set(BOOK, { cell: 'Listings!E2', text: 'not_modest' })
    await of.sync()
    expect(of.here('SELECT kind FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
  })

  test('keep what the database says where a column is added to the tab, or a cell was empty when both met', async () => {
    const of = open([BAG, '', '19.90'])
    await of.device('listings', 'insert', BAG, { product_url: BAG, title: 'Bag', retailer: 'Shop', price: 5 })
    await of.sync()
    of.person.insertColumn(BOOK, { tab: 'Listings', before: 'Price', header: 'Retailer' })
    await of.sync()
    expect(of.here('SELECT title, retailer, price FROM listings')).toEqual([
      { title: 'Bag', retailer: 'Shop', price: 1990 },
    ])
    expect(of.shows()).toMatchObject([{ Title: 'Bag', Retailer: 'Shop', Price: 19.9 }])
    of.person.set(BOOK, { cell: 'Listings!C2', text: '' })
    await of.sync()
    expect(of.here('SELECT retailer FROM listings')).toEqual([{ retailer: null }])
  })

  test('lose nothing where a column is taken out of the tab and comes back empty, nor where it was never there for some', async () => {
    const of = open([BAG, 'Bag', '19.90'], [HAT, 'Hat', '5'])
    await of.sync()
    await of.device('listings', 'insert', 'https://shop.test/cap', {
      product_url: 'https://shop.test/cap',
      retailer: 'Cap & Co',
      price: 7,
    })
    await of.sync()
    of.person.deleteColumn(BOOK, { tab: 'Listings', column: 'Price' })
    of.person.insertColumn(BOOK, { tab: 'Listings', before: 'Title', header: 'Retailer' })
    await of.sync()
    of.person.insertColumn(BOOK, { tab: 'Listings', before: 'Title', header: 'Price' })
    await of.sync()
    expect(of.here('SELECT title, retailer, price FROM listings ORDER BY id')).toEqual([
      { title: 'Bag', retailer: null, price: 1990 },
      { title: null, retailer: 'Cap & Co', price: 7 },
      { title: 'Hat', retailer: null, price: 500 },
    ])
    expect(of.shows()).toMatchObject([
      { Title: 'Bag', Price: 19.9 },
      { Title: 'Hat', Price: 5 },
      { Retailer: 'Cap & Co', Price: 0.07 },
    ])
  })

  test('whose address stands twice are taken once, and an address that is none is said', async () => {
    const of = open([BAG, 'Bag'], [`${BAG}#top`, 'Other bag'], ['not an address', 'x'])
    const { report } = await of.sync()
    expect(of.here('SELECT id, title FROM listings')).toEqual([{ id: BAG, title: 'Bag' }])
    expect(report.warnings.length + report.parts[0].warnings.length).toBeGreaterThan(0)
    expect(of.shows().map(({ Title }) => Title)).toEqual(['Bag', 'Other bag', 'x'])
  })
})

describe('a collection in a sheet', () => {
  const HEADER = ['Employee id', 'Name', 'Monthly pay', 'Hired on', 'Active']
  const open = (...typed: string[][]) =>
    linked('collections.employees', 'employees', 'Employees', [HEADER, ...typed])

  test('keeps its rows apart by ids out of sight, and both sides see each other’s rows and edits', async () => {
    const of = open(['007', 'Ann', '1,200.50', '2026-03-01', 'yes'])
    of.person.set(BOOK, { cell: 'Employees!A2', text: "'007" })
    await of.device('employees', 'insert', 'emp-bob', {
      employee_id: '008',
      name: 'Bob',
      monthly_pay: 90_000,
    })
    await of.sync()
    expect(
      of.here('SELECT employee_id, name, monthly_pay, hired_on, active FROM employees ORDER BY employee_id'),
    ).toEqual([
      { employee_id: '007', name: 'Ann', monthly_pay: 120_050, hired_on: '2026-03-01', active: 'yes' },
      { employee_id: '008', name: 'Bob', monthly_pay: 90_000, hired_on: null, active: 'yes' },
    ])
    expect(of.shows()).toMatchObject([
      { 'Employee id': '007', Name: 'Ann' },
      { 'Employee id': '008', Name: 'Bob', 'Monthly pay': 900, Active: 'yes', 'Tidemark ID': 'emp-bob' },
    ])
    of.person.sort(BOOK, { tab: 'Employees', by: 'Name', descending: true })
    of.person.set(BOOK, { cell: 'Employees!B2', text: 'Robert' })
    await of.device('employees', 'update', 'emp-bob', { monthly_pay: 95_000 })
    await of.sync()
    expect(of.here(`SELECT name, monthly_pay FROM employees WHERE id = 'emp-bob'`)).toEqual([
      { name: 'Robert', monthly_pay: 95_000 },
    ])
    expect(of.shows()).toMatchObject([{ Name: 'Robert', 'Monthly pay': 950 }, { Name: 'Ann' }])
  })

  test('a badge number that another row has waits for a person, and holds up nothing else', async () => {
    const of = open(['B-1', 'Ann', '1000'], ['b-1 ', 'Cleo', '2000'], ['B-3', 'Dan', '3000'])
    await of.sync()
    expect(of.here('SELECT name FROM employees ORDER BY name')).toEqual([{ name: 'Ann' }, { name: 'Dan' }])
    expect(of.here('SELECT kind, detail FROM conflicts WHERE resolved_at IS NULL')).toMatchObject([
      { kind: 'unique' },
    ])
    of.person.set(BOOK, { cell: 'Employees!A3', text: 'B-2' })
    await of.sync()
    expect(of.here('SELECT name, employee_id FROM employees ORDER BY name')).toEqual([
      { name: 'Ann', employee_id: 'B-1' },
      { name: 'Cleo', employee_id: 'B-2' },
      { name: 'Dan', employee_id: 'B-3' },
    ])
    expect(of.here('SELECT id FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
  })

  test('a row that a device deletes has its cells emptied, one that a person deletes goes at the second look', async () => {
    const of = open(...['1', '2', '3', '4', '5', '6'].map((n) => [`B-${n}`, `Name ${n}`, '1000']))
    await of.sync()
    const key = String(of.here(`SELECT id FROM employees WHERE employee_id = 'B-2'`)[0]?.id)
    await of.device('employees', 'delete', key, {})
    of.person.deleteRow(BOOK, { tab: 'Employees', row: 6 })
    await of.sync()
    await of.sync()
    expect(of.here('SELECT employee_id FROM employees WHERE deleted_at IS NULL ORDER BY 1')).toEqual(
      ['B-1', 'B-3', 'B-4', 'B-6'].map((employee_id) => ({ employee_id })),
    )
    expect(of.shows().map((row) => row['Employee id'])).toEqual(['B-1', '', 'B-3', 'B-4', 'B-6'])
  })
})
