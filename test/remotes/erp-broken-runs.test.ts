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

const DAY = 24 * 3_600_000

/**
 * With a stamp, a page that is a proper one but for some rows is believed, with its warnings: the stamp is that of the
 * whole list, so the next check finds it unchanged and the rows that were left out stay as they were until all is read.
 */
const UNTIL_FULL = new Set(['a shorter list', 'a key twice', 'garbage in place of a number'])

/** Changed while the remote is broken: the first and the last row of the broken page, and one before and one after it */
const CHANGED = [3, 21, 40, 70]

/** The n-th product as the ERP has it; its list goes by the code, 20 rows a page. */
const shown = (n: number) => {
  const id = `P-${String(n).padStart(4, '0')}`
  return { id, code: id, name: `Product ${n}`, package_size: n, vat: 22 }
}

interface Report {
  readonly reason?: string
  readonly parts: readonly {
    readonly reason?: string
    readonly warnings: readonly { readonly message: string }[]
  }[]
}
/** What a run tells people: its reasons and warnings. */
const wordsOf = ({ reason, parts }: Report): string[] =>
  [reason, ...parts.flatMap((part) => [part.reason, ...part.warnings.map(({ message }) => message)])].filter(
    (word) => word !== undefined,
  )

/** Why the list could not be read the last time, as its state has it. */
function troubleOf(world: Parameters<typeof rows>[0]): { reason: string; mend: string } | null {
  const [state] = rows(world, 'SELECT trouble FROM link_state')
  return JSON.parse(String(state?.trouble))
}

function world(dialect: Dialect) {
  const outside = createWorld({ timeout: 2_000 })
  const at = listWorld([])
  at.world.file.exec(
    `INSERT INTO erp_users VALUES ('anna', 'Anna', 'anna@erp', 'sealed:anna', 1, 0);
     INSERT INTO config VALUES ('erp.connection', '{"dialect":"${dialect}"}', 0, 'op'),
       ('products.erp', '{"probe":"${dialect === 'json' ? 'stamp' : 'rolling'}"}', 0, 'op')`,
  )
  for (let n = 1; n <= 80; n++) {
    outside.person.put(LIST, shown(n))
  }
  const sync = async (full: boolean) => {
    const { lane } = instance(at.world, 'products', () => outside.remote, undefined, at.ids)
    const answer = await lane.request(request('products.erp', { full }))
    if (answer.type === 'skipped') throw new Error(answer.reason)
    await drain(at.world, lane, 5_000)
    const [row] = rows(at.world, 'SELECT * FROM runs WHERE id = ?', answer.runId)
    const said = String(row?.report)
    return { status: String(row?.status), said, words: wordsOf(JSON.parse(said)) }
  }
  const table = (): Row[] =>
    rows(at.world, `SELECT id, name, package_size FROM products WHERE deleted_at IS NULL ORDER BY id`)
  return { outside, at, sync, table }
}

describe.each(dialects)('in %s', (dialect) => {
  describe.each([
    ['a forced', true],
    ['an unforced', false],
  ] as const)('%s run', (_, full) => {
    test.each(kinds)(
      'that meets %s deletes nothing, spoils nothing, says so, and the next one mends all',
      async (name, fault, says) => {
        const { outside, sync, table, at } = world(dialect)
        expect((await sync(true)).status).toBe('done')
        await sync(false)
        const before = table()
        expect(before).toHaveLength(80)
        for (const n of CHANGED) outside.person.put(LIST, { ...shown(n), name: `Another name ${n}` })
        const after = before.map((row, i) =>
          CHANGED.includes(i + 1) ? { ...row, name: `Another name ${i + 1}` } : row,
        )
        outside.erp.faults.add({
          match: { list: LIST, page: 2 },
          times: Number.POSITIVE_INFINITY,
          do: fault as never,
        })
        const { status, said, words } = await sync(full)
        expect(words.join('\n'), said).toMatch(says)
        const trouble = troubleOf(at.world)
        if (status === 'failed' || status === 'degraded') {
          expect(words, 'the list says it too').toContain(trouble?.reason)
          expect(trouble?.mend).not.toBe('')
        } else expect(trouble).toBeNull()
        const meanwhile = table()
        expect(
          meanwhile.map(({ id }) => id),
          'nothing is deleted',
        ).toEqual(before.map(({ id }) => id))
        for (const [i, row] of meanwhile.entries()) expect([before[i], after[i]]).toContainEqual(row)

        outside.erp.faults.clear()
        const mended = await sync(false)
        if (!(dialect === 'json' && UNTIL_FULL.has(name))) expect(table(), mended.said).toEqual(after)
        // The longer interval has passed: what a check could not see is read.
        at.world.clock.advance(DAY)
        await sync(false)
        expect(table()).toEqual(after)
        expect(rows(at.world, `SELECT * FROM history WHERE op = 'delete'`)).toEqual([])
        expect(rows(at.world, 'SELECT detail FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
        const quiet = await sync(false)
        expect(quiet).toMatchObject({ status: 'unchanged', words: [] })
        expect(troubleOf(at.world)).toBeNull()
      },
    )
  })
})
