import type { RouteHandler } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Row } from '../../db/database.ts'
import { referenceRows, rowsOf } from '../../db/reads/reference.ts'
import type { Failure } from '../../sync/protocol/failures.ts'
import type { Mutation, MutationAnswer, Push } from '../../sync/protocol/lane.ts'
import { notFound } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { etaggedJson } from '../shared/etag.ts'
import { askLane } from '../shared/lanes.ts'
import { referenceLink, SHARED } from '../shared/names.ts'
import { database, type PushPull, type PushPullEnv } from './env.ts'
import { answeredBefore, pushName } from './reference-repeat.ts'
import type * as routes from './reference-routes.ts'
import {
  dynamicRates,
  employeeSettings,
  idFrom,
  type Reference,
  type ReferenceView,
  ranks,
  storedViews,
} from './reference-tables.ts'

export const putEmployeeSetting: RouteHandler<typeof routes.putEmployeeSetting, PushPull> = (c) =>
  put(c, employeeSettings, c.req.valid('param').id, c.req.valid('json'))
export const putDynamicRate: RouteHandler<typeof routes.putDynamicRate, PushPull> = (c) =>
  put(c, dynamicRates, c.req.valid('param').id, c.req.valid('json'))
export const putRank: RouteHandler<typeof routes.putRank, PushPull> = (c) =>
  put(c, ranks, c.req.valid('param').id, c.req.valid('json'))
export const deleteEmployeeSetting: RouteHandler<typeof routes.deleteEmployeeSetting, PushPull> = (c) =>
  remove(c, employeeSettings, c.req.valid('param').id)
export const deleteDynamicRate: RouteHandler<typeof routes.deleteDynamicRate, PushPull> = (c) =>
  remove(c, dynamicRates, c.req.valid('param').id)
export const deleteRank: RouteHandler<typeof routes.deleteRank, PushPull> = (c) =>
  remove(c, ranks, c.req.valid('param').id)

/** What is asked of one row. `values` null: that it be gone. */
interface Asked<T extends ReferenceView> {
  readonly of: Reference<T>
  readonly name: string
  readonly values: Row | null
}

async function put<T extends ReferenceView>(
  c: Context<PushPull>,
  of: Reference<T>,
  name: string,
  given: object,
) {
  // What came as JSON has no undefined.
  const { id, created } = await write(c, { of, name, values: given as Row })
  const row = (await find(c.env, of, id)).row
  // Gone again already: somebody else was quick.
  if (!row) throw notFound(of.what, name)
  return etaggedJson(c, row, created ? 201 : 200, row.version)
}

async function remove<T extends ReferenceView>(c: Context<PushPull>, of: Reference<T>, name: string) {
  await write(c, { of, name, values: null })
  return c.body(null, 204)
}

/** A row that moves between our look and the lane's is looked at again, so often. */
const TRIES = 4

/**
 * Writes through the lane, on what stands: nothing is disputed by it. The sheet is asked for behind the answer. Refused: where a
 * condition of the caller's doesn't hold, or the row, or the table with it, would not be right.
 */
async function write<T extends ReferenceView>(
  c: Context<PushPull>,
  asked: Asked<T>,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const { of, name, values } = asked
  const id = await pushName(c, of.table.name, name, values)
  for (let tries = 1; ; tries++) {
    const { row, all, linked, before } = await find(c.env, of, name, id)
    if (before) return { id: repeated(before, asked, row).id, created: false }
    checkConditions(c, row)
    if (values === null && !row) throw notFound(of.what, name)
    const mutation = await mutationOf(asked, row)
    checkName(asked, all, mutation.key)
    const push: Push = { id, actor: c.get('actor').name, origin: 'api', mutations: [mutation] }
    const lane = referenceLink.lane(SHARED)
    const answer = await askLane(c.env.LANE, lane, (stub) => stub.push(lane, push))
    if (answer.type === 'failed') throw new Refusal(answer.failure)
    const [result] = answer.results
    if (isMoved(result) && tries < TRIES && c.req.header('if-match') === undefined) continue
    if (isMoved(result)) throw changed((await find(c.env, of, name)).row)
    const refused = refusedBy(result)
    if (refused) throw new Refusal(refused)
    if (linked) c.executionCtx.waitUntil(askForRun(c.env, c.get('actor').name))
    return { id: mutation.key, created: row === undefined }
  }
}

