import { statement } from '../../db/database.ts'
import { products } from '../../db/schema.ts'
import { link, type System, table } from '../engine/declare.ts'
import { theirs } from '../engine/merge.ts'
import { nameKey } from '../remotes/erp/name-key.ts'
import { forAll, HOUR, same, shown } from './erp-scopes.ts'

// The catalogue, one for all. Its price columns belong to the prices' link, which shares table and lane.

const owned = [
  'code',
  'name',
  'name_key',
  'description',
  'product_group',
  'package_size',
  'vat',
  'image',
  'erp_modified_at',
] as const
export const priceColumns = ['price', 'discount', 'currency'] as const

export const productTable = table(products, {
  key: 'id',
  merge: Object.fromEntries([...owned, ...priceColumns].map((column) => [column, theirs])),
})

const erp = link('products.erp', productTable, 'erp', {
  lane: () => 'products',
  priority: 2,
  owns: owned,
  writes: [],
  match: ['id'],
  list: { probe: 'stamp', probePages: 10 },
  columns: {
    id: shown('text', 'id', true),
    name: shown('text', 'name', true),
    ...same('text', 'code', 'description', 'product_group', 'image'),
    ...same('whole', 'package_size', 'vat'),
    erp_modified_at: shown('time', 'modified'),
  },
  schedule: { check: 2 * HOUR, full: 24 * HOUR },
  config: { schedule: 'products.erp', connection: 'erp.connection' },
  scopes: forAll('products', 'Products', 'SELECT id AS key FROM products WHERE deleted_at IS NULL'),
  complete: (values) => ({ ...values, name_key: nameKey(String(values.name ?? '')) }),
  derive: (_part, _day, now, keys) => pictures(keys, now),
  deletes: 'guarded',
})

/** Pictures to fetch: of products whose picture is another one now, and of those that have none any more (to be removed). */
const pictures = (keys: string, now: number) => [
  statement(
    `INSERT INTO product_images (product_id, path, status, created_at, next_at)
      SELECT p.id, coalesce(p.image, ''), 'pending', ?2, ?2
      FROM json_each(?1) j CROSS JOIN products p ON p.id = j.value LEFT JOIN product_images i ON i.product_id = p.id
      WHERE CASE WHEN p.image != '' AND p.deleted_at IS NULL THEN i.path IS NOT p.image ELSE i.path IS NOT NULL END
      ON CONFLICT (product_id) DO UPDATE SET status = 'pending', attempts = 0, next_at = excluded.next_at,
        path = iif(excluded.path = '', path, excluded.path),
        last_error = iif(path IS excluded.path OR excluded.path = '', last_error, NULL)`,
    keys,
    now,
  ),
]

export const productsSystem: System = { name: 'products', tables: [productTable], links: [erp] }
