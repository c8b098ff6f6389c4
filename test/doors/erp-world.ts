import { digest } from '../../sync/engine/digest.ts'
import type { ActionRequest } from '../../sync/protocol/lane.ts'
import { type Doors, openDoors } from './world.ts'

const HOUR = 3_600_000

/** Texts that only stand in rows of the ERP which ann may not see. */
export const ERP_SECRETS = [
  'bob-client',
  'bob-order',
  'bob-request',
  'customers:bob',
  'orders:bob',
  'bob-run',
  'bob-conflict',
]

/** What the ERP says to an order; `queued`: it is still going. */
export type Outcome = 'done' | 'refused' | 'unknown' | 'queued'

export interface ErpDoors extends Doors {
  /** Of the next orders; `done` when none is left */
  readonly outcomes: Outcome[]
}

/** Doors with two users of the ERP, what was synced for them, and lanes that make orders at once. */
export async function openErpDoors(): Promise<ErpDoors> {
  const doors = await openDoors()
  const { file, lanes } = doors
  for (const user of ['ann', 'bob']) {
    file.exec(`
      INSERT INTO erp_users VALUES ('${user}', 'The ${user}', '${user}-login', 'v1.sealed.password', 1, 1);
      INSERT INTO customers (id, user_id, erp_id, name, vat_number, city, version, updated_at, origin)
        VALUES ('${user}:C1', '${user}', 'C1', '${user}-client', '${user}-vat', 'Roma', 1, 1, 'erp'),
          ('${user}:C2', '${user}', 'C2', 'zeta ${user}-client', NULL, NULL, 1, 1, 'erp');
      INSERT INTO orders (id, user_id, erp_id, number, customer_name, ordered_on, total, lines, ddt, version, updated_at, origin)
        VALUES ('${user}:O1', '${user}', 'O1', '${user}-order', 'x', '2026-11-01', 1250, '${LINES}', '${DDT}', 1, 1, 'erp'),
          ('${user}:O2', '${user}', 'O2', NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 'erp');
      INSERT INTO actions (id, link, scope, lane, kind, key, content, body, status, actor, created_at, finished_at)
        VALUES ('${user}-request', 'orders.erp', '${user}', 'orders:${user}', 'create_order', 'first', 'x', '${BODY}', 'unknown',
          'admin', 1, 2);
      INSERT INTO runs (id, link, scope, lane, trigger, params, actor, status, report, enqueued_at, started_at, finished_at)
        VALUES ('01-${user}-run', 'customers.erp', '${user}', 'customers:${user}', 'cron', '{"parts":null,"full":false}', 'cron',
          'done', '${report(user, 10)}', 1, 1, 20001);
      INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, kind, detail, opened_at)
        VALUES ('${user}-conflict', 'customers:${user}', 'customers.erp', '${user}', '${user}', 'customers', 'C1', 'duplicate',
          'stands twice', 1)`)
    for (const link of ['customers.erp', 'orders.erp'])
      knownScope(doors, link, user, `${link.split('.')[0]}:${user}`)
  }
  for (const link of ['products.erp', 'prices.erp']) knownScope(doors, link, 'shared', 'products')
  file.exec(`
    INSERT INTO runs (id, link, scope, lane, trigger, params, actor, status, report, enqueued_at, started_at, finished_at)
      VALUES ('01-shared-run', 'products.erp', 'shared', 'products', 'manual', '{"parts":null,"full":true}', 'admin', 'done',
        '${report('shared', 30)}', 1, 1, 20001);
    INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, kind, detail, opened_at)
      VALUES ('shared-conflict', 'products', 'prices.erp', 'shared', 'shared', 'products', 'P-1', 'ambiguous', 'two', 1);
    INSERT INTO products (id, code, name, name_key, image, price, discount, currency, version, updated_at, origin)
      VALUES ('P-1', 'A-100', 'Caffè Nero', 'caffenero', '/images/P-1.jpg', 1050, 500, 'EUR', 3, 1, 'erp'),
        ('P-2', 'B_200', 'Tè verde', 'teverde', NULL, NULL, NULL, NULL, 1, 1, 'erp'),
        ('P 3/x', 'B1200', 'Acqua', 'acqua', NULL, 90, NULL, 'EUR', 1, 1, 'erp');
    INSERT INTO product_images (product_id, path, status, attempts, last_error, object, type, bytes, created_at, next_at, stored_at)
      VALUES ('P-1', '/images/P-1.jpg', 'stored', 1, NULL, 'P-1/one', 'image/jpeg', 3, 1, 1, 5),
        ('P-2', '/images/P-2.jpg', 'dead', 8, 'it is 9 MB', NULL, NULL, NULL, 1, 1, NULL);
    INSERT INTO link_deferred (link, scope, part, name, kind, row, reason, since, run_id)
      VALUES ('prices.erp', 'shared', 'shared', 'd1', 'unmatched', '{"name":"Zucchero","id":null,"price":120}', 'no product', 1, 'r'),
        ('prices.erp', 'shared', 'shared', 'd2', 'ambiguous', '{"name":"Caffe","price":99}', 'two products', 1, 'r')`)
  doors.bucket.set('P-1/one', new Uint8Array([1, 2, 3]))
  const outcomes: Outcome[] = []
  lanes.act = async (lane, action) => takeAction(doors, lane, action, outcomes)
  return Object.assign(doors, { outcomes })
}

