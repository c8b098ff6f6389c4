import type { Context } from 'hono'
import { type Row, type Statement, statement } from '../../db/database.ts'
import { sha256 } from '../shared/sha256.ts'
import type { PushPull } from './env.ts'

// A write that is sent again under the same Idempotency-Key is answered as it was. By then the row stands otherwise, so the
// lane would be told something else: that it is the same request is told by the id of the push.

/** Id of the push: whose it is and under which key, and behind the dot what was asked for. */
export async function pushName(
  c: Context<PushPull>,
  table: string,
  name: string,
  values: Row | null,
): Promise<string> {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return crypto.randomUUID()
  const said = [table, name, values, c.req.header('if-match') ?? '', c.req.header('if-none-match') ?? '']
  return `reference_${await short([c.get('actor').id, key])}.${await short(said)}`
}

/** Rows (answer, same): what came of an earlier push under this key; `same`: of this very request. */
export function answeredBefore(lane: string, push: string): Statement {
  const [key = '', asked] = push.split('.')
  return statement(
    'SELECT answer, id = ?2 AS same FROM pushes WHERE lane = ?1 AND id > ?3 AND id < ?4 LIMIT 1',
    lane,
    push,
    asked === undefined ? '' : `${key}.`,
    // The character behind the dot.
    asked === undefined ? '' : `${key}/`,
  )
}

const short = (of: unknown): Promise<string> => sha256(JSON.stringify(of), 16)
