import type { Context } from 'hono'
import { readOffered } from '../../db/reads/collections.ts'
import { deviceLaneOf, FOREIGN, readDeviceLane } from '../../sync/engine/device-lane.ts'
import { shortened } from '../../sync/engine/wrong-value.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { DeviceMutation, PushInput } from '../../sync/protocol/device.ts'
import type { Failure } from '../../sync/protocol/failures.ts'
import type { Mutation, MutationAnswer, Push } from '../../sync/protocol/lane.ts'
import { limitedBody, Refusal, readWithin } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import { collections, type DeviceTable } from '../shared/names.ts'
import { toMilliseconds, withTimes } from '../shared/times.ts'
import { database, type PushPull } from './env.ts'
import { packed } from './packed.ts'
import { refusePaused } from './paused.ts'
import { cursorOf, originOf, readPage, tablesOf } from './pull.ts'

/**
 * A sync of a device in one request: its edits in, what changed out. Without edits no lane is asked. `dry_run` says what would
 * become of them; nothing is changed, and no number settled.
 */
export async function push(c: Context<PushPull>): Promise<Response> {
  const input = PushInput.safeParse(await bodyOf(c.req.raw))
  if (!input.success)
    throw new Refusal({
      type: 'bad_request',
      detail: 'Some of what was sent is not as it should be.',
      errors: input.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    })
  const { lane, incarnation, first = 1, mutations, dry_run: dryRun = false, expect } = input.data
  const cursor = cursorOf(input.data.cursor)
  const actor = c.get('actor')
  const tables = tablesOf(actor, lane)
  const owner = actor.user ?? ''
  let results: readonly MutationAnswer[] = []
  let known = 0
  let judgedAt: number | null = null
  if (mutations.length > 0) {
    if (tables.some((table) => collections.includes(table)))
      refusePaused(tables, await readOffered(database(c.env)))
    const pushed: Push = {
      id: '',
      actor: actor.name,
      origin: originOf(incarnation),
      mutations: mutations.map((raw) => mutationOf(raw, tables)),
      device: { incarnation, owner, first },
      ...(dryRun && { dryRun }),
      ...(expect !== undefined && { expect }),
    }
    const answer = await askLane(c.env.LANE, lane, (stub) => stub.push(lane, pushed))
    if (answer.type === 'failed') throw new Refusal(answer.failure)
    results = answer.results
    known = answer.known ?? 0
    judgedAt = answer.version
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
  const sent = mutations.length > 0 && !dryRun ? first + mutations.length - 1 : 0
  if (cursor === undefined) {
    const stands = sent > 0 ? null : await standing()
    const at = dryRun ? `,"version":${judgedAt ?? stands?.version}` : ''
    return packed(c, `{"last":${sent > 0 ? sent : stands?.last}${at}${said}}`)
  }
  // While everything is read, own edits too: the pages of their keys may be past, and what no page shows is gone.
  const shownAgain = cursor?.type === 'snapshot' ? mutations : mutations.slice(0, known)
  const also = keysByTable(shownAgain, results)
  const page = await readPage(database(c.env), { lane, tables, incarnation, owner, cursor, also })
  if (page.last === null) throw new Refusal(FOREIGN)
  if (mutations.length === 0) refuseMoved(page.version)
  const at = dryRun ? `,"version":${judgedAt ?? page.version}` : ''
  return packed(c, `{"last":${Math.max(page.last, sent)}${at}${said},${page.text.slice(1)}`)

  /** How far the device's numbers are settled, and the lane's version. */
  async function standing(): Promise<{ last: number; version: number }> {
    const [device, stands] = await database(c.env).batch([
      readDeviceLane({ incarnation }, lane),
      { sql: 'SELECT version FROM lanes WHERE lane = ?1', params: [lane] },
    ])
    const known = deviceLaneOf(device?.rows[0])
    if (known && known.owner !== owner) throw new Refusal(FOREIGN)
    const version = Number(stands?.rows[0]?.version ?? 0)
    if (mutations.length === 0) refuseMoved(version)
    return { last: known?.last ?? 0, version }
  }

  /** The lane itself refuses edits that expect another version of it. */
  function refuseMoved(version: number): void {
    if (expect !== undefined && expect !== version) throw new Refusal(moved(lane, expect, version))
  }
}

const moved = (lane: string, expected: number, version: number): Failure => ({
  type: 'moved',
  detail: `${lane} stands at version ${version}, not ${expected} any more.`,
  mend: 'Look at the plan again.',
})

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
  // An update without a base asks a person where it must; a deletion without one asks nobody.
  if (!was.ok && op === 'delete') return unread(table, key, was.wrong)
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