const LINES = JSON.stringify([
  { line: 1, product_id: 'P-1', name: 'Caffè', quantity: 2, price: 625, discount: null, amount: 1250 },
])
const DDT = JSON.stringify([{ number: '7', on: '2026-11-02', carrier: 'X', tracking: null, status: 'sent' }])
const BODY = JSON.stringify({ customer_id: 'C1', lines: [{ product_id: 'P-1', quantity: 1 }], note: '' })

const report = (part: string, calls: number): string =>
  JSON.stringify({
    counts: { read: 5, merged: 0, written: 0, skipped: 0, rejected: 0, conflicts: 0, deleted: 0, calls },
    parts: [
      {
        id: part,
        name: part,
        status: 'done',
        rows: 2,
        updated: 2,
        derived: 0,
        sent: 0,
        warnings: [],
        at: null,
      },
    ],
    warnings: [],
    warnings_cut: 0,
  })

/** A link's state in a scope: brought up to date three hours ago, of 40 pages; two pages are here. */
function knownScope({ file }: Doors, link: string, scope: string, lane: string): void {
  const at = Date.now() - 3 * HOUR
  file
    .prepare(
      `INSERT INTO link_state (link, scope, lane, last_full_at, last_check_at, next_due_at, last_status, last_good_at, list,
        checks, skips) VALUES (?1, ?2, ?3, ?4, ?4, ?4, 'done', ?4, '{"pages":40,"total":800}', 9, 4)`,
    )
    .run(link, scope, lane, at)
  const page = file.prepare(
    `INSERT INTO link_pages (link, scope, page, rows, live, run_id, at) VALUES (?1, ?2, ?3, '[]', ?4, 'r', 1)`,
  )
  page.run(link, scope, '1', 20)
  page.run(link, scope, '2', 3)
}

/** The rules of `LaneRpc.act`: a key is taken once, with one content; what becomes of it is scripted. */
function takeAction({ file }: Doors, lane: string, action: ActionRequest, outcomes: Outcome[]) {
  const content = digest(JSON.stringify([action.kind, action.body]))
  const known = file
    .prepare('SELECT id, content FROM actions WHERE lane = ? AND key = ?')
    .get(lane, action.key)
  if (known && known.content !== content) {
    const detail = `The key ${action.key} was used for another order.`
    return { type: 'failed', failure: { type: 'conflict', detail } } as const
  }
  if (known) return { type: 'known', id: String(known.id) } as const
  const status = outcomes.shift() ?? 'done'
  const n = Number(file.prepare('SELECT count(*) AS n FROM actions').get()?.n)
  const id = `act-${String(n).padStart(4, '0')}`
  const why = { done: null, queued: null, refused: 'There is no such product.', unknown: 'No answer came.' }[
    status
  ]
  file
    .prepare(
      `INSERT INTO actions (id, link, scope, lane, kind, key, content, body, status, result, reason, mend, actor, created_at,
        sent_at, finished_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14, ?14)`,
    )
    .run(
      id,
      action.link,
      action.scope,
      lane,
      action.kind,
      action.key,
      content,
      JSON.stringify(action.body),
      status,
      status === 'done' ? JSON.stringify({ erp_id: `E-${n}`, number: `2026/${n}` }) : null,
      why,
      why && 'Look in the ERP.',
      action.actor,
      status === 'queued' ? null : 2,
    )
  return { type: 'accepted', id } as const
}
