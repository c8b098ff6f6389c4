import { drive } from 'googleapis/build/src/apis/drive/index.js'
import { sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import type { Clock, Pacer, Random, RemoteContext, RemoteFailure } from '../../engine/ports.ts'
import { callFailure, garbled, isObject, isRateLimit } from '../google/call-failure.ts'
import { type Fetch, googleFetch } from '../google/fetch.ts'
import { accessTokens, type Credentials, type TokenCache } from '../google/token.ts'
import { remoteFailure } from './failure.ts'

export interface SheetsOptions {
  readonly credentials: Credentials
  /** Another address for all of Google; null: Google itself */
  readonly origin: string | null
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: Random
  readonly pacer: Pacer
  /** Name of the gate that paces this account's calls */
  readonly gate: string
  readonly tokenCache: TokenCache
  /** Milliseconds for one call; Google itself gives up after 180 s */
  readonly timeout?: number
}

/** Kinds of calls, as quotas count them. */
export type Kind = 'read' | 'write' | 'drive'

/**
 * `lost`: no answer, or one of 500 to 504: the call may have been carried out, or still be until Google's own time-out. UNAVAILABLE
 * is no promise that the server has seen nothing (https://grpc.github.io/grpc/core/md_doc_statuscodes.html), and Sheets says 503 also
 * of what takes it too long (https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors). `invalid`: Google
 * understood it and would not (400).
 */
export type Called<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      readonly failure: RemoteFailure
      readonly lost: boolean
      readonly invalid: boolean
    }

const TIMEOUT = 30_000
// `spreadsheets` also to read: `getByDataFilter` is closed to the read-only scope.
const SCOPES = ['spreadsheets', 'drive.metadata.readonly'].map(
  (name) => `https://www.googleapis.com/auth/${name}`,
)

export type SheetsCalls = ReturnType<typeof sheetsCalls>

/** One door to Google: permission, token, time limit, and failures as values. Nothing is retried here but a stale token. */
export function sheetsCalls(options: SheetsOptions) {
  const { credentials, clock, random, pacer, gate, timeout = TIMEOUT } = options
  const tokens = accessTokens({ ...options, scopes: SCOPES, cache: options.tokenCache, timeout })
  const transport = { fetchImplementation: googleFetch(options.fetch, options.origin), retry: false, timeout }
  const sheetsApi = sheets({ version: 'v4', ...transport })
  const driveApi = drive({ version: 'v3', ...transport })

  async function permit(kind: Kind, context: RemoteContext): Promise<Called<true>> {
    const answer = await pacer.permit(gate, kind, context.priority)
    if (answer.granted) return { ok: true, value: true }
    return refusal({
      type: 'busy',
      at: answer.at,
      reason: `Google's quota of ${kind} calls is used up for now`,
    })
  }

  type Method<T> = (headers: Record<string, string>) => Promise<{ data: T }>

  async function call<T>(
    kind: Kind,
    context: RemoteContext,
    method: Method<T>,
    { permitted = false, second = false } = {},
  ): Promise<Called<T>> {
    const token = await tokens.get()
    if (!token.ok) return refusal(token.failure)
    const allowed = permitted ? { ok: true as const } : await permit(kind, context)
    if (!allowed.ok) return allowed
    context.called(kind)
    try {
      const { data } = await method({ authorization: `Bearer ${token.value}` })
      return isObject(data) ? { ok: true, value: data } : failed(garbled(data), kind, context)
    } catch (error) {
      const failure = callFailure(error, clock.now())
      if (failure.status !== 401 || second) return failed(failure, kind, context)
      await tokens.forget(token.value)
      return call(kind, context, method, { second: true })
    }
  }

  async function failed(failure: ReturnType<typeof callFailure>, kind: Kind, context: RemoteContext) {
    const now = clock.now()
    if (!isRateLimit(failure)) {
      const asked = {
        account: credentials.email,
        spreadsheet: spreadsheetOf(context),
        write: kind === 'write',
      }
      const lost = failure.status === null || failure.status >= 500
      return { ...refusal(remoteFailure(failure, asked, now)), lost, invalid: failure.status === 400 }
    }
    // The quota is the account's, whoever calls, is spent for that minute and “refilled every minute”: to ask before is refused again
    // (https://developers.google.com/workspace/sheets/api/limits). The random part keeps those who wait from coming back in one moment.
    const refilled = (Math.floor(now / 60_000) + 1) * 60_000 + Math.round(random() * 1_000)
    const until = failure.retryAfter === null ? refilled : now + failure.retryAfter
    await pacer.penalise(gate, kind, until)
    return refusal({ type: 'busy', at: until, reason: `Google says: ${failure.message}` })
  }

  return {
    now: () => clock.now(),
    permit,
    /** Drive's version of the spreadsheet, which moves with every change, and when it was changed last. */
    version: (context: RemoteContext) =>
      call('drive', context, (headers) =>
        driveApi.files.get(
          {
            fileId: spreadsheetOf(context),
            fields: 'version,modifiedTime',
            supportsAllDrives: true,
            prettyPrint: false,
          },
          { headers },
        ),
      ),
    /** Titles, ids and sizes of all tabs. */
    tabs: (context: RemoteContext) =>
      call('read', context, (headers) =>
        sheetsApi.spreadsheets.get(
          {
            spreadsheetId: spreadsheetOf(context),
            fields:
              'properties(title),sheets.properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount))',
            prettyPrint: false,
          },
          { headers },
        ),
      ),
    /** Cells of some tabs, as they stood in one moment. */
    cells: (context: RemoteContext, ranges: readonly sheets_v4.Schema$GridRange[], fields: string) =>
      call('read', context, (headers) =>
        sheetsApi.spreadsheets.getByDataFilter(
          {
            spreadsheetId: spreadsheetOf(context),
            fields,
            prettyPrint: false,
            requestBody: { dataFilters: ranges.map((gridRange) => ({ gridRange })) },
          },
          { headers },
        ),
      ),
    /** All requests or none. The caller holds a permission to write. */
    update: (context: RemoteContext, body: sheets_v4.Schema$BatchUpdateSpreadsheetRequest, fields: string) =>
      call(
        'write',
        context,
        (headers) =>
          sheetsApi.spreadsheets.batchUpdate(
            { spreadsheetId: spreadsheetOf(context), fields, prettyPrint: false, requestBody: body },
            { headers },
          ),
        { permitted: true },
      ),
  }
}

export const spreadsheetOf = ({ target }: RemoteContext): string => String(target.spreadsheet_id)

const refusal = (failure: RemoteFailure) => ({
  ok: false as const,
  failure,
  lost: false,
  invalid: false,
})
