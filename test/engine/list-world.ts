import type { Row } from '../../db/database.ts'
import type { Answer, Page, Part, Remote, RemoteContext, RemoteRow } from '../../sync/engine/ports.ts'
import { type Durable, drain, durable, instance, rows, testIds } from './world.ts'

// Lists that are read page by page, in memory: what a remote shows, and what happens to it while it is read.

/** A remote's lists by part. `between` is called before each page is made: rows may move then. */
export interface FakeLists extends Remote {
  readonly lists: Map<string, Row[]>
  /** Rows a page */
  size: number
  /** Bumped by whoever changes a list; shown as its stamp unless `stampless` */
  stamp: number
  stampless: boolean
  readonly reads: { readonly list: string; readonly page: number }[]
  probes: number
  between: (part: string, page: number) => void
  /** Called in place of answering; null: answers as usual */
  fault: (part: string, page: number) => Answer<Page> | Promise<Answer<Page> | null> | null
  /** Calls under way, and the most there were */
  atOnce: number
  most: number
  wait: () => Promise<void>
  details: (row: RemoteRow) => Row | string
  performed: { readonly key: string; readonly body: unknown }[]
}

export function fakeLists(size = 3): FakeLists {
  const where = (name: string, page: number) => (position: number) =>
    `${name} page ${page}, row ${position + 1}`
  const remote: FakeLists = {
    lists: new Map(),
    size,
    stamp: 1,
    stampless: false,
    reads: [],
    probes: 0,
    between: () => undefined,
    fault: () => null,
    atOnce: 0,
    most: 0,
    wait: async () => undefined,
    details: () => ({}),
    performed: [],
    async probe(context: RemoteContext) {
      context.called('probe')
      remote.probes++
      return { ok: true, value: String(remote.stamp) }
    },
    async read(context: RemoteContext, part: Part, cursor: string | null): Promise<Answer<Page>> {
      context.called('read')
      const page = Number(cursor)
      remote.reads.push({ list: String(context.target.list), page })
      remote.atOnce++
      remote.most = Math.max(remote.most, remote.atOnce)
      await remote.wait()
      remote.atOnce--
      remote.between(part.id, page)
      const fault = await remote.fault(part.id, page)
      if (fault) return fault
      const list = remote.lists.get(listOf(context, part)) ?? []
      const pages = Math.max(1, Math.ceil(list.length / remote.size))
      const shown = list.slice((page - 1) * remote.size, page * remote.size)
      return {
        ok: true,
        value: {
          part: part.id,
          rows: shown.map((values, position) => ({ position, values })),
          total: list.length,
          pages,
          ...(remote.stampless ? {} : { stamp: String(remote.stamp) }),
          warnings: [],
          where: where(part.name, page),
          next: page < pages ? String(page + 1) : null,
        },
      }
    },
    async detail(context, _part, asked) {
      const found = new Map<number, Row>()
      const failed = new Map<number, string>()
      for (const row of asked) {
        context.called('detail')
        const detail = remote.details(row)
        if (typeof detail === 'string') failed.set(row.position, detail)
        else found.set(row.position, detail)
      }
      return { ok: true, value: { rows: found, failed } }
    },
    async perform(_context, action) {
      remote.performed.push({ key: action.key, body: action.body })
      return { type: 'done', result: { number: remote.performed.length } }
    },
    async find(_context, action) {
      const at = remote.performed.findIndex(({ key }) => key === action.key)
      return { ok: true, value: at < 0 ? null : { number: at + 1 } }
    },
  }
  return remote
}

/** Products and prices have a part of the same name: lists go by what the link's target says. */
const listOf = (context: RemoteContext, part: Part): string => `${context.target.list}/${part.id}`

export const SHARED = 'shared'

/** A world with users of the ERP, and its lists. */
export function listWorld(users: readonly string[] = ['ann'], remote = fakeLists()) {
  const world = durable()
  const add = world.file.prepare(
    `INSERT INTO erp_users (id, name, login, password, active, updated_at) VALUES (?, ?, ?, 'sealed', 1, 0)`,
  )
  for (const user of users) add.run(user, user, user)
  const ids = testIds()
  const start = (lane = 'products') => instance(world, lane, () => remote, undefined, ids)
  return { world, remote, start, ids }
}

export type ListWorld = ReturnType<typeof listWorld>

export const product = (n: number, over: Row = {}): Row => ({
  id: `P${String(n).padStart(5, '0')}`,
  name: `Product ${n}`,
  code: `C${n}`,
  ...over,
})
export const products = (count: number): Row[] => Array.from({ length: count }, (_, i) => product(i + 1))

export const price = (n: number, cents: number, over: Row = {}): Row => ({
  id: `P${String(n).padStart(5, '0')}`,
  name: `Product ${n}`,
  price: cents,
  currency: 'EUR',
  ...over,
})

export const request = (
  link: string,
  over: Partial<Parameters<ReturnType<ListWorld['start']>['lane']['request']>[0]> = {},
) => ({
  link,
  scope: SHARED,
  parts: null,
  trigger: 'manual' as const,
  full: false,
  actor: 'ann',
  ...over,
})

/** Asks for a run and drains the lane; the run's row. */
export async function run(
  at: ListWorld,
  link: string,
  over: Parameters<typeof request>[1] = {},
  on = at.start(),
): Promise<Row & { report: ReturnType<typeof JSON.parse> }> {
  const answer = await on.lane.request(request(link, over))
  if (answer.type === 'skipped') throw new Error(answer.reason)
  await drain(at.world, on.lane, 5_000)
  const [row] = rows(at.world, 'SELECT * FROM runs WHERE id = ?', answer.runId)
  return { ...(row as Row), report: JSON.parse(String(row?.report)) }
}

/** Live ids and names of the products, in the order of their ids. */
export const live = (world: Durable, columns = 'id, name'): Row[] =>
  rows(world, `SELECT ${columns} FROM products WHERE deleted_at IS NULL ORDER BY id`)
