import { type SqlValue, type Statement, statement } from '../../db/database.ts'
import type { ConfigKey } from '../../sync/protocol/config.ts'

// Every change of a setting is in `config_history`, written in the same batch. What changes nothing leaves no trace there.

/** Which setting, when (milliseconds), and who. */
interface Change {
  readonly key: ConfigKey
  readonly at: number
  readonly actor: string
}

/** Sets a setting to this JSON. The last statement answers the row. */
export const setSetting = (of: Change, json: string): Statement[] => write(of, '?4', [json])

/** Sets some fields of a setting, so that two people may change different ones. `usual`: its JSON where it is not set. */
export const patchSetting = (of: Change, usual: string, fields: object): Statement[] => {
  const entries = Object.entries(fields)
  const places = entries.map((_, i) => `, ?${5 + 2 * i}, json(?${6 + 2 * i})`).join('')
  return write(of, `json_set(coalesce((SELECT value FROM config WHERE key = ?1), ?4)${places})`, [
    usual,
    ...entries.flatMap(([name, value]) => [`$.${name}`, JSON.stringify(value)]),
  ])
}

/** Returns a setting to its default. */
export const dropSetting = ({ key, at, actor }: Change): Statement[] => [
  remember('NULL', [key, at, actor]),
  statement('DELETE FROM config WHERE key = ?1', key),
]

const write = ({ key, at, actor }: Change, value: string, params: readonly SqlValue[]): Statement[] => [
  remember(value, [key, at, actor, ...params]),
  statement(
    `INSERT INTO config (key, value, updated_at, updated_by) VALUES (?1, ${value}, ?2, ?3) ON CONFLICT (key)
      DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by
      RETURNING *`,
    key,
    at,
    actor,
    ...params,
  ),
]

const remember = (value: string, params: readonly SqlValue[]): Statement =>
  statement(
    `INSERT INTO config_history (key, at, n, value, actor)
      SELECT ?1, ?2, (SELECT coalesce(max(n) + 1, 0) FROM config_history WHERE key = ?1 AND at = ?2), ${value}, ?3
      WHERE ${value} IS NOT (SELECT value FROM config WHERE key = ?1)`,
    ...params,
  )
