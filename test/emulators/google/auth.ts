import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { Refusal } from './failure.ts'
import type { AccessToken, ServiceAccount, Store } from './model.ts'
import { isObject } from './payload.ts'

const lifetime = 3600_000
const scope = (name: string) => `https://www.googleapis.com/auth/${name}`

/** Which scopes open which methods. `getByDataFilter` is a POST and closed to read-only scopes. */
export const scopesFor = {
  sheetsRead: ['spreadsheets', 'spreadsheets.readonly', 'drive', 'drive.readonly'].map(scope),
  sheetsWrite: ['spreadsheets', 'drive'].map(scope),
  driveRead: ['drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly'].map(scope),
  youtube: ['youtube', 'youtube.readonly', 'youtube.force-ssl'].map(scope),
}

const knownScopes = new Set([...Object.values(scopesFor).flat(), scope('drive.file'), 'openid', 'email'])

/** The audiences that Google's token endpoint takes for its own. */
const audiences = ['https://oauth2.googleapis.com/token', 'https://www.googleapis.com/oauth2/v4/token']

/** What a service account's key file holds, as far as clients read it. */
export interface Credentials {
  readonly type: 'service_account'
  readonly project_id: string
  readonly client_email: string
  readonly private_key: string
  readonly token_uri: string
}

/** A new RSA key for a service account: the key file's content, and the account to register. */
export function generateServiceAccount(
  email = 'tidemark@emulated.iam.gserviceaccount.com',
  project = 'emulated',
): { readonly credentials: Credentials; readonly account: ServiceAccount } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    credentials: {
      type: 'service_account',
      project_id: project,
      client_email: email,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      token_uri: 'https://oauth2.googleapis.com/token',
    },
    account: { email, project, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  }
}

export type Auth = ReturnType<typeof createAuth>

/** The token endpoint and what the APIs ask of a token. Tokens live 3600 s by the given clock. */
export function createAuth(store: Store, clock: () => number) {
  const keys = new Map<string, KeyObject>()

  function register(account: ServiceAccount): void {
    const accounts = { ...store.world.accounts, [account.email]: account }
    store.world = { ...store.world, accounts }
  }

  function issue(email: string, scopes: readonly string[]): string {
    const serial = store.world.serial + 1
    const token = `ya29.emulated-${serial}`
    const now = clock()
    const alive = Object.entries(store.world.tokens).filter(([, t]) => t.expiresAt > now)
    const tokens = { ...Object.fromEntries(alive), [token]: { email, scopes, expiresAt: now + lifetime } }
    store.world = { ...store.world, serial, tokens }
    return token
  }

  /** Answers `POST /token`. */
  function exchange(form: URLSearchParams, origin: string): Record<string, unknown> {
    const grant = form.get('grant_type')
    if (grant !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
      throw oauth(400, 'unsupported_grant_type', `Invalid grant_type: ${grant ?? ''}`)
    }
    const claims = verified(form.get('assertion') ?? '', origin)
    if (claims.sub !== undefined && claims.sub !== claims.iss) {
      throw oauth(
        401,
        'unauthorized_client',
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
      )
    }
    const scopes = typeof claims.scope === 'string' ? claims.scope.split(' ').filter(Boolean) : []
    if (scopes.length === 0) throw oauth(400, 'invalid_scope', 'Empty or missing scope not allowed.')
    const bad = scopes.filter((s) => !knownScopes.has(s))
    if (bad.length > 0) throw oauth(400, 'invalid_scope', `${bad.join(', ')} is not a valid audience string.`)
    return { access_token: issue(String(claims.iss), scopes), expires_in: 3599, token_type: 'Bearer' }
  }

  function verified(assertion: string, origin: string): Record<string, unknown> {
    const [head = '', body = '', signature = '', ...rest] = assertion.split('.')
    const header = decode(head)
    const claims = decode(body)
    if (rest.length > 0 || !header || !claims) {
      throw grantError('Bad Request')
    }
    const account = store.world.accounts[String(claims.iss)]
    if (!account) throw grantError('Invalid grant: account not found')
    const signed = verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${body}`),
      keyOf(account),
      Buffer.from(signature, 'base64url'),
    )
    if (header.alg !== 'RS256' || !signed) throw grantError('Invalid JWT Signature.')
    if (![...audiences, `${origin}/token`].includes(String(claims.aud))) {
      throw grantError('Invalid JWT: Failed audience check.')
    }
    const now = clock() / 1000
    const { iat, exp } = claims
    const timely =
      typeof iat === 'number' &&
      typeof exp === 'number' &&
      exp > now &&
      // Clocks may differ by five minutes; a token may live an hour.
      iat <= now + 300 &&
      exp - iat <= 3600
    if (!timely) {
      throw grantError(
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      )
    }
    return claims
  }

  function keyOf(account: ServiceAccount): KeyObject {
    let key = keys.get(account.publicKey)
    if (!key) {
      key = createPublicKey(account.publicKey)
      keys.set(account.publicKey, key)
    }
    return key
  }

  /** Who a request comes from; refuses an absent, unknown, expired or too narrow token. */
  function authenticate(request: Request, url: URL, needed: readonly string[]): AccessToken {
    const header = request.headers.get('authorization') ?? ''
    const token = /^Bearer (.+)$/i.exec(header)?.[1] ?? url.searchParams.get('access_token')
    if (!token) {
      throw unauthenticated(
        'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
        'CREDENTIALS_MISSING',
      )
    }
    const known = store.world.tokens[token]
    if (!known || known.expiresAt <= clock()) {
      throw unauthenticated(
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
        known ? 'ACCESS_TOKEN_EXPIRED' : 'ACCESS_TOKEN_TYPE_UNSUPPORTED',
      )
    }
    if (!known.scopes.some((s) => needed.includes(s))) {
      throw new Refusal(403, 'Request had insufficient authentication scopes.', {
        reason: 'insufficientPermissions',
        details: [errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT')],
      })
    }
    return known
  }

  return { register, issue, exchange, authenticate }
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function oauth(code: number, reason: string, description: string): Refusal {
  return new Refusal(code, description, { reason })
}

function grantError(description: string): Refusal {
  return oauth(400, 'invalid_grant', description)
}

function unauthenticated(message: string, reason: string): Refusal {
  return new Refusal(401, message, { reason: 'authError', details: [errorInfo(reason)] })
}

function errorInfo(reason: string) {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }
}
