import type { RemoteFailure } from '../../engine/ports.ts'
import type { CallFailure } from '../google/call-failure.ts'
import { SECRETS } from '../google/token.ts'

/** What was asked, for the words of a refusal. */
export interface Asked {
  readonly account: string
  readonly spreadsheet: string
  /** The call wanted to write */
  readonly write: boolean
}

/** What a failed call means to the run, and who mends it. Rate limits are dealt with before. */
export function remoteFailure(failure: CallFailure, asked: Asked, now: number): RemoteFailure {
  const { status, message, retryAfter } = failure
  if (status === null || status >= 500 || status === 408)
    return {
      type: 'unavailable',
      reason: `Google Sheets did not answer properly (${status === null || message === `HTTP ${status}` ? message : `HTTP ${status}: ${message}`})`,
      mend: 'Nothing to do: it is tried again. If it lasts, see https://www.google.com/appsstatus.',
      ...(retryAfter !== null && { at: now + retryAfter }),
    }
  return { type: 'refused', reason: `Google says: ${message}`, mend: mendOf(failure, asked) }
}

function mendOf({ status, reasons }: CallFailure, { account, spreadsheet, write }: Asked): string {
  const share = `Share the spreadsheet with ${account} as ${write ? 'Editor' : 'Viewer (or Editor, to write values back)'}`
  if (status === 401)
    return `Check the secrets ${SECRETS.email} and ${SECRETS.privateKey}: Google refuses a token that it has just made for them.`
  if (status === 403 && reasons.some((reason) => /SERVICE_DISABLED|accessNotConfigured/.test(reason)))
    return `Enable the Google Sheets API and the Google Drive API in the Google Cloud project of ${account}.`
  if (status === 403) return `${share}.`
  // Drive hides what isn't shared: absent and forbidden look the same.
  if (status === 404)
    return `Check the workspace's spreadsheet id (${spreadsheet}): it is the part between /d/ and /edit in the address. If it is right: ${share}.`
  return 'The request itself was refused; report this with the run id.'
}
