import { statement } from '../../db/database.ts'
import type { LinkDeclaration } from '../engine/declare.ts'

// What the four lists of the ERP have in common: who signs in for whom.

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Scopes of a list that each user has for himself. `rows`: SQL of the keys that are here for the user ?1. */
export const perUser = (list: string, rows: string): LinkDeclaration['scopes'] => ({
  per: 'user',
  list: statement('SELECT id AS scope FROM erp_users WHERE active = 1'),
  target: (user) =>
    statement(
      'SELECT ?1 AS list, id AS user, login, password AS sealed FROM erp_users WHERE id = ?2 AND active = 1',
      list,
      user,
    ),
  parts: (user) => statement('SELECT id, name FROM erp_users WHERE id = ?1', user),
  rows: (user) => statement(rows, user),
})

/** The one scope of a list that all share. It is read with one user's login: the operator's choice, or the first. */
export const forAll = (list: string, name: string, rows: string): LinkDeclaration['scopes'] => ({
  per: 'shared',
  list: statement(`SELECT 'shared' AS scope WHERE EXISTS (SELECT 1 FROM erp_users WHERE active = 1)`),
  target: () =>
    statement(
      `SELECT ?1 AS list, id AS user, login, password AS sealed FROM erp_users WHERE active = 1
        ORDER BY id IS NOT (SELECT value ->> 'catalogue_user' FROM config WHERE key = 'erp.connection'), id LIMIT 1`,
      list,
    ),
  parts: () => statement(`SELECT 'shared' AS id, ?1 AS name`, name),
  rows: () => statement(rows),
})

/** A column as the ERP's lists show it under another name, or the same. */
export const shown = (type: string, header: string, required = false) => ({
  header,
  aliases: [],
  type,
  ...(required && { required }),
})

/** Columns of one type that the ERP calls as we do. */
export const same = (type: string, ...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, shown(type, name)]))
