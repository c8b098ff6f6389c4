import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { Actor } from '../../sync/protocol/common.ts'

/** Key sets by team: fetching one takes a request, and jose keeps it fresh. */
const keys = new Map<string, ReturnType<typeof createRemoteJWKSet>>()

/**
 * Who Cloudflare Access says is calling: a user with the e-mail address as id. null where the token is absent, not of
 * this team and application, or expired. https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 */
export async function accessActor(
  token: string | undefined,
  team: string,
  audience: string,
): Promise<Actor | null> {
  if (!token) return null
  const issuer = `https://${team}`
  const set = keys.get(issuer) ?? createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`))
  keys.set(issuer, set)
  try {
    const { payload } = await jwtVerify(token, set, { issuer, audience, algorithms: ['RS256'] })
    const email = typeof payload.email === 'string' ? payload.email : null
    return email === null ? null : { id: `access:${email}`, role: 'user', user: email, name: email }
  } catch {
    return null
  }
}
