import type { RouteHandler } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ALL, type Narrowed, type ReferenceRows, readReference } from '../../db/reads/reference.ts'
import { notFound } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { etaggedJson } from '../shared/etag.ts'
import { database, type PushPull } from './env.ts'
import { fallback, keep } from './reference-fallback.ts'
import type * as routes from './reference-routes.ts'
import {
  dynamicRates,
  employeeSettings,
  type Reference,
  type ReferenceView,
  rankAt,
  ranks,
  rateAt,
  storedViews,
} from './reference-tables.ts'

export const listEmployeeSettings: RouteHandler<typeof routes.listEmployeeSettings, PushPull> = async (c) =>
  read(c, employeeSettings, ALL, (rows) => rows)

export const getEmployeeSetting: RouteHandler<typeof routes.getEmployeeSetting, PushPull> = async (c) =>
  readOne(c, employeeSettings, c.req.valid('param').id)

export const listDynamicRates: RouteHandler<typeof routes.listDynamicRates, PushPull> = async (c) => {
  const { at } = c.req.valid('query')
  return read(c, dynamicRates, ALL, (rows) =>
    at === undefined ? ascending(rows, 'range_from') : (rateAt(rows, at) ?? nothingAt('rate', at)),
  )
}

export const getDynamicRate: RouteHandler<typeof routes.getDynamicRate, PushPull> = async (c) =>
  readOne(c, dynamicRates, c.req.valid('param').id)

export const listRanks: RouteHandler<typeof routes.listRanks, PushPull> = async (c) => {
  const { at } = c.req.valid('query')
  return read(c, ranks, ALL, (rows) =>
    at === undefined ? ascending(rows, 'min_amount') : (rankAt(rows, at) ?? nothingAt('rank', at)),
  )
}

export const getRank: RouteHandler<typeof routes.getRank, PushPull> = async (c) =>
  readOne(c, ranks, c.req.valid('param').id)

async function readOne<T extends ReferenceView>(c: Context<PushPull>, of: Reference<T>, name: string) {
  const [narrowed, id] = [await of.called(name), await of.newId(name)]
  return read(c, of, narrowed, (rows) => {
    const row = of.find(rows, name, id)
    if (!row) throw notFound(of.what, name)
    return row
  })
}

/**
 * A read from D1: one statement. Only where the sheet was never read yet, or D1 doesn't answer, the last good answer, the sheet
 * itself, and what D1 has all the same are tried, in that order; the answer says which it was.
 */
async function read<T extends ReferenceView, A extends T | T[]>(
  c: Context<PushPull>,
  of: Reference<T>,
  narrowed: Narrowed,
  choose: (rows: T[]) => A,
) {
  const found = await stored(c, of, narrowed)
  const ready = found !== null && (found.merged || !found.linked)
  if (!ready) return fallback(c, of, choose, found && storedViews(of, found))
  const shown = choose(storedViews(of, found))
  c.header('tidemark-source', 'd1')
  const answer = etaggedJson(c, shown, 200, versionOf(shown))
  keep(c, shown, answer.headers.get('etag') ?? '')
  return answer
}

/** null: the database can't be reached. */
async function stored<T extends ReferenceView>(
  c: Context<PushPull>,
  { table }: Reference<T>,
  narrowed: Narrowed,
): Promise<ReferenceRows | null> {
  try {
    return await readReference(database(c.env), table, narrowed)
  } catch (error) {
    console.error(JSON.stringify({ event: 'read.no_database', table: table.name, error: String(error) }))
    return null
  }
}

/** As the ranges go, which is how people keep them. */
const ascending = <Name extends string, T extends Readonly<Record<Name, number>>>(
  rows: readonly T[],
  by: Name,
): T[] => rows.toSorted((one, other) => one[by] - other[by])

const versionOf = (shown: ReferenceView | readonly ReferenceView[]): number | undefined =>
  'version' in shown ? shown.version : undefined

function nothingAt(what: string, at: number): never {
  throw new Refusal({
    type: 'not_found',
    detail: `There is no ${what} for ${at}.`,
    mend: 'Amounts are in the smallest unit: 12.50 is 1250. The ranges stand in the sheet.',
  })
}
