import { textOf } from './body.ts'
import type { Caller } from './calls.ts'
import type { Reader } from './http.ts'
import { isLoginPage } from './login-page.ts'
import { broken, type Called, quote, refused, type Trouble } from './outcome.ts'

/** A session of the ERP. */
export interface Signed {
  /** As it goes into a request's `Cookie` */
  readonly cookie: string
}

/** Where people sign in, and where a person without a session is sent. */
export const loginPath = '/login'

type Send = (path: string, init: RequestInit, read: Reader<Signed>) => Promise<Called<Signed>>

/** Signs in, in the caller's dialect. The password is in the request's body and nowhere else. */
export async function signIn(
  caller: Caller,
  unseal: (sealed: string) => Promise<string>,
  send: Send,
): Promise<Called<Signed>> {
  let password: string
  try {
    password = await unseal(caller.sealed)
  } catch {
    // Its message is not passed on: it might quote what it could not open.
    return refused(
      `The stored ERP password of ${caller.user} can't be opened`,
      `Store the ERP password of ${caller.user} again; ERP_KEY was changed since.`,
      true,
    )
  }
  const fields = { user: caller.login, password }
  const answered = (status: number, text: string) =>
    odd(`answered HTTP ${status}${repeats(text, password) ? '' : `: ${quote(text)}`}`)
  if (caller.dialect === 'html')
    return send(
      loginPath,
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
      },
      async (response, signal) => {
        const text = await textOf(response, signal)
        if (response.status === 302)
          return signed(response, new URL(response.headers.get('location') ?? '/', 'http://erp').pathname)
        if (response.status === 200 && isLoginPage(text))
          return /wrong user or password/i.test(text) ? wrong(caller) : odd('showed its sign-in page again')
        return answered(response.status, text)
      },
    )
  return send(
    '/api/login',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) },
    async (response, signal) => {
      const text = await textOf(response, signal)
      if (response.status === 401) return wrong(caller)
      if (response.status === 200 && /^\s*\{/.test(text)) return signed(response, null)
      return answered(response.status, text)
    },
  )
}

/** Some servers answer what they can't take with what they were sent: then nothing of it goes into a reason. */
const repeats = (text: string, password: string): boolean => bare(text).includes(bare(password))

/** Letters and digits alone: a form, a page and JSON each escape the rest in their own way. */
const bare = (text: string): string => text.replace(/&#?\w+;|%[\da-f]{2}|\\u[\da-f]{4}|[^a-z\d]/gi, '')

function signed(response: Response, to: string | null): Called<Signed> {
  const pairs = response.headers
    .getSetCookie()
    .map((cookie) => (cookie.split(';')[0] ?? '').trim())
    .filter((pair) => /^[^=\s]+=\S/.test(pair))
  if (to === loginPath) return odd('sent us back to its sign-in page')
  return pairs.length > 0 ? { ok: true, value: { cookie: pairs.join('; ') } } : odd('gave no session')
}

const wrong = ({ user }: Caller): Trouble =>
  refused(
    `The ERP does not take the login of ${user}`,
    `Correct the ERP login of ${user} (name and password) in the settings.`,
    true,
  )

const odd = (what: string): Trouble => ({ ...broken(`The ERP's login ${what}`), away: true, sent: false })
