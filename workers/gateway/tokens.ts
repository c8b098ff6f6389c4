import { type Database, query, type Row, statement } from '../../db/database.ts'
import type { Actor, Role } from '../../sync/protocol/common.ts'
import type { Token } from '../../sync/protocol/records.ts'

/** Last use is written at most this often: a write a request would be a bill a request. */
const HOUR = 3_600_000
export const SESSION_DAYS = 30
const CODE_MINUTES = 10

/** 256 random bits, with a prefix that secret scanners can look for. */
export function newSecret(prefix = 'tm_'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const text = btoa(String.fromCharCode(...bytes))
  return prefix + text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Secrets are stored as this: SHA-256 in hex. 256 random bits need no salt and no slow hash. */
export async function hashOf(secret: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export interface NewToken {
  readonly role: Role
  readonly user: string | null
  readonly name: string
  readonly kind: Token['kind']
  readonly expiresAt: number | null
}

/** Makes a token and answers its secret, which is stored nowhere. */
export async function makeToken(
  database: Database,
  of: NewToken,
  now: number,
): Promise<{ secret: string; id: string }> {
  const secret = newSecret(of.kind === 'code' ? '' : 'tm_')
  const hash = await hashOf(secret)
  const id = hash.slice(0, 16)
  await database.batch([insertToken(hash, id, of, now)])
  return { secret, id }
}

const insertToken = (hash: string, id: string, of: NewToken, now: number) =>
  statement(
    `INSERT INTO tokens (hash, id, role, user_id, name, kind, created_at, expires_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    hash,
    id,
    of.role,
    of.user,
    of.name,
    of.kind,
    now,
    of.expiresAt,
  )

export const codeExpiry = (now: number): number => now + CODE_MINUTES * 60_000
export const sessionExpiry = (now: number): number => now + SESSION_DAYS * 24 * HOUR

/** Who a secret belongs to; null where it is unknown, expired, revoked, or a code. */
export async function actorOf(database: Database, secret: string, now: number): Promise<Actor | null> {
  const hash = await hashOf(secret)
  const [row] = await query<Row>(
    database,
    `SELECT id, role, user_id, name, last_used_at FROM tokens WHERE hash = ?1 AND kind != 'code'
      AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)`,
    hash,
    now,
  )
  if (!row) return null
  if (row.last_used_at === null || now - Number(row.last_used_at) > HOUR)
    await database.batch([statement('UPDATE tokens SET last_used_at = ?2 WHERE hash = ?1', hash, now)])
  return {
    id: String(row.id),
    role: row.role as Role,
    user: row.user_id as string | null,
    name: String(row.name),
  }
}

/** Uses a single-use code up. Of two that use it at once, one gets it: the guard is in the WHERE. */
export async function takeCode(
  database: Database,
  code: string,
  now: number,
): Promise<{ role: Role; user: string | null; name: string } | null> {
  const [row] = await query<Row>(
    database,
    `UPDATE tokens SET revoked_at = ?2, last_used_at = ?2 WHERE hash = ?1 AND kind = 'code'
      AND revoked_at IS NULL AND expires_at > ?2 RETURNING role, user_id, name`,
    await hashOf(code),
    now,
  )
  return row ? { role: row.role as Role, user: row.user_id as string | null, name: String(row.name) } : null
}

/** Tokens and sessions, newest first; codes are not shown. */
export const listTokens = (database: Database): Promise<Row[]> =>
  query<Row>(database, `SELECT * FROM tokens WHERE kind != 'code' ORDER BY created_at DESC LIMIT 1000`)

/** Revokes by id; false where there is none. */
export async function revokeToken(database: Database, id: string, now: number): Promise<boolean> {
  const rows = await query<Row>(
    database,
    `UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1 AND kind != 'code' RETURNING id`,
    id,
    now,
  )
  return rows.length > 0
}

/** A token as it travels, without its secret. */
export function tokenView(row: Row): Token {
  const time = (at: unknown) => (at == null ? null : new Date(Number(at)).toISOString())
  return {
    id: String(row.id),
    role: row.role as Role,
    user_id: row.user_id as string | null,
    name: String(row.name),
    kind: row.kind as Token['kind'],
    created_at: time(row.created_at) ?? '',
    expires_at: time(row.expires_at),
    last_used_at: time(row.last_used_at),
    revoked_at: time(row.revoked_at),
  }
}
