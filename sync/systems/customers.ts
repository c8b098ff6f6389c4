import { customers } from '../../db/schema.ts'
import { link, type System, table } from '../engine/declare.ts'
import { theirs } from '../engine/merge.ts'
import { DAY, HOUR, MINUTE, perUser, same, shown } from './erp-scopes.ts'

// A user's customers, from the ERP's list of them.

const texts = [
  'vat_number',
  'fiscal_code',
  'address',
  'zip',
  'city',
  'province',
  'phone',
  'mobile',
  'email',
  'pec',
  'sdi',
] as const
const owned = ['user_id', 'erp_id', 'name', ...texts, 'last_order_on'] as const

const customerTable = table(customers, {
  key: 'id',
  merge: Object.fromEntries(owned.map((column) => [column, theirs])),
})

const erp = link('customers.erp', customerTable, 'erp', {
  lane: (user) => `customers:${user}`,
  priority: 4,
  owns: owned,
  writes: [],
  match: ['id'],
  list: { probe: 'rolling', probePages: 10 },
  columns: {
    erp_id: shown('text', 'id', true),
    name: shown('text', 'name', true),
    ...same('text', ...texts),
    ...same('date', 'last_order_on'),
  },
  schedule: { check: 30 * MINUTE, full: 24 * HOUR, login: 2 * HOUR, reconnect: 3 * DAY },
  config: { schedule: 'customers.erp', connection: 'erp.connection' },
  scopes: perUser('customers', 'SELECT id AS key FROM customers WHERE user_id = ?1 AND deleted_at IS NULL'),
  complete: (values, part) => ({ ...values, user_id: part.id, id: `${part.id}:${values.erp_id}` }),
  deletes: 'guarded',
})

export const customersSystem: System = { name: 'customers', tables: [customerTable], links: [erp] }
