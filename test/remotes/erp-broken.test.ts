import { describe, expect, it } from 'vitest'
import { bad, createWorld, dialects, good } from './erp-world.ts'

function filled(options = {}) {
  const world = createWorld(options)
  for (let i = 10; i < 55; i++)
    world.person.put('products', { id: `P${i}`, code: `C${i}`, name: `Product ${i}`, vat: 22 })
  return world
}

describe.each(dialects)('A broken answer never becomes rows (%s)', (dialect) => {
  it.each([
    ['no bytes', { empty: true }, /products page 2 was empty/],
    ['half an answer', { truncated: 0.5 }, /not complete JSON|lacks its table/],
    ['nearly all of an answer', { truncated: 0.97 }, /not complete JSON|lacks its (table|pager)/],
    [
      'an error sentence',
      { errorText: 'ORA-00942: table or view does not exist' },
      /ORA-00942: table or view does not exist/,
    ],
    ['HTTP 500', { status: 500, body: 'Internal error' }, /HTTP 500: “Internal error”/],
    ['HTTP 403', { status: 403 }, /HTTP 403/],
    ['a redirect to itself', { redirectLoop: true }, /sends products page 2 on to/],
    ['an answer without an end', { endless: true }, /has no end/],
    ['a dead connection', { cut: 50 }, /connection to the ERP broke/],
    ['a lost answer', { lost: true }, /connection to the ERP broke/],
  ] as const)('%s', async (_name, fault, reason) => {
    const { erp, read, calls } = filled()
    good(await read('products', dialect, 1))
    erp.faults.add({ match: { list: 'products', page: 2 }, times: Number.POSITIVE_INFINITY, do: fault })
    calls()
    const failure = bad(await read('products', dialect, 2))
    expect(failure).toMatchObject({
      type: 'status' in fault && fault.status === 403 ? 'refused' : 'unavailable',
      reason: expect.stringMatching(reason),
    })
    expect('mend' in failure && failure.mend).toMatch(/[a-z]/)
    expect(calls()).toHaveLength(1)
    erp.faults.clear()
    expect(good(await read('products', dialect, 2)).rows).toHaveLength(20)
  })

  it('a page of the other dialect, named by its first words', async () => {
    const { erp, read } = filled()
    if (dialect === 'json') {
      erp.faults.add({ match: { list: 'products' }, do: { html: true } })
      expect(bad(await read('products', dialect))).toMatchObject({
        type: 'unavailable',
        reason: expect.stringMatching(/a web page in place of data: “[^<]{5,}”/),
      })
    } else {
      erp.faults.add({ match: { list: 'products' }, do: { status: 200, body: '{"rows":[]}' } })
      expect(bad(await read('products', dialect))).toMatchObject({
        type: 'unavailable',
        reason: expect.stringContaining('data in place of a page'),
      })
    }
  })

  it('an answer that takes too long', async () => {
    const { erp, read } = filled({ timeout: 30 })
    good(await read('products', dialect, 1))
    const held = erp.faults.hold({ list: 'products', page: 2 })
    expect(bad(await read('products', dialect, 2))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('did not answer within'),
    })
    held.release()
  })
})

describe('An answer of JSON that is none of ours', () => {
  const answer = {
    list: 'products',
    page: 1,
    pages: 1,
    total: 1,
    pageSize: 20,
    rows: [{ id: 'P1', name: 'One' }],
  }
  it.each([
    ['of another list', { list: 'customers' }, 'is of another list (customers)'],
    ['that names no list', { list: undefined }, 'does not say which list'],
    ['with another page', { page: 2 }, 'is page 2'],
    ['whose rows are no list', { rows: { 0: {} } }, 'has no rows'],
    ['without rows', { rows: undefined }, 'has no rows'],
    ['with half a row in total', { total: 1.5 }, 'says total 1.5'],
    ['with fewer than no pages', { pages: -1 }, 'says pages -1'],
    ['with a total as text', { total: '45' }, 'says total "45"'],
    ['without a total', { total: undefined }, 'says total undefined'],
    ['whose rows all lack a column', { rows: [{ id: 'P1' }, { id: 'P2' }] }, 'has no column name'],
    [
      'with more rows than a page can have',
      { rows: Array(1_001).fill({ id: 'P1', name: 'x' }) },
      'more than 1000 rows',
    ],
    ['with an error in it', { error: 'no rights' }, 'with: “no rights”'],
  ])('%s', async (_name, other, reason) => {
    const { erp, read } = createWorld()
    erp.faults.add({
      match: { list: 'products' },
      do: { status: 200, body: JSON.stringify({ ...answer, ...other }) },
    })
    expect(bad(await read('products', 'json'))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining(reason),
    })
  })

  it('a list in place of an object', async () => {
    const { erp, read } = createWorld()
    erp.faults.add({ match: { list: 'products' }, do: { status: 200, body: '[1,2]' } })
    expect(bad(await read('products', 'json'))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('something else: “[1,2]”'),
    })
  })

  it('rows that are no rows are rejected one by one', async () => {
    const { erp, read } = createWorld()
    const rows = [{ id: 'P1', name: 'One' }, null, 5, ['P2'], 'P3', { id: 'P4', name: 'Four' }]
    erp.faults.add({
      match: { list: 'products' },
      do: { status: 200, body: JSON.stringify({ ...answer, rows }) },
    })
    const page = good(await read('products', 'json'))
    expect(page.rows.map(({ position }) => position)).toEqual([0, 5])
    expect(page.rejected!.map(({ position, raw }) => [position, raw])).toEqual([
      [1, 'null'],
      [2, '5'],
      [3, '["P2"]'],
      [4, '"P3"'],
    ])
  })
})