async function mutationOf<T extends ReferenceView>(
  { of, name, values }: Asked<T>,
  row: T | undefined,
): Promise<Extract<Mutation, { type: 'edit' }>> {
  const standing: Row = { ...row } as Row
  const said: Row = { ...(!row && of.named && { [of.named]: name }), ...values }
  const columns = values === null ? of.table.owns : Object.keys(said)
  return {
    type: 'edit',
    op: values === null ? 'delete' : row ? 'update' : 'insert',
    table: of.table.name,
    key: row?.id ?? (await of.newId(name)),
    values: values === null ? {} : said,
    base: row ? Object.fromEntries(columns.map((column) => [column, standing[column] ?? null])) : {},
    at: null,
    if_version: row?.version ?? 0,
  }
}

/** What stands under a name, and what this push came to if it was applied before. One batch. */
async function find<T extends ReferenceView>(env: PushPullEnv, of: Reference<T>, name: string, push = '') {
  const [rows, pushes] = await database(env).batch([
    referenceRows(of.table, await of.called(name)),
    answeredBefore(referenceLink.lane(SHARED), push),
  ])
  const found = rowsOf(of.table, rows?.rows ?? [])
  const all = storedViews(of, found)
  const before = pushes?.rows[0]
  return { row: of.find(all, name, await idFrom(name)), all, linked: found.linked, before }
}

/** What the same request, sent again, is told: what it was told. */
function repeated<T extends ReferenceView>(
  before: Row,
  { of, name, values }: Asked<T>,
  row: T | undefined,
): { readonly id: string } {
  if (before.same !== 1)
    throw new Refusal({
      type: 'forked',
      detail: 'This Idempotency-Key was used with another request.',
      mend: 'Send it again under another key.',
    })
  const { results } = JSON.parse(String(before.answer)) as { results: MutationAnswer[] }
  const refused = refusedBy(results[0])
  if (refused) throw new Refusal(refused)
  if (values !== null && !row) throw notFound(of.what, name)
  return { id: row?.id ?? name }
}

function checkConditions(c: Context<PushPull>, row: ReferenceView | undefined): void {
  if (c.req.header('if-none-match') !== undefined && row) throw changed(row)
  const match = c.req.header('if-match')
  if (match === undefined) return
  const version = /"(\d+)/.exec(match)?.[1]
  if (!row || (version !== undefined && Number(version) !== row.version)) throw changed(row)
}

/** A name that another row has is that row's. */
function checkName<T extends ReferenceView>(
  { of: { named, what }, values }: Asked<T>,
  all: readonly T[],
  key: string,
): void {
  const said = named && values?.[named]
  if (!named || said == null || !all.some((row) => row.id !== key && row[named] === said)) return
  throw new Refusal({
    type: 'conflict',
    detail: `Another ${what} is called ${said}.`,
    mend: 'Choose another name, or change that one.',
  })
}

const isMoved = (result: MutationAnswer | undefined): boolean =>
  result?.status === 'rejected' && (result.reason ?? '').startsWith('moved')

function refusedBy(result: MutationAnswer | undefined): Failure | null {
  if (result?.status === 'rejected')
    return {
      type: 'bad_request',
      detail: `It was not taken: ${result.reason ?? 'the row would not be right'}.`,
      kept: 'The table stays as it was, all of it.',
      mend: 'Correct the values and send them again.',
    }
  if (result?.status !== 'conflict') return null
  return {
    type: 'conflict',
    detail: `Somebody changed the same, and a person must say: conflict ${result.conflict}.`,
    kept: 'Your values wait in the conflict. What stood before stands.',
    mend: `Settle it with POST /api/sync/conflicts/${result.conflict}/resolve.`,
  }
}

const changed = (row: ReferenceView | undefined): Refusal =>
  new Refusal({
    type: 'changed',
    detail: row
      ? `The row stands at version ${row.version} by now.`
      : 'There is no such row, or none any more.',
    mend: 'Read it again, and send your change with that version in If-Match.',
    row: row ? ({ ...row } as Row) : null,
  })

/** The sheet shows it with the next run. A lane that does not answer is asked by the cron. */
async function askForRun(env: PushPullEnv, actor: string): Promise<void> {
  const lane = referenceLink.lane(SHARED)
  try {
    await askLane(env.LANE, lane, (stub) =>
      stub.request(lane, {
        link: referenceLink.name,
        scope: SHARED,
        parts: null,
        trigger: 'write',
        full: false,
        actor,
      }),
    )
  } catch (error) {
    console.error(
      JSON.stringify({ event: 'write.not_asked', link: referenceLink.name, error: String(error) }),
    )
  }
}
