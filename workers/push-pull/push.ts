import type { Context } from 'hono'
import { query } from '../../db/database.ts'
import { deviceLaneOf, FOREIGN, readDeviceLane } from '../../sync/engine/device-lane.ts'
import { shortened } from '../../sync/engine/edit.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { DeviceMutation, PushInput } from '../../sync/protocol/device.ts'
import type { Mutation, MutationAnswer, Push } from '../../sync/protocol/lane.ts'
import { limitedBody, Refusal, readWithin } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import type { DeviceTable } from '../shared/names.ts'
import { toMilliseconds, withTimes } from '../shared/times.ts'
import { database, type PushPull } from './env.ts'
import { packed } from './packed.ts'
import { cursorOf, originOf, readPage, tablesOf } from './pull.ts'

/** A sync of a device in one request: its edits in, what changed out. Without edits no lane is asked. */
export async function push(c: Context<PushPull>): Promise<Response> {
  const input = PushInput.safeParse(await bodyOf(c.req.raw))
  if (!input.success)
    throw new Refusal({
      type: 'bad_request',
      detail: 'Some of what was sent is not as it should be.',
      errors: input.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    })
  const { lane, incarnation, first = 1, mutations } = input.data
  const cursor = cursorOf(input.data.cursor)
  const actor = c.get('actor')
  const tables = tablesOf(actor, lane)
  const owner = actor.user ?? ''
  let results: readonly MutationAnswer[] = []
  let known = 0
  if (mutations.length > 0) {
    const pushed: Push = {
      id: '',
      actor: actor.name,
      origin: originOf(incarnation),
      mutations: mutations.map((raw) => mutationOf(raw, tables)),
      device: { incarnation, owner, first },
    }
    const answer = await askLane(c.env.LANE, lane, (stub) => stub.push(lane, pushed))
    if (answer.type === 'failed') throw new Refusal(answer.failure)
    results = answer.results
    known = answer.known ?? 0
  }
  const named = results.flatMap((result, i) =>
    result.status === 'applied' && !result.key && !result.set
      ? []
      : [
          {
            n: first + i,
            ...result,
            ...(result.set && { set: shownValues(mutations[i], result.set, tables) }),
          },
        ],
  )
  const said = named.length > 0 ? `,"results":${JSON.stringify(named)}` : ''
  if (cursor === undefined) {
    const last = mutations.length > 0 ? first + mutations.length - 1 : await settledUpTo()
    return packed(c, `{"last":${last}${said}}`)
  }
  // While everything is read, own edits too: the pages of their keys may be past, and what no page shows is gone.
  const shownAgain = cursor?.type === 'snapshot' ? mutations : mutations.slice(0, known)
  const also = keysByTable(shownAgain, results)
  const page = await readPage(database(c.env), { lane, tables, incarnation, owner, cursor, also })
  if (page.last === null) throw new Refusal(FOREIGN)
  const last = mutations.length > 0 ? Math.max(page.last, first + mutations.length - 1) : page.last
  return packed(c, `{"last":${last}${said},${page.text.slice(1)}`)

  async function settledUpTo(): Promise<number> {
    const { sql, params } = readDeviceLane({ incarnation }, lane)
    const [row] = await query(database(c.env), sql, ...params)
    const known = deviceLaneOf(row)
    if (known && known.owner !== owner) throw new Refusal(FOREIGN)
    return known?.last ?? 0
  }
}

/** Rows that the page shows as they stand: of edits that were answered before others may have changed them since. */
function keysByTable(
  raws: readonly unknown[],
  results: readonly MutationAnswer[],
): Record<string, readonly string[]> {
  const edits = raws.flatMap((raw, i) => {
    const edit = DeviceMutation.safeParse(raw).data
    return edit ? [{ table: edit.table, key: results[i]?.key ?? edit.key }] : []
  })
  const byTable = Map.groupBy(edits, ({ table }) => table)
  return Object.fromEntries([...byTable].map(([table, of]) => [table, of.map(({ key }) => key)]))
}

/** The body, unpacked within the limit: 1 MB of zeros is 1 KB packed. */
async function bodyOf(request: Request): Promise<unknown> {
  const packedBy = request.headers.get('content-encoding')
  if (packedBy !== null && packedBy !== 'gzip')
    throw new Refusal({ type: 'bad_request', detail: `A body packed by ${packedBy} can't be read.` })
  const body =
    packedBy === null || !request.body
      ? await limitedBody(request)
      : await readWithin(request.body.pipeThrough(new DecompressionStream('gzip'))).catch(
          () => new ArrayBuffer(0),
        )
  if (body === null) throw TOO_LARGE
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new Refusal({ type: 'bad_request', detail: 'The body is not valid JSON.' })
  }
}

const TOO_LARGE = new Refusal({
  type: 'too_large',
  detail: `The body is larger than ${LIMITS.body} bytes.`,
  mend: 'Send it in several requests.',
})

/** What the engine is told: times in milliseconds. What can't be read keeps its number and is rejected with the reason. */
function mutationOf(raw: unknown, tables: readonly DeviceTable[]): Mutation {
  const parsed = DeviceMutation.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return unread('', '', shortened(`${issue?.path.join('.') || 'mutation'}: ${issue?.message}`, 300))
  }
  const { table, op, key, values = {}, base = {}, at } = parsed.data
  const declared = tables.find(({ name }) => name === table)
  if (!declared) return unread(table, key, `${table} is not a table of this lane`)
  const [said, was] = [toMilliseconds(values, declared.device), toMilliseconds(base, declared.device)]
  if (!said.ok) return unread(table, key, said.wrong)
  return {
    type: 'edit',
    op,
    table,
    key,
    values: said.values,
    base: was.ok ? was.values : {},
    at: at === undefined ? null : Date.parse(at),
  }
}

const unread = (table: string, key: string, reason: string): Mutation => ({
  type: 'unread',
  table,
  key,
  reason,
})

type Values = Readonly<Record<string, string | number | null>>

function shownValues(raw: unknown, set: Values, tables: readonly DeviceTable[]): Values {
  const name = typeof raw === 'object' && raw !== null && 'table' in raw ? raw.table : ''
  return withTimes(set, tables.find((table) => table.name === name)?.device ?? { columns: {} })
}
