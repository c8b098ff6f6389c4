import type { RouteHandler } from '@hono/zod-openapi'
import { type Row, statement } from '../../db/database.ts'
import { readSetting, readSettings } from '../../db/reads/setup.ts'
import { type ConfigKey, ConfigValues } from '../../sync/protocol/config.ts'
import { NOT_JSON, Refusal } from '../shared/app.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'

export const listConfig: RouteHandler<typeof routes.listConfig, SmartSync> = async (c) =>
  c.json((await readSettings(database(c.env))).map(settingView), 200)

export const getConfig: RouteHandler<typeof routes.getConfig, SmartSync> = async (c) => {
  const { key } = c.req.valid('param')
  const row = await readSetting(database(c.env), key)
  if (row) return c.json(settingView(row), 200)
  return c.json({ key, value: ConfigValues[key].parse({}), updated_at: null, updated_by: null }, 200)
}

export const putConfig: RouteHandler<typeof routes.putConfig, SmartSync> = async (c) => {
  const { key } = c.req.valid('param')
  // Without a type the body isn't read, and nothing at all would pass for {}.
  if (c.req.header('content-type') === undefined) throw new Refusal(NOT_JSON)
  const value = ConfigValues[key].safeParse(c.req.valid('json'))
  if (!value.success)
    throw new Refusal({
      type: 'bad_request',
      detail: `${key} does not take that value.`,
      errors: value.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    })
  const row = {
    key,
    value: JSON.stringify(value.data),
    updated_at: Date.now(),
    updated_by: c.get('actor').name,
  }
  await database(c.env).batch([
    statement(
      `INSERT INTO config (key, value, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key)
        DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
      row.key,
      row.value,
      row.updated_at,
      row.updated_by,
    ),
  ])
  return c.json(settingView(row), 200)
}

export const deleteConfig: RouteHandler<typeof routes.deleteConfig, SmartSync> = async (c) => {
  const { key } = c.req.valid('param')
  await database(c.env).batch([statement('DELETE FROM config WHERE key = ?1', key)])
  return c.body(null, 204)
}

const settingView = (row: Row) => ({
  key: row.key as ConfigKey,
  value: JSON.parse(String(row.value)) as unknown,
  updated_at: new Date(Number(row.updated_at)).toISOString(),
  updated_by: String(row.updated_by),
})
