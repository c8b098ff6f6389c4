import type { RouteHandler } from '@hono/zod-openapi'
import { query, type Row } from '../../db/database.ts'
import { readErpUser, readErpUsers } from '../../db/reads/erp-users.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { notFound } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { seal } from '../shared/seal.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './erp-routes.ts'

export const listErpUsers: RouteHandler<typeof routes.listErpUsers, SmartSync> = async (c) => {
  const { before = null } = c.req.valid('query')
  const rows = await readErpUsers(database(c.env), before, LIMITS.page)
  nextLink(c, rows, LIMITS.page, rows.at(-1)?.id as string | undefined)
  return c.json(rows.map(userView), 200)
}

export const getErpUser: RouteHandler<typeof routes.getErpUser, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const row = await readErpUser(database(c.env), id)
  if (!row) throw notFound('user', id)
  return c.json(userView(row), 200)
}

/** The password is sealed here, where it comes in; only the coordinator opens it. */
export const putErpUser: RouteHandler<typeof routes.putErpUser, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const { name, login, password, active } = c.req.valid('json')
  const sealed = password === undefined ? null : await seal(c.env.ERP_KEY, password)
  const [row] = await query<Row>(
    database(c.env),
    sealed === null ? CHANGE : SAVE,
    id,
    name,
    login,
    active ? 1 : 0,
    Date.now(),
    ...(sealed === null ? [] : [sealed]),
  )
  if (!row)
    throw new Refusal({
      type: 'bad_request',
      detail: `The user ${id} is new: a password is needed.`,
      errors: [{ path: 'password', message: 'is needed for a new user' }],
    })
  return c.json(userView(row), 200)
}

const CHANGE = `UPDATE erp_users SET name = ?2, login = ?3, active = ?4, updated_at = ?5 WHERE id = ?1 RETURNING id, name, login, active, updated_at`
const SAVE = `INSERT INTO erp_users (id, name, login, active, updated_at, password) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, login = excluded.login, active = excluded.active,
    updated_at = excluded.updated_at, password = excluded.password RETURNING id, name, login, active, updated_at`

/** A user as it travels: the password, sealed or not, goes nowhere. */
const userView = (row: Row) => ({
  id: String(row.id),
  name: String(row.name),
  login: String(row.login),
  active: row.active === 1,
  updated_at: new Date(Number(row.updated_at)).toISOString(),
})
