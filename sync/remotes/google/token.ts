import { JWT } from 'google-auth-library'
import type { Answer, Clock } from '../../engine/ports.ts'
import { callFailure, garbled, isRateLimit } from './call-failure.ts'
import { type Fetch, googleFetch } from './fetch.ts'

/** A service account, as two secrets name it. */
export interface Credentials {
  readonly email: string
  /** PEM; `\n` may stand for line ends, as secrets often have it */
  readonly privateKey: string
}

/** The secrets' names, as messages name them. */
export const SECRETS = { email: 'GOOGLE_CLIENT_EMAIL', privateKey: 'GOOGLE_PRIVATE_KEY' } as const

export interface CachedToken {
  /** Whose, and for what */
  readonly subject: string
  readonly token: string
  /** Milliseconds since 1970 */
  readonly expiresAt: number
}

/** Keeps a token where it outlives the isolate (a Durable Object's storage). Losing it costs one call. */
export interface TokenCache {
  get(): Promise<CachedToken | null>
  put(token: CachedToken): Promise<void>
}

export interface TokenOptions {
  readonly credentials: Credentials
  readonly scopes: readonly string[]
  readonly cache: TokenCache
  readonly clock: Clock
  readonly fetch: Fetch
  readonly origin: string | null
  /** Milliseconds for one call */
  readonly timeout: number
}

/** Google's tokens live an hour; a call that begins now should still be let in when it arrives. */
const LIFETIME = 3_600_000
const MARGIN = 60_000

/** The access token of a service account: one exchange an hour, however many ask at once. */
export function accessTokens(options: TokenOptions) {
  const { credentials, scopes, cache, clock } = options
  const subject = `${credentials.email} ${scopes.join(' ')}`
  let held: CachedToken | null = null
  let exchanging: Promise<Answer<string>> | null = null

  const usable = (token: CachedToken | null): token is CachedToken =>
    token !== null && token.subject === subject && token.expiresAt > clock.now()

  async function exchange(): Promise<Answer<string>> {
    const kept = await cache.get()
    if (usable(kept)) {
      held = kept
      return { ok: true, value: kept.token }
    }
    const now = clock.now()
    const answer = await sign(options, now)
    if (answer.ok) {
      held = { subject, token: answer.value, expiresAt: now + LIFETIME - MARGIN }
      await cache.put(held)
    }
    return answer
  }

  return {
    async get(): Promise<Answer<string>> {
      if (usable(held)) return { ok: true, value: held.token }
      exchanging ??= exchange().finally(() => {
        exchanging = null
      })
      return exchanging
    },
    /** Google refused this token: nobody uses it again. */
    async forget(token: string): Promise<void> {
      if (held?.token === token) held = null
      const kept = await cache.get()
      if (kept?.token === token) await cache.put({ ...kept, expiresAt: 0 })
    },
  }
}

async function sign(
  { credentials, scopes, fetch, origin, timeout }: TokenOptions,
  now: number,
): Promise<Answer<string>> {
  const iat = Math.floor(now / 1_000)
  const client = new JWT({
    email: credentials.email,
    key: credentials.privateKey.replaceAll('\\n', '\n'),
    scopes: [...scopes],
    additionalClaims: { iat, exp: iat + LIFETIME / 1_000 },
    // The library retries this POST on its own unless told twice.
    transporterOptions: {
      fetchImplementation: googleFetch(fetch, origin),
      timeout,
      retry: false,
      retryConfig: { retry: 0 },
    },
  })
  try {
    const { access_token } = await client.authorize()
    if (access_token) return { ok: true, value: access_token }
    return failed(garbled(undefined), credentials, now)
  } catch (error) {
    if (isKeyError(error)) return badKey(error)
    return failed(callFailure(error, now), credentials, now)
  }
}

/** Signing fails before any call: OpenSSL or WebCrypto could not read the key. */
const isKeyError = (error: unknown): error is Error =>
  error instanceof Error &&
  !('config' in error) &&
  /key|pem|asn1|decoder|pkcs/i.test(`${error.message} ${String(Reflect.get(error, 'code'))}`)

const badKey = ({ message }: Error): Answer<never> => ({
  ok: false,
  failure: {
    type: 'refused',
    reason: `The service account's private key can't be read (${message})`,
    mend: `Set the secret ${SECRETS.privateKey} to the whole "private_key" of the service account's JSON key file, with its BEGIN and END lines.`,
  },
})

function failed(failure: ReturnType<typeof callFailure>, { email }: Credentials, now: number): Answer<never> {
  const { status, message, retryAfter } = failure
  if (isRateLimit(failure))
    return {
      ok: false,
      failure: { type: 'busy', at: now + (retryAfter ?? 60_000), reason: `Google sign-in: ${message}` },
    }
  if (status !== null && status < 500)
    return {
      ok: false,
      failure: {
        type: 'refused',
        reason: `Google does not accept the service account ${email} (${message})`,
        mend: `Check that the secrets ${SECRETS.email} and ${SECRETS.privateKey} come from the same, still valid JSON key, and that this machine's clock is right.`,
      },
    }
  return {
    ok: false,
    failure: {
      type: 'unavailable',
      reason: `Google's sign-in could not be reached (${message})`,
      mend: 'Nothing to do: it is tried again. If it lasts, see https://www.google.com/appsstatus.',
      ...(retryAfter !== null && { at: now + retryAfter }),
    },
  }
}
