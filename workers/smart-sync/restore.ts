import type { RouteHandler } from '@hono/zod-openapi'
import type { RestoreInput } from '../../sync/protocol/conflicts.ts'
import type { Proposal } from '../../sync/protocol/lane.ts'
import { Refusal } from '../shared/app.ts'
import { deviceTables } from '../shared/names.ts'
import { toMilliseconds } from '../shared/times.ts'
import { change } from './change.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './sync-routes.ts'
import { knownLane } from './undo.ts'

export const restore: RouteHandler<typeof routes.restore, SmartSync> = async (c) => {
  const { lane, tables, dry_run, expect } = c.req.valid('json')
  // A server that lost everything has no lane yet, and is what a backup is for.
  if (!deviceTables.some(({ device }) => device.lane(null) === lane)) await knownLane(database(c.env), lane)
  const proposal = { type: 'restore', tables: tables.map((table, i) => insideTable(table, i)) } as const
  const plan = await change(c.env, lane, c.get('actor'), proposal, { dry_run, expect })
  return c.json({ dry_run, plans: [plan] }, 200)
}

type Kept = Extract<Proposal, { type: 'restore' }>['tables'][number]

/** A table of a backup with its times as the engine has them. What is no row of it is refused with its place. */
function insideTable(table: RestoreInput['tables'][number], nth: number): Kept {
  const { name, columns, from, until } = table
  const device = deviceTables.find((each) => each.name === name)?.device ?? { columns: {} }
  const rows = table.rows.map((row, i) => {
    const path = `tables.${nth}.rows.${i}`
    if (row.length !== columns.length)
      throw refused(path, `has ${row.length} values for ${columns.length} columns`)
    const read = toMilliseconds(
      Object.fromEntries(columns.map((column, j) => [column, row[j] ?? null])),
      device,
    )
    if (!read.ok) throw refused(path, read.wrong)
    return columns.map((column) => read.values[column] ?? null)
  })
  return { name, columns, rows, ...(from !== undefined && { from }), ...(until !== undefined && { until }) }
}

const refused = (path: string, message: string) =>
  new Refusal({
    type: 'bad_request',
    detail: 'The backup has a row that can’t be read.',
    errors: [{ path, message }],
  })
