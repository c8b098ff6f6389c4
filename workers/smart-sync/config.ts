import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { readSetting, readSettings } from '../../db/reads/setup.ts'
import { SyncConfig } from '../../sync/protocol/sync-config.ts'
import { NOT_JSON, Refusal } from '../shared/app.ts'
import { COLLECTIONS } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'
import { dropSetting, setSetting } from './set-setting.ts'
import { settingOf, sheetOfSetting, wrongTables } from './sheet-config.ts'
import { unknownCollections } from './sync-config.ts'

export const listConfig: RouteHandler<typeof routes.listConfig, SmartSync> = async (c) =>
  c.json((await readSettings(database(c.env))).map(settingView), 200)

export const getConfig: RouteHandler<typeof routes.getConfig, SmartSync> = async (c) => {
  const { key } = c.req.valid('param')
  const setting = settingOf(key)
  const row = await readSetting(database(c.env), key)
  if (row) return c.json(settingView(row), 200)
  return c.json({ key, value: setting.parse({}), updated_at: null, updated_by: null }, 200)
}

export const putConfig: RouteHandler<typeof routes.putConfig, SmartSync> = async (c) => {
  const { key } = c.req.valid('param')
  // Without a type the body isn't read, and nothing at all would pass for {}.
  if (c.req.header('content-type') === undefined) throw new Refusal(NOT_JSON)
  const value = settingOf(key).safeParse(c.req.valid('json'))
  if (!value.success)
    throw new Refusal({
      type: 'bad_request',
      detail: `${key} does not take that value.`,
      errors: value.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    })
  const wrong =
    key === COLLECTIONS
      ? unknownCollections(listedIn(value.data), 'collectionsToSync')
      : wrongTables(key, value.data)
  if (wrong) throw new Refusal(wrong)
  const change = { key, at: Date.now(), actor: c.get('actor').name }
  const results = await database(c.env).batch(setSetting(change, JSON.stringify(value.data)))
  return c.json(settingView(results.at(-1)?.rows[0] ?? {}), 200)
}

export const deleteConfig: RouteHandler<typeof routes.deleteConfig, SmartSync> = async (c) => {
  const { key } = c.req.valid('param')
  sheetOfSetting(key)
  await database(c.env).batch(dropSetting({ key, at: Date.now(), actor: c.get('actor').name }))
  return c.body(null, 204)
}

const listedIn = (value: unknown): readonly string[] =>
  SyncConfig.safeParse(value).data?.collectionsToSync ?? []

const iso = (at: unknown): string => new Date(Number(at)).toISOString()

const settingView = (row: Row) => ({
  key: String(row.key),
  value: JSON.parse(String(row.value)) as unknown,
  updated_at: iso(row.updated_at),
  updated_by: String(row.updated_by),
})
