import { textOf } from './body.ts'
import { isLoginPage } from './login-page.ts'
import { broken, type Called, type Expired, quote, refused, type Trouble } from './outcome.ts'

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object that a good answer holds; what else it may be is told in words. `what`: what was asked for. */
export async function jsonOf(
  response: Response,
  signal: AbortSignal,
  what: string,
): Promise<Called<Json> | Expired> {
  const text = await textOf(response, signal)
  if (response.status < 200 || response.status > 299) return badStatus(response, what, text)
  if (text.trim() === '') return broken(`The ERP's answer to ${what} was empty`)
  if (/^\s*</.test(text)) {
    if (isLoginPage(text)) return { expired: true, reason: 'shows its sign-in page in place of data' }
    return broken(`The ERP answered ${what} with a web page in place of data: “${quote(text)}”`)
  }
  const value = parsed(text)
  if (value === undefined) return broken(`The ERP's answer to ${what} is not complete JSON: “${quote(text)}”`)
  if (!isObject(value)) return broken(`The ERP answered ${what} with something else: “${quote(text)}”`)
  if (typeof value.error === 'string') return broken(`The ERP answered ${what} with: “${quote(value.error)}”`)
  return { ok: true, value }
}

/** An answer that is no success, where the question has no meaning of its own for its status. */
export function badStatus(response: Response, what: string, text: string): Trouble {
  const { status, headers } = response
  if (status >= 300 && status < 400) {
    const to = URL.parse(headers.get('location') ?? '', 'http://erp')?.pathname
    return broken(`The ERP sends ${what} on to ${to ? `“${quote(to)}”` : 'nowhere'} in place of an answer`)
  }
  const reason = `The ERP answered ${what} with HTTP ${status}: “${errorIn(text) ?? quote(text)}”`
  if (status === 403) return refused(reason, 'Give the user of this login the right to see it, in the ERP.')
  return broken(reason)
}

/** The sentence in an answer of JSON that says no; null: there is none. */
export function errorIn(text: string): string | null {
  const value = parsed(text)
  const said = isObject(value) && typeof value.error === 'string' ? quote(value.error) : ''
  return said === '' ? null : said
}

/** undefined: it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
