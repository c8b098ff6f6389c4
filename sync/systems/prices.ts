import { link, type System } from '../engine/declare.ts'
import { nameKey } from '../remotes/erp/name-key.ts'
import { forAll, HOUR, same, shown } from './erp-scopes.ts'
import { priceColumns, productTable } from './products.ts'

// The price list: a list of its own in the ERP, which fills columns of the products that are here already.

const erp = link('prices.erp', productTable, 'erp', {
  lane: () => 'products',
  priority: 1,
  owns: priceColumns,
  writes: [],
  // By id, by the exact name, by the normalised name. The key narrows the search for the exact name, and has an index.
  match: ['id'],
  orMatch: [['name_key', 'name'], ['name_key']],
  adds: false,
  after: 'products.erp',
  list: { probe: 'rolling', probePages: 10 },
  columns: {
    id: shown('text', 'product_id'),
    name: shown('text', 'name', true),
    price: shown('money', 'price', true),
    discount: shown('percent', 'discount'),
    ...same('text', 'currency'),
  },
  schedule: { check: 3 * HOUR, full: 24 * HOUR },
  config: { schedule: 'prices.erp', connection: 'erp.connection' },
  scopes: forAll('prices', 'Prices', 'SELECT id AS key FROM products WHERE false'),
  complete: (values) => ({ ...values, name_key: nameKey(String(values.name ?? '')) || null }),
  deletes: 'never',
})

export const pricesSystem: System = { name: 'prices', tables: [productTable], links: [erp] }
