import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { listWorld, request } from '../engine/list-world.ts'
import { drain, instance, rows } from '../engine/world.ts'
import { createWorld, type Dialect, dialects } from './erp-world.ts'

// Twelve kinds of broken answer, end to end: the real remote, a real lane. Nothing is deleted, and the run says what it was.

const LIST = 'products'
/** What the second of four pages does, and what the run says of it */
const kinds: readonly [string, object, RegExp][] = [
  ['empty', { empty: true }, /empty|nothing/i],
  ['HTML in place of JSON', { html: true }, /not JSON|HTML|page|grid|error/i],
  ['a login page', { loginPage: true }, /login|sign/i],
  ['truncated', { truncated: 0.5 }, /end|cut|complete|closes|JSON/i],
  [
    '200 with an error text',
    { errorText: 'ORA-01034: ORACLE not available' },
    /ORA-01034|not JSON|grid|table/i,
  ],
  ['the page before it again', { repeat: true }, /repeats the page/i],
  ['a shorter list', { shorter: 5 }, /says it has 80 rows and shows 75/i],
  // A forced run takes a shorter list for what it says; that it says two things is what it is told.
  ['a wrong total', { total: 7 }, /changed while it was read|says it has 7 rows; it had 80/i],
  ['a key twice', { duplicate: true }, /stands twice/i],
  ['garbage in place of a number', { garbage: { package_size: 'many' } }, /package_size|left out/i],
  ['redirects for ever', { redirectLoop: true }, /redirect|sends|HTTP 3/i],
  ['a page without an end', { endless: true }, /large|end|bytes|rows/i],
]

function world(dialect: Dialect) {
  const outside = createWorld({ timeout: 2_000 })
  const at = listWorld([])
  at.world.file.exec(
    `INSERT INTO erp_users VALUES ('anna', 'Anna', 'anna@erp', 'sealed:anna', 1, 0);
     INSERT INTO config VALUES ('erp.connection', '{"dialect":"${dialect}"}', 0, 'op'),
       ('products.erp', '{"probe":"${dialect === 'json' ? 'stamp' : 'rolling'}"}', 0, 'op')`,
  )
  for (let n = 1; n <= 80; n++) {
    const id = `P-${String(n).padStart(4, '0')}`
    outside.person.put(LIST, { id, code: id, name: `Product ${n}`, package_size: n, vat: 22 })
  }
  const sync = async (full: boolean) => {
    const { lane } = instance(at.world, 'products', () => outside.remote, undefined, at.ids)
    const answer = await lane.request(request('products.erp', { full }))
    if (answer.type === 'skipped') throw new Error(answer.reason)
    await drain(at.world, lane, 5_000)
    const [row] = rows(at.world, 'SELECT * FROM runs WHERE id = ?', answer.runId)
    return { status: String(row?.status), said: String(row?.report) }
  }
  const table = (): Row[] =>
    rows(at.world, `SELECT id, name, package_size FROM products WHERE deleted_at IS NULL ORDER BY id`)
  return { outside, at, sync, table }
}

describe.each(dialects)('in %s', (dialect) => {
  test.each(kinds)(
    '%s deletes nothing, is said, and is mended by the next run',
    async (_name, fault, says) => {
      const { outside, sync, table, at } = world(dialect)
      expect((await sync(true)).status).toBe('done')
      const before = table()
      expect(before).toHaveLength(80)
      outside.person.put(LIST, {
        id: 'P-0030',
        code: 'P-0030',
        name: 'Another name',
        package_size: 30,
        vat: 22,
      })
      for (const full of [true, false]) {
        outside.erp.faults.add({
          match: { list: LIST, page: 2 },
          times: Number.POSITIVE_INFINITY,
          do: fault as never,
        })
        const { said } = await sync(full)
        expect(
          table().map(({ id }) => id),
          'nothing is deleted',
        ).toEqual(before.map(({ id }) => id))
        if (full) expect(said).toMatch(says)
        outside.erp.faults.clear()
      }
      for (let i = 0; i < 2; i++) await sync(true)
      expect(table()).toEqual(
        before.map((row) => (row.id === 'P-0030' ? { ...row, name: 'Another name' } : row)),
      )
      expect(rows(at.world, `SELECT * FROM history WHERE op = 'delete'`)).toEqual([])
    },
  )
})
