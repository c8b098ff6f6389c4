import { afterEach, describe, expect, it } from 'vitest'
import { anna, createBench } from './bench.ts'
import { type ServedErp, serveErp } from './index.ts'
import { amountIn } from './page/pages.ts'

let served: ServedErp | null = null

afterEach(async () => {
  await served?.close()
  served = null
})

async function serving(options = {}) {
  const bench = createBench({ concurrency: 2, ...options })
  bench.person.fill({ customersEach: 30, products: 45, ordersEach: 5 })
  served = await serveErp({ erp: bench.erp })
  const { url } = served
  const get = (path: string, cookie = '') =>
    fetch(`${url}${path}`, { headers: { cookie }, redirect: 'manual' })
  const post = (path: string, body: Record<string, string>) =>
    fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' })
  return { ...bench, url, get, post }
}

describe('The ERP behind HTTP', () => {
  it('takes logins and orders, and shows lists and pictures', async () => {
    const { get, post, url, person } = await serving()
    const login = await post('/login', anna)
    const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
    expect([login.status, login.headers.get('location')]).toEqual([302, '/home'])
    expect(await (await get('/api/products?page=2', cookie)).json()).toMatchObject({ page: 2, total: 45 })
    expect(await (await get('/lists/products?page=2', cookie)).text()).toContain('Page 2 of 3')
    const [product] = person.rows('products')
    const image = await get(String(product!.image), cookie)
    expect(image.headers.get('content-type')).toBe('image/jpeg')
    expect((await image.arrayBuffer()).byteLength).toBeGreaterThan(60)
    const [customer] = person.rows('customers', { user: 'anna' })
    const made = await fetch(`${url}/api/orders`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ customer_id: customer!.id, lines: [{ product_id: product!.id, quantity: 1 }] }),
    })
    expect(made.status).toBe(201)
  })

  it.each([{ lost: true }, { cut: 0 }, { cut: 20 }])('closes the socket at %j', async (fault) => {
    const { erp, get } = await serving()
    erp.faults.add({ match: { path: '/login' }, do: fault as { lost: true } })
    await expect(get('/login').then((response) => response.text())).rejects.toThrow()
    expect((await get('/login')).status).toBe(200)
  })

  it('sends an endless answer no faster than it is read, and stops with the reader', async () => {
    const { erp, get, login } = await serving()
    const cookie = await login()
    erp.faults.add({ match: { list: 'products' }, do: { endless: true } })
    const reader = (await get('/api/products', cookie)).body!.getReader()
    let bytes = 0
    while (bytes < 500_000) bytes += (await reader.read()).value!.length
    await reader.cancel()
    expect((await get('/api/products', cookie)).status).toBe(200)
  })

  it('hears a caller hang up', async () => {
    const { erp, url, get, login } = await serving({ concurrency: 1 })
    const cookie = await login()
    const hold = erp.faults.hold({ list: 'products' })
    const abort = new AbortController()
    const called = fetch(`${url}/api/products`, { headers: { cookie }, signal: abort.signal })
    await hold.arrived()
    abort.abort()
    await expect(called).rejects.toThrow()
    await expect.poll(async () => (await get('/api/prices', cookie)).status).toBe(200)
    hold.release()
  })
})

describe('The page for people', () => {
  it('shows the lists in short and the last calls, which it is none of', async () => {
    const { get, erp } = await serving()
    await get('/login?<b>')
    const page = await (await get('/')).text()
    expect(page).toContain('products: 8 of 45')
    expect(page).toContain('customers of anna: 8 of 30')
    expect(page).toContain('orders of ben: 5 of 5')
    expect(page).toMatch(/<td>GET<\/td><td>\/login\?/)
    for (let i = 0; i < 30; i += 1) await get(`/login?${i}`)
    const live = await (await get('/page/live')).text()
    expect(live.match(/<td>GET/g)).toHaveLength(20)
    expect(live).toContain('/login?29')
    expect(erp.calls).toHaveLength(31)
    expect((await get('/page/erp.css')).headers.get('content-type')).toBe('text/css')
    expect((await get('/page/erp.js')).headers.get('content-type')).toBe('text/javascript')
  })

  it('searches products and prices, and shows any name as text', async () => {
    const { get, person } = await serving()
    person.put('products', { id: 'X', name: '<script>"&' })
    const page = await (await get('/?q=%3Cscript')).text()
    expect(page).toContain('products: 1 of 1')
    expect(page).toContain('&lt;script&gt;&quot;&amp;')
    expect(page).not.toContain('<script>"')
  })

  it('changes a price, adds and removes a product, sets the latency', async () => {
    const { post, person, erp } = await serving()
    const { name } = person.rows('prices')[0]!
    const back = await post('/page/price', { name: String(name), price: '1.234,50', q: 'a b' })
    expect([back.status, back.headers.get('location')]).toEqual([303, '/?q=a+b'])
    expect(person.rows('prices')[0]).toMatchObject({ name, price: 1_234.5, currency: 'EUR' })
    await post('/page/add', { name: 'Chiave inglese', price: '9.5' })
    const added = person.rows('products').find((row) => row.name === 'Chiave inglese')!
    expect(person.rows('prices').find(({ product_id }) => product_id === added.id)).toMatchObject({
      price: 9.5,
    })
    await post('/page/remove', { id: String(added.id) })
    expect(person.rows('products')).toHaveLength(45)
    await post('/page/latency', { ms: '120' })
    expect(erp.latency).toBe(120)
  })

  it.each([
    ['price', { name: 'nobody', price: '5' }],
    ['price', { name: 'nobody', price: '-5' }],
    ['add', { name: ' ', price: '5' }],
    ['add', { name: 'x', price: 'much' }],
    ['latency', { ms: '' }],
    ['latency', { ms: '1e9' }],
    ['nothing', {}],
  ])('says why it does not do: %s %j', async (button, form) => {
    const { post, person, erp } = await serving()
    const response = await post(`/page/${button}`, form)
    expect(response.status).toBe(422)
    expect(await response.text()).toContain('role="alert"')
    expect([person.rows('products').length, person.rows('prices').length, erp.latency]).toEqual([45, 45, 0])
  })

  it.each([
    ['12,50', 12.5],
    ['1.234,50', 1_234.5],
    ['12.5', 12.5],
    ['0', 0],
    ['1,234', null],
    ['', null],
    ['1e3', null],
  ])('reads %s as %s', (typed, amount) => {
    expect(amountIn(typed)).toBe(amount)
  })
})
