/**
 * An emulated legacy ERP: JSON under `/api/`, server-rendered HTML everywhere else, the same sessions and data.
 *
 *     const erp = createErp({ clock, random, sleep, users: [{ user: 'anna', password: 'secret' }] })
 *     erp.person.fill({ customersEach: 200, products: 6_000, ordersEach: 50 })
 *     await erp.fetch(new Request('https://any.origin/api/products?page=1', { headers: { cookie } }))
 *
 *     erp.faults.add({ match: { list: 'products', page: 3 }, do: { truncated: 0.5 } })
 *     const hold = erp.faults.hold({ list: 'products', page: 2 })
 *     await hold.arrived(); erp.person.remove('products', 'P-0001'); hold.release()
 *
 * `serveErp({ erp, port })` puts it behind HTTP, with a page for people at `/`.
 */
export { createErp, type Erp, type ErpOptions } from './erp.ts'
export type { FaultAction } from './faults.ts'
export { type ServedErp, serveErp } from './server.ts'