describe('A web page that is none of ours', () => {
  const headers = [
    'id',
    'code',
    'name',
    'description',
    'product_group',
    'package_size',
    'vat',
    'image',
    'modified',
  ]
  const page = ({
    fields = headers,
    cells = `<td>P1</td><td>C</td><td>One</td>${'<td>&nbsp;</td>'.repeat(6)}`,
    pager = 'Page 1 of 1 (1 items)',
  } = {}) =>
    `<table id="grid"><thead><tr>${fields.map((name) => `<th data-field="${name}">x</th>`).join('')}</tr></thead>
     <tbody><tr>${cells}</tr></tbody></table><div class="pager">${pager}</div>`

  it.each([
    [
      'without the column of the key',
      { fields: ['code', ...headers.slice(1).map((name) => (name === 'code' ? 'other' : name))] },
      'has no column id',
    ],
    ['with a column twice', { fields: [...headers.slice(0, 8), 'id'] }, 'two columns id'],
    ['of another list', { fields: ['id', 'name', 'a', 'b', 'c', 'd', 'e', 'f', 'g'] }, 'is of another list'],
    ['with another page', { pager: 'Page 2 of 2 (21 items)' }, 'is page 2'],
    ['whose pager counts in no way we know', { pager: 'Page 1 of many' }, 'pager of products page 1 can'],
    ['whose pager has half an item', { pager: 'Page 1 of 1 (1,5 items)' }, 'pager of products page 1 can'],
  ])('%s', async (_name, other, reason) => {
    const { erp, read } = createWorld()
    erp.faults.add({ match: { list: 'products' }, do: { status: 200, body: page(other) } })
    expect(bad(await read('products', 'html'))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining(reason),
    })
  })

  it('that says what went wrong is quoted by that, and not by its menus', async () => {
    const { erp, read } = createWorld()
    const body =
      '<nav>Customers</nav><h1>ERP</h1><p>Welcome</p><div class="box error">No <b>rights</b> &amp; no list</div>'
    erp.faults.add({ match: { list: 'products' }, do: { status: 200, body } })
    expect(bad(await read('products', 'html'))).toMatchObject({
      type: 'unavailable',
      reason: 'The ERP answered products page 1 with: “No rights & no list”',
    })
  })

  it('that is an error and no more is quoted without the frame that all pages have', async () => {
    const { erp, read } = createWorld()
    erp.faults.add({ match: { list: 'products' }, do: { errorText: 'Session table is full' } })
    expect(bad(await read('products', 'html'))).toMatchObject({
      reason: "The ERP's page of products page 1 lacks its table or its end: “Session table is full”",
    })
  })

  it('a row with too few cells is rejected, for nobody knows which one is missing', async () => {
    const { erp, read } = createWorld()
    erp.faults.add({
      match: { list: 'products' },
      do: { status: 200, body: page({ cells: '<td>P1</td><td>One</td>' }) },
    })
    expect(good(await read('products', 'html')).rejected).toEqual([
      { reason: 'it has 2 cells, and the table 9 columns', raw: 'P1 | One', position: 0 },
    ])
  })

  it('a column that it does not show is in no row; an empty cell is null', async () => {
    const { erp, read } = createWorld()
    const shown = {
      fields: headers.slice(0, 6),
      cells: '<td>P1</td><td>C</td><td>One</td><td>&nbsp;</td><td> </td><td></td>',
    }
    erp.faults.add({ match: { list: 'products' }, do: { status: 200, body: page(shown) } })
    expect(good(await read('products', 'html')).rows).toEqual([
      {
        position: 0,
        values: {
          id: 'P1',
          code: 'C',
          name: 'One',
          description: null,
          product_group: null,
          package_size: null,
        },
      },
    ])
  })
})
