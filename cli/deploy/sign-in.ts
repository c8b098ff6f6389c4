import { createHash, randomBytes } from 'node:crypto'

/** A sign-in link's code lives this long, and works once. */
export const CODE_MINUTES = 10

/**
 * A code that the page exchanges for an admin's session, and the row that makes it valid. Only its hash is stored.
 * Written straight into D1: nobody can sign in to make the first one.
 */
export function signInCode(now: number): { code: string; row: Record<string, string | number | null> } {
  const code = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(code).digest('hex')
  return {
    code,
    row: {
      hash,
      id: hash.slice(0, 16),
      role: 'admin',
      user_id: null,
      name: 'sign-in link',
      kind: 'code',
      created_at: now,
      expires_at: now + CODE_MINUTES * 60_000,
    },
  }
}

/** One INSERT with its values written out: wrangler takes no parameters. */
export function insertToken(row: Record<string, string | number | null>): string {
  const values = Object.values(row).map((value) =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value),
  )
  return `INSERT INTO tokens (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`
}
