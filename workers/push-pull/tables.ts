import type { RouteHandler } from '@hono/zod-openapi'
import { type DeviceColumn, PROTOCOL } from '../../sync/protocol/device.ts'
import { deviceTables } from '../shared/names.ts'
import type * as routes from './device-routes.ts'
import type { PushPull } from './env.ts'

export const listTables: RouteHandler<typeof routes.tables, PushPull> = (c) => {
  const { user } = c.get('actor')
  const tables = deviceTables.map(({ name, key, device }) => ({
    name,
    lane: device.lane(user),
    key,
    label: device.label,
    columns: [
      { name: key, type: 'text' as const, write: false },
      ...Object.entries(device.columns).map(
        ([column, { type, write, max, values, aliases }]): DeviceColumn => ({
          name: column,
          type,
          write,
          ...(max !== undefined && { max }),
          ...(values && { values: [...values] }),
          ...(aliases && { aliases: [...aliases] }),
        }),
      ),
    ],
  }))
  return c.json({ protocol: PROTOCOL, tables }, 200)
}
