import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ben, createBench, listNames, told } from './bench.ts'
import { lists, type Row } from './lists.ts'

const user = { user: 'anna' }
const names = (rows: readonly Row[]) => rows.map(({ name, number }) => name ?? number)

describe('A person who puts a row', () => {
  it('inserts it where the order of the list wants it, or changes the fields that are given', () => {
    const { person } = createBench()
    person.put('customers', { id: 'K2', name: 'B', city: 'Bari' }, user)
    person.put('customers', { id: 'K1', name: 'C' }, user)
    person.put('customers', { id: 'K3', name: 'A' }, user)
    expect(names(person.rows('customers', user))).toEqual(['A', 'B', 'C'])
    person.put('customers', { id: 'K2', name: 'D' }, user)
    expect(names(person.rows('customers', user))).toEqual(['A', 'C', 'D'])
    expect(person.rows('customers', user)[2]).toEqual({ id: 'K2', name: 'D', city: 'Bari' })
    expect(person.rows('customers', ben)).toEqual([])
  })

  it('knows a price by its name', () => {
    const { person } = createBench()
    person.put('prices', { name: 'Valve', price: 5, product_id: 'P1' })
    person.put('prices', { name: 'Valve', price: 6 })
    expect(person.rows('prices')).toEqual([{ name: 'Valve', price: 6, product_id: 'P1' }])
  })

  it('leaves the time of it, unless another time is said', () => {
    const { person, pass } = createBench()
    const modified = () => person.rows('products')[0]!.modified
    person.put('products', { id: 'P', name: 'x', modified: '2020-01-01T00:00:00Z' })
    expect(modified()).toBe('2020-01-01T00:00:00Z')
    person.put('products', { ...person.rows('products')[0]!, name: 'y' })
    expect(modified()).toBe('2026-11-21T08:05:09Z')
    pass(1_999)
    person.put('products', { id: 'P', name: 'z' })
    expect(modified()).toBe('2026-11-21T08:05:10Z')
    person.put('customers', { id: 'K', name: 'x' }, user)
    expect(person.rows('customers', user)[0]).not.toHaveProperty('modified')
  })

  it('brings an order to the front, also within one second', () => {
    const { person } = createBench()
    for (const id of ['1', '2', '3']) person.put('orders', { id, number: id }, user)
    expect(names(person.rows('orders', user))).toEqual(['3', '2', '1'])
    person.put('orders', { id: '1', status: 'x' }, user)
    expect(names(person.rows('orders', user))).toEqual(['1', '3', '2'])
  })

  it('keeps lines, note and documents of an order that are not named', async () => {
    const { person, call, login } = createBench()
    const cookie = await login()
    const detail = async () => (await call('/api/orders/1', cookie)).json()
    person.put(
      'orders',
      { id: '1', lines: [{ line: 1, name: 'a' }], note: 'n', ddt: [{ number: 'd' }] },
      user,
    )
    person.put('orders', { id: '1', status: 'x' }, user)
    expect(await detail()).toEqual({ id: '1', lines: [{ line: 1, name: 'a' }], note: 'n' })
    expect(person.rows('orders', user)[0]).not.toHaveProperty('lines')
    person.put('orders', { id: '1', lines: [], note: null }, user)
    expect(await detail()).toEqual({ id: '1', lines: [], note: null })
    expect(await (await call('/api/orders/1/ddt', cookie)).json()).toEqual({ ddt: [{ number: 'd' }] })
    person.remove('orders', '1', user)
    expect((await call('/api/orders/1', cookie)).status).toBe(404)
  })

  it('must say whose list it is, and the key', () => {
    const { person } = createBench()
    expect(() => person.put('customers', { id: 'K', name: 'x' })).toThrow('Say whose customers')
    expect(() => person.put('customers', { id: 'K', name: 'x' }, { user: 'eve' })).toThrow('no user eve')
    expect(() => person.put('products', { name: 'x' })).toThrow('needs its id')
    person.removeUser('ben')
    person.put('customers', { id: 'K', name: 'x' })
    expect(person.rows('customers')).toHaveLength(1)
  })
})

