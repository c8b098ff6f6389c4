import { statement } from '../../db/database.ts'
import { orders } from '../../db/schema.ts'
import { link, type System, table } from '../engine/declare.ts'
import { theirs } from '../engine/merge.ts'
import { DAY, HOUR, MINUTE, perUser, same, shown } from './erp-scopes.ts'

// A user's orders with their lines and delivery documents, newest first; and orders that people make from here.

const texts = ['number', 'customer_id', 'customer_name', 'status', 'external_ref'] as const
const dates = ['ordered_on', 'delivery_on'] as const
const detailed = ['note', 'lines', 'ddt'] as const
const owned = ['user_id', 'erp_id', ...texts, ...dates, 'total', 'erp_modified_at', ...detailed] as const

const orderTable = table(orders, {
  key: 'id',
  merge: Object.fromEntries(owned.map((column) => [column, theirs])),
})

const erp = link('orders.erp', orderTable, 'erp', {
  lane: (user) => `orders:${user}`,
  priority: 3,
  owns: owned,
  writes: [],
  match: ['id'],
  list: { probe: 'recentFirst', probePages: 10, modified: 'erp_modified_at', overlap: 7 * DAY },
  details: true,
  actions: ['create_order'],
  columns: {
    erp_id: shown('text', 'id', true),
    ...same('text', ...texts),
    ...same('date', ...dates),
    total: shown('money', 'total'),
    erp_modified_at: shown('time', 'modified'),
  },
  schedule: { check: HOUR, full: 12 * HOUR, login: 2 * HOUR, lazy: 10 * MINUTE },
  config: { schedule: 'orders.erp', connection: 'erp.connection' },
  scopes: perUser('orders', 'SELECT id AS key FROM orders WHERE user_id = ?1 AND deleted_at IS NULL'),
  complete: (values, part) => ({ ...values, user_id: part.id, id: `${part.id}:${values.erp_id}` }),
  settles: (user, now) => [found(user, now)],
  deletes: 'guarded',
})

/** An order whose making was left unknown, and that the list showed after all. */
const found = (user: string, now: number) =>
  statement(
    `UPDATE actions SET status = 'done', reason = NULL, mend = NULL, finished_at = ?2,
        result = json_object('erp_id', o.erp_id, 'number', o.number)
      FROM orders o
      WHERE actions.lane = 'orders:' || ?1 AND actions.status = 'unknown'
        AND o.user_id = ?1 AND o.external_ref = actions.scope || ':' || actions.key`,
    user,
    now,
  )

export const ordersSystem: System = { name: 'orders', tables: [orderTable], links: [erp] }
