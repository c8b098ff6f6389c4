import { type Database, query, type Row, type Statement, statement } from '../../db/database.ts'
import type { Actor, Role } from '../../sync/protocol/common.ts'
import type { Token } from '../../sync/protocol/records.ts'
import { sha256 } from '../shared/sha256.ts'

/** Last use is written at most this often: a write a request would be a bill a request. */
const HOUR = 3_600_000
export const SESSION_DAYS = 30
const CODE_MINUTES = 10

/** 256 random bits, with a prefix that secret scanners can look for. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const text = btoa(String.fromCharCode(...bytes))
  return `tm_${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** Crockford's base 32: no letter that is read as another one. https://www.crockford.com/base32.html */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * A code that a person can type: 50 random bits as `XXXXX-XXXXX`. It lives 10 minutes, and an address may try 600 a
 * minute: the odds of a guess are 6,000 in 10^15.
 */
function newCode(): string {
  const letters = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => LETTERS.charAt(byte & 31))
  return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`
}

/** A code as it was made, however it was typed. A longer one, as a link may carry, is taken as it is. */
function readCode(typed: string): string {
  const text = typed.trim()
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, '')
  if (!/^[0-9A-Z]{10}$/.test(letters)) return text
  const read = letters.replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return `${read.slice(0, 5)}-${read.slice(5)}`
}

/** Secrets are stored as this: SHA-256 in hex. 256 random bits need no salt and no slow hash. */
export const hashOf = (secret: string): Promise<string> => sha256(secret)

export interface NewToken {
  readonly role: Role
  readonly user: string | null
  readonly name: string
  readonly kind: Exclude<Token['kind'], 'session'>
  readonly expiresAt: number | null
}

/** Makes a token or a code and answers its secret, which is stored nowhere. */
export async function makeToken(
  database: Database,
  of: NewToken,
  now: number,
): Promise<{ secret: string; id: string }> {
  const secret = of.kind === 'code' ? newCode() : newSecret()
  const hash = await hashOf(secret)
  const id = hash.slice(0, 16)
  await database.batch([
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
    ),
  ])
  return { secret, id }
}

export const codeExpiry = (now: number): number => now + CODE_MINUTES * 60_000

/** What an exchange gave: the new secret, and whom it belongs to. */
export interface Exchanged {
  readonly secret: string
  readonly role: Role
  readonly user: string | null
  readonly name: string
}

/**
 * Opens a browser's session by a token or a single-use code; null where that is unknown, used, expired or revoked. A
 * session lives no longer than its token, and is named after it, so that revoking the token ends it too.
 */
export function openSession(
  database: Database,
  given: { readonly token: string } | { readonly code: string },
  now: number,
): Promise<Exchanged | null> {
  const until = now + SESSION_DAYS * 24 * HOUR
  return 'code' in given
    ? exchange(database, readCode(given.code), 'code', 'session', null, until, now)
    : exchange(database, given.token, 'token', 'session', null, until, now)
}

/** Gives a device a token of its own for a single-use code, and remembers the device. */
export const pairDevice = (
  database: Database,
  code: string,
  name: string,
  now: number,
): Promise<Exchanged | null> => exchange(database, readCode(code), 'code', 'token', name, null, now)

/** One batch: the new secret's row, the code used up, the device. Of two that use a code at once, one finds it valid. */
async function exchange(
  database: Database,
  given: string,
  from: 'token' | 'code',
  into: 'session' | 'token',
  name: string | null,
  until: number | null,
  now: number,
): Promise<Exchanged | null> {
  const secret = newSecret()
  const hash = await hashOf(secret)
  const givenHash = await hashOf(given)
  const insert = statement(
    `INSERT INTO tokens (hash, id, role, user_id, name, kind, created_at, expires_at)
      SELECT ?1, CASE f.kind WHEN 'token' THEN f.id || '-' || substr(?1, 1, 8) ELSE substr(?1, 1, 16) END,
        f.role, f.user_id, coalesce(?2, f.name), ?3, ?4,
        CASE WHEN f.kind = 'token' AND f.expires_at < ?5 THEN f.expires_at ELSE ?5 END
      FROM tokens f WHERE f.hash = ?6 AND f.kind = ?7 AND f.revoked_at IS NULL
        AND (f.expires_at IS NULL OR f.expires_at > ?4)
      RETURNING role, user_id, name`,
    hash,
    name,
    into,
    now,
    until,
    givenHash,
    from,
  )
  const use = statement(
    `UPDATE tokens SET revoked_at = ?2, last_used_at = ?2 WHERE hash = ?1 AND kind = 'code' AND revoked_at IS NULL`,
    givenHash,
    now,
  )
  const device = statement(
    `INSERT INTO devices (id, user_id, name, token_id, paired_at)
      SELECT id, user_id, name, id, ?2 FROM tokens WHERE hash = ?1`,
    hash,
    now,
  )
  const rest: Statement[] = into === 'token' ? [use, device] : from === 'code' ? [use] : []
  const [made] = await database.batch([insert, ...rest])
  const row = made?.rows[0]
  return row ? { secret, ...whoOf(row) } : null
}

const whoOf = (row: Row) => ({
  role: row.role as Role,
  user: row.user_id as string | null,
  name: String(row.name),
})

/** Who a secret of this hash belongs to, and until when; null where it is unknown, expired, revoked, or a code. */
export async function actorOf(
  database: Database,
  hash: string,
  now: number,
): Promise<{ actor: Actor; expiresAt: number } | null> {
  const [row] = await query<Row>(
    database,
    `SELECT id, role, user_id, name, last_used_at, expires_at FROM tokens WHERE hash = ?1 AND kind != 'code'
      AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)`,
    hash,
    now,
  )
  if (!row) return null
  if (row.last_used_at === null || now - Number(row.last_used_at) > HOUR)
    await database.batch([
      statement(
        'UPDATE tokens SET last_used_at = ?2 WHERE hash = ?1 AND coalesce(last_used_at, 0) < ?3',
        hash,
        now,
        now - HOUR,
      ),
    ])
  const expiresAt = row.expires_at === null ? Number.POSITIVE_INFINITY : Number(row.expires_at)
  return { actor: { id: String(row.id), ...whoOf(row) }, expiresAt }
}

/** Tokens and sessions, newest first, after the id that the last page ended at; codes are not shown. */
export const listTokens = (database: Database, before: string | null, limit: number): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM tokens WHERE kind != 'code'
      AND (?1 IS NULL OR (created_at, id) < (SELECT created_at, id FROM tokens WHERE id = ?1))
      ORDER BY created_at DESC, id DESC LIMIT ?2`,
    before,
    limit,
  )

/** What was revoked: ids of a token and of the sessions that it opened, and whose they were. */
export interface Revoked {
  readonly ids: readonly string[]
  readonly role: Role
  readonly user: string | null
}

/** Revokes a token with the sessions that it opened; null where there is no such token. */
export async function revokeToken(database: Database, id: string, now: number): Promise<Revoked | null> {
  const rows = await query<Row>(
    database,
    `UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2)
      WHERE kind != 'code' AND (id = ?1 OR substr(id, 1, length(?1) + 1) = ?1 || '-') RETURNING id, role, user_id`,
    id,
    now,
  )
  const [first] = rows
  if (!first) return null
  const { role, user_id } = first
  return { ids: rows.map((row) => String(row.id)), role: role as Role, user: user_id as string | null }
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