describe('A list that is sorted by hand', () => {
  const ids = (rows: readonly Row[]) => rows.map(({ id }) => id).join('')

  it('has a row at any index, whatever the order says, and a whole order of its own', () => {
    const { person } = createBench()
    for (const id of ['a', 'b', 'c', 'd']) person.put('products', { id, code: id, name: id })
    person.move('products', 'd', 1)
    expect(ids(person.rows('products'))).toBe('adbc')
    person.order('products', ['c', 'nobody', 'a'])
    expect(ids(person.rows('products'))).toBe('cadb')
    person.put('products', { id: 'a', name: 'changed' })
    expect(ids(person.rows('products'))).toBe('cadb')
    person.remove('products', 'nobody')
    person.remove('products', 'c')
    expect(ids(person.rows('products'))).toBe('adb')
  })
})

describe('Any acts of people', () => {
  const act = fc.record({
    kind: fc.constantFrom('put', 'put', 'remove', 'move', 'order'),
    id: fc.constantFrom(...'abcdefgh'),
    name: fc.constantFrom(...'stuvw'),
    to: fc.nat(9),
  })

  it('leave every row once, by its key; and in the order of the list where nobody sorted by hand', () => {
    fc.assert(
      fc.property(fc.constantFrom(...listNames), fc.array(act, { maxLength: 40 }), (list, acts) => {
        const { person, pass } = createBench()
        const { key, compare } = lists[list]
        const there = new Map<string, string>()
        let byHand = false
        for (const { kind, id, name, to } of acts) {
          pass(to * 300)
          if (kind === 'put') {
            const other = key === 'name' ? { product_id: name } : { name, code: name }
            person.put(list, { [key]: id, ...other }, user)
            there.set(id, name)
          } else if (kind === 'remove') {
            person.remove(list, id, user)
            there.delete(id)
          } else {
            byHand = true
            if (kind === 'move') person.move(list, id, to, user)
            else person.order(list, [id], user)
          }
        }
        const rows = person.rows(list, user)
        expect(new Map(rows.map((row) => [row[key], key === 'name' ? row.product_id : row.name]))).toEqual(
          there,
        )
        expect(rows).toHaveLength(there.size)
        if (!byHand) expect(rows.toSorted(compare)).toEqual(rows)
      }),
    )
  })
})

describe('The demo data', () => {
  const filling = { customersEach: 100, products: 300, ordersEach: 50 }

  it('is the same every time, sorted, with keys of its own for each user, in place of what was there', () => {
    const [one, two] = [createBench(), createBench()]
    one.person.put('products', { id: 'old', name: 'old' })
    one.person.fill(filling)
    two.person.fill(filling)
    for (const list of listNames) {
      const rows = one.person.rows(list, user)
      expect(rows).toEqual(two.person.rows(list, user))
      expect(rows).toEqual(rows.toSorted(lists[list].compare))
      expect(new Set(rows.map((row) => row[lists[list].key])).size).toBe(rows.length)
    }
    expect(one.person.rows('products')).toHaveLength(300)
    const customers = [user, ben].flatMap((who) => one.person.rows('customers', who).map(({ id }) => id))
    expect(new Set(customers).size).toBe(200)
  })

  it('has prices without a product, unless all are asked for', () => {
    const { person } = createBench()
    const nameless = () => person.rows('prices').filter(({ product_id }) => product_id === null).length
    person.fill(filling)
    expect(nameless()).toBeGreaterThan(10)
    person.fill({ ...filling, prices: 'all' })
    expect(nameless()).toBe(0)
    const named = new Map(person.rows('products').map(({ id, name }) => [id, name]))
    for (const { product_id, name } of person.rows('prices')) expect(named.get(product_id)).toBe(name)
  })

  it('has orders whose lines make their total', async () => {
    const { person, call, login } = createBench()
    person.fill(filling)
    const cookie = await login()
    for (const { id, total, modified, status } of person.rows('orders', user).slice(0, 20)) {
      const { lines } = await told(await call(`/api/orders/${id}`, cookie))
      const sum = lines.reduce((all, { amount }) => all + amount, 0)
      expect(sum).toBeCloseTo(Number(total), 2)
      expect(Date.parse(String(modified))).toBeLessThanOrEqual(Date.UTC(2026, 10, 21, 8, 5, 9))
      expect(status).toMatch(/[a-z]/)
    }
  })
})
