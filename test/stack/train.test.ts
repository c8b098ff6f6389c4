import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Machine, machine } from '../cli/run-cli.ts'
import {
  answer,
  approve,
  figure,
  installed,
  picture,
  reject,
  sees,
  title,
  until,
} from '../web/review-page.ts'
import { reviewWorld } from '../web/review-world.ts'

// The seed's story, "on the train": a browser with its network cut, the command as a process, a file that Python writes, and
// the five Workers. The tests tell it in order.

const world = reviewWorld()
let laptop: Machine
let file: string
let own: DatabaseSync

beforeAll(async () => {
  laptop = machine()
  file = join(laptop.home, 'products.db')
  await pairLaptop()
})
afterAll(() => {
  own.close()
  laptop.remove()
})

test('on the train: both sides end with five assessments and seven new products', async () => {
  // At home, with a network: thirteen products wait, and the phone has seen them.
  expect(monitor(13)).toBe('Sent 13 products to modesty review\n')
  expect((await laptop.run(['attach', file, '--table', 'products', '--as', 'listings'])).exit).toBe(0)
  expect(await sync()).toEqual({ exit: 0, out: expect.stringContaining('13 edits went') })
  const { page, context } = await world().open()
  await installed(page, 13)
  expect(await figure(page, 'Total pending').textContent()).toBe('13')

  // The train enters a tunnel; at home the router is off. Five answers here, seven products there.
  await world().cut(context)
  await sees(page, 'No network')
  const answered = await review(page)
  await sees(page, 'Waiting to send: 5')
  expect(await figure(page, 'Total pending').textContent()).toBe('8')
  monitor(7)
  const offline = await laptop.run(['sync'])
  expect([offline.exit, offline.err]).toEqual([2, expect.stringMatching(/not reach|no answer/i)])
  expect(await assessed()).toEqual([])

  // Both get their network back.
  await world().mend(context)
  await sees(page, 'All sent')
  expect(await sync()).toEqual({ exit: 0, out: expect.stringMatching(/5 rows came.*7 edits went/) })

  // The laptop's file: every answer, every product, and its own columns as they were.
  expect(rows('lifecycle_stage != ?', 'pending_assessment')).toEqual(
    answered.map(({ title, status }) => ({
      title,
      lifecycle_stage: status === 'not_modest' ? 'assessed_rejected' : 'assessed_approved',
      modesty_status: status,
      shopify_status: status === 'not_modest' ? 'draft' : 'published',
      neckline: 'round',
    })),
  )
  expect(rows('assessed_at IS NULL')).toHaveLength(15)
  expect(rows('assessed_at IS NOT NULL')).toHaveLength(5)

  // The server: the same, each edit once in the history.
  expect(await assessed()).toEqual(answered.map(({ status }) => status))
  const entries = await world().stack.runtime.query<{ op: string; n: number }>(
    `SELECT op, count(*) AS n FROM history WHERE tbl = 'listings' GROUP BY op ORDER BY op`,
  )
  expect(entries).toEqual([
    { op: 'insert', n: 20 },
    { op: 'update', n: 5 },
  ])

  // The phone: the seed's dashboard.
  await until(async () => (await figure(page, 'Total pending').textContent()) === '15')
  expect(await figure(page, 'New since last visit').textContent()).toBe('7')
  expect(await figure(page, 'Reviewed today').textContent()).toBe('5')
  const shown = await page.locator('.reviewed li').evaluateAll((lines) =>
    lines.map((line) => {
      const part = (name: string) => line.querySelector(`.reviewed-${name}`)?.textContent ?? ''
      return { title: part('title'), status: part('status').split(' · ')[0] }
    }),
  )
  expect(shown.reverse()).toEqual(
    answered.map(({ title, status }) => ({ title, status: LABELS[status as keyof typeof LABELS] })),
  )
  expect(await doctor()).toEqual({
    exit: 0,
    out: expect.stringContaining('20 rows here and on the server: the same'),
  })
})

