// How Google says no. Sheets and YouTube speak google.rpc.Status, Drive its older shape, the token endpoint OAuth's.

export type Dialect = 'sheets' | 'drive' | 'youtube' | 'token' | 'plain'

/** A refusal on its way to the caller; thrown anywhere below the front end. */
export class Refusal extends Error {
  readonly code: number
  readonly status: string
  /** Google's machine-readable reason: ErrorInfo.reason, or Drive's and YouTube's errors[].reason */
  readonly reason: string | undefined
  readonly details: readonly unknown[] | undefined

  constructor(code: number, message: string, more: { reason?: string; details?: readonly unknown[] } = {}) {
    super(message)
    this.code = code
    this.status = statusNames[code] ?? 'UNKNOWN'
    this.reason = more.reason
    this.details = more.details
  }
}

/** 400 INVALID_ARGUMENT. */
export function invalid(message: string): Refusal {
  return new Refusal(400, message)
}

const statusNames: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const defaultMessages: Readonly<Record<number, string>> = {
  400: 'Request contains an invalid argument.',
  401: 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  403: 'The caller does not have permission',
  404: 'Requested entity was not found.',
  409: 'The operation was aborted.',
  429: 'Resource has been exhausted (e.g. check quota).',
  500: 'Internal error encountered.',
  502: 'The service is currently unavailable.',
  503: 'The service is currently unavailable.',
  504: 'Deadline expired before operation could complete.',
}

/** The refusal that Google words for a bare status, as scripted faults need it. */
export function refusalFor(code: number, message?: string): Refusal {
  return new Refusal(code, message ?? defaultMessages[code] ?? `Error ${code}`)
}

const legacyReasons: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  429: 'rateLimitExceeded',
  500: 'internalError',
  503: 'backendError',
}

/** The JSON body of a refusal as the API in question words it. */
export function bodyOf(refusal: Refusal, dialect: Dialect): Record<string, unknown> {
  const { code, message, status, reason, details } = refusal
  if (dialect === 'token') return { error: reason ?? 'internal_failure', error_description: message }
  const legacy = { message, domain: 'global', reason: reason ?? legacyReasons[code] ?? 'unknown' }
  if (dialect === 'drive') return { error: { errors: [legacy], code, message } }
  if (dialect === 'youtube') {
    const domain = reason === 'quotaExceeded' ? 'youtube.quota' : 'global'
    return { error: { code, message, errors: [{ ...legacy, domain }], status, ...(details && { details }) } }
  }
  return { error: { code, message, status, ...(details && { details }) } }
}
