import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { createGoogle, type Google, type GoogleOptions, type RecordedCall } from './index.ts'

/** A Google with a clock that only the test moves, one shared spreadsheet, and a way to call it. */
export interface Bench {
  readonly google: Google
  readonly email: string
  /** Moves the clock */
  pass(ms: number): void
  /** One call with a valid token; path as after the origin */
  call(method: string, path: string, body?: unknown): Promise<Reply>
  readonly last: RecordedCall | undefined
}

export interface Reply {
  readonly status: number
  readonly body: Body
}

/** Any answer of Sheets, Drive or the token endpoint, by Google's own types where there are some. */
export type Body = sheets_v4.Schema$Spreadsheet &
  sheets_v4.Schema$ValueRange &
  sheets_v4.Schema$BatchGetValuesResponse &
  sheets_v4.Schema$UpdateValuesResponse &
  sheets_v4.Schema$AppendValuesResponse &
  sheets_v4.Schema$BatchUpdateSpreadsheetResponse & {
    readonly version?: string
    readonly modifiedTime?: string
    readonly error?: {
      readonly code: number
      readonly message: string
      readonly status?: string
      readonly details?: readonly unknown[]
    }
  }

export const email = 'tidemark@emulated.iam.gserviceaccount.com'

const start = Date.UTC(2026, 10, 20, 12, 0, 0)

/** A spreadsheet `book` with tab `Accounts`, shared with the service account as an editor. */
export function createBench(
  rows: (string | number | boolean | null)[][] = [],
  options: GoogleOptions & { readonly locale?: string } = {},
): Bench {
  let now = start
  const google = createGoogle({ clock: () => now, random: seeded(1), sleep: async () => {}, ...options })
  google.person.create({
    id: 'book',
    title: 'Book',
    locale: options.locale,
    sheets: [{ title: 'Accounts', rows }],
  })
  google.person.share('book', { email, role: 'writer' })
  let token = google.grant(email)
  let granted = now
  return {
    google,
    email,
    pass: (ms) => {
      now += ms
    },
    async call(method, path, body) {
      if (now - granted >= 3_500_000) [token, granted] = [google.grant(email), now]
      const response = await google.fetch(`https://sheets.test${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: (await response.json()) as Body }
    },
    get last() {
      return google.calls.at(-1)
    },
  }
}

/** mulberry32: small, and the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