test('what breaks behind Tidemark’s back is named by the doctor, and repaired', async () => {
  await sync()
  const [victim] = rows('lifecycle_stage = ?', 'assessed_rejected')
  // As a restored page of the file: the row and the memory of it say the same, and nobody marked an edit.
  python(`UPDATE products SET modesty_status = 'modest', lifecycle_stage = 'assessed_approved' WHERE title = '${victim?.title}';
    UPDATE tidemark_shadow_1 SET vals = json_set(vals, '$.modesty_status', 'modest', '$.lifecycle_stage', 'assessed_approved')
      WHERE row = (SELECT url FROM products WHERE title = '${victim?.title}');
    DELETE FROM tidemark_dirty_1;`)
  expect(await sync()).toMatchObject({ exit: 0, out: expect.stringContaining('nothing new') })
  const found = await doctor()
  expect(found.exit).toBe(1)
  expect(found.out).toMatch(/1 row of 5 rows differ/)
  expect(found.out).toMatch(/modesty_status\s+here modest, server not_modest/)
  expect(await doctor('--repair')).toEqual({ exit: 0, out: expect.stringContaining('repaired') })
  expect(rows('title = ?', String(victim?.title))).toEqual([victim])
  expect((await doctor()).exit).toBe(0)
})

test('an edit that was made while the triggers were gone is found and sent', async () => {
  python(`DROP TRIGGER tidemark_1_update; UPDATE products SET price = 12.5 WHERE title = 'Dress 00'`)
  const found = await doctor()
  expect(found.out).toContain('another program changed the table')
  expect(await doctor()).toEqual({ exit: 0, out: expect.stringContaining('the same') })
  const { body } = await world().stack.call<{ title: string; price: number }[]>('GET', '/api/assessments')
  expect(body.find((listing) => listing.title === 'Dress 00')?.price).toBe(1_250)
})

const LABELS = { modest: 'Modest', moderately_modest: 'Moderately modest', not_modest: 'Not modest' }

/** The seed's five answers, A to E; each with the picture of its product. */
async function review(page: Page): Promise<{ title: string; status: string }[]> {
  const moderately = (page: Page) =>
    page.getByRole('button', { name: 'Approve as Moderately modest' }).click()
  const given: { title: string; status: string }[] = []
  for (const [status, how] of [
    ['modest', approve],
    ['moderately_modest', moderately],
    ['not_modest', reject],
    ['modest', approve],
    ['not_modest', reject],
  ] as const) {
    await picture(page)
    given.push({ title: await answer(page, how), status })
  }
  await title(page).waitFor()
  return given
}

/** The laptop's way to the server leads through the same tunnel. */
async function pairLaptop(): Promise<void> {
  const body = { role: 'device', user_id: 'ann', name: 'Ann’s laptop' }
  const { body: made } = await world().stack.call<{ code: string }>('POST', '/api/codes', { body })
  const { exit, err } = await laptop.run(['pair', world().wire.url, '--code', made.code])
  expect([exit, err]).toEqual([0, ''])
}

function monitor(count: number): string {
  const pictures = world().shop.url.replace('127.0.0.1', 'localhost')
  const script = join(import.meta.dirname, 'catalog_monitor.py')
  const { stdout, stderr } = spawnSync('python3', [script, file, String(count), pictures], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  own ??= new DatabaseSync(file, { timeout: 5_000, readOnly: true })
  return stdout
}

function python(sql: string): void {
  const script = 'import sqlite3, sys\nsqlite3.connect(sys.argv[1]).executescript(sys.argv[2])\n'
  expect(spawnSync('python3', ['-c', script, file, sql], { encoding: 'utf8' }).stderr).toBe('')
}

async function sync() {
  const { exit, out } = await laptop.run(['sync'])
  return { exit, out }
}

async function doctor(...words: string[]) {
  const { exit, out } = await laptop.run(['doctor', ...words])
  return { exit, out }
}

/** Rows of the laptop's file in the order of their assessment. */
const rows = (where: string, ...given: string[]) =>
  own
    .prepare(
      `SELECT title, lifecycle_stage, modesty_status, shopify_status, neckline FROM products WHERE ${where} ORDER BY assessed_at, url`,
    )
    .all(...given)
    .map((row) => ({ ...row }))

/** Assessments in the server's history, in the order in which they arrived. */
async function assessed(): Promise<string[]> {
  const { body } = await world().stack.call<{ id: string }[]>('GET', '/api/assessments?limit=100')
  const commits = await world().commits(body.map(({ id }) => id))
  return commits.map(({ status }) => status)
}
