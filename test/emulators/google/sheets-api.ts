import { locate } from './a1.ts'
import { appendBlock } from './append.ts'
import { type Auth, scopesFor } from './auth.ts'
import { batchUpdate, selectionOf } from './batch-update.ts'
import { gridRangeFields, readGridRange } from './cell-requests.ts'
import { driveFile, driveNotFound } from './drive.ts'
import { invalid, Refusal, refusalFor } from './failure.ts'
import type { Call, Route } from './front.ts'
import { type Selection, spreadsheetResource } from './grid.ts'
import { applyMask, below, parseMask, spreadsheetSchema } from './mask.ts'
import type { GridRange, SpreadsheetFile, Store } from './model.ts'
import { Payload, parseBody } from './payload.ts'
import type { Caller } from './protection.ts'
import type { Quota } from './quota.ts'
import {
  clearRange,
  readBlock,
  readRange,
  renderOptions,
  type WriteOptions,
  writeBlock,
  writeBlocks,
  writeNames,
  writeOptions,
} from './values.ts'

export interface ApiContext {
  readonly store: Store
  readonly auth: Auth
  readonly quota: Quota
  readonly clock: () => number
  readonly random: () => number
  /** Stores a changed file: version and time of change move on */
  readonly save: (file: SpreadsheetFile) => void
}

type Opened = { readonly file: SpreadsheetFile; readonly caller: Caller }

/** Finds the method behind a path, or null. The path alone decides, so that one origin serves every API. */
export function sheetsRoute(context: ApiContext, method: string, path: string): Route | null {
  const drive = /^\/drive\/v3\/files\/([^/]+)$/.exec(path)
  if (drive && method === 'GET') return driveGet(context, decodeURIComponent(drive[1] ?? ''))
  const found = /^\/v4\/spreadsheets\/([^/:]+)(:\w+|\/values(?:[:/].*)?)?$/.exec(path)
  if (!found) return null
  const id = decodeURIComponent(found[1] ?? '')
  const rest = found[2] ?? ''
  const named = /^\/values\/(.+?)(:append|:clear)?$/.exec(rest)
  const range = named ? decodeURIComponent(named[1] ?? '') : ''
  const verb = named ? `/values/*${named[2] ?? ''}` : rest
  switch (`${method} ${verb}`) {
    case 'GET ':
      return read(
        context,
        id,
        'sheets.get',
        ['ranges', 'includeGridData', 'excludeTablesInBandedRanges'],
        get,
      )
    case 'POST :getByDataFilter':
      return read(context, id, 'sheets.getByDataFilter', [], getByDataFilter, scopesFor.sheetsWrite)
    case 'POST :batchUpdate':
      return write(context, id, 'sheets.batchUpdate', [], (opened, call) => {
        const { caller, file } = opened
        const fields = call.url.searchParams.get('fields')
        const wanted = fields === null ? true : below(parseMask(fields, true), 'updatedSpreadsheet')
        const mask = wanted ?? {}
        return batchUpdate(file, parseBody(call.body), { caller, random: context.random, mask })
      })
    case 'GET /values/*':
      return read(context, id, 'sheets.values.get', renderNames, ({ file }, { url }) =>
        readRange(
          file,
          range,
          renderOptions((name) => url.searchParams.get(name)),
        ),
      )
    case 'GET /values:batchGet':
      return read(context, id, 'sheets.values.batchGet', ['ranges', ...renderNames], ({ file }, { url }) => {
        const options = renderOptions((name) => url.searchParams.get(name))
        const valueRanges = url.searchParams.getAll('ranges').map((a1) => readRange(file, a1, options))
        return { spreadsheetId: id, ...(valueRanges.length > 0 && { valueRanges }) }
      })
    case 'PUT /values/*':
      return write(context, id, 'sheets.values.update', writeNames, ({ file, caller }, call) => {
        const block = readBlock(parseBody(call.body), '', range)
        return writeBlock(file, block, queryOptions(call, context), caller)
      })
    case 'POST /values:batchUpdate':
      return write(context, id, 'sheets.values.batchUpdate', [], (opened, call) =>
        writeBlocks(opened.file, parseBody(call.body), yearOf(context), opened.caller),
      )
    case 'POST /values/*:append':
      return write(
        context,
        id,
        'sheets.values.append',
        [...writeNames, 'insertDataOption'],
        (opened, call) => {
          const insert = call.url.searchParams.get('insertDataOption') ?? 'OVERWRITE'
          if (insert !== 'OVERWRITE' && insert !== 'INSERT_ROWS') {
            throw invalid(`Invalid value at 'insert_data_option', "${insert}"`)
          }
          const block = readBlock(parseBody(call.body), '', range)
          return appendBlock(opened.file, block, insert, queryOptions(call, context), opened.caller)
        },
      )
    case 'POST /values/*:clear':
      return write(context, id, 'sheets.values.clear', [], ({ file, caller }) => {
        const cleared = clearRange(file, range, caller)
        return { file: cleared.file, response: { spreadsheetId: id, clearedRange: cleared.cleared } }
      })
    case 'POST /values:batchClear':
      return write(context, id, 'sheets.values.batchClear', [], ({ file, caller }, call) => {
        let draft = file
        const clearedRanges = new Payload(parseBody(call.body), '', ['ranges']).list('ranges').map((a1) => {
          const cleared = clearRange(draft, String(a1), caller)
          draft = cleared.file
          return cleared.cleared
        })
        return { file: draft, response: { spreadsheetId: id, clearedRanges } }
      })
    default:
      return null
  }
}

const renderNames = ['majorDimension', 'valueRenderOption', 'dateTimeRenderOption']
const standardNames = [
  '$.xgafv',
  'access_token',
  'alt',
  'callback',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
]

/** The year that dates typed without one lie in. */
function yearOf({ clock }: ApiContext): number {
  return new Date(clock()).getUTCFullYear()
}

function queryOptions({ url }: Call, context: ApiContext): WriteOptions {
  const get = (name: string) => url.searchParams.get(name)
  return writeOptions(get, get('includeValuesInResponse') === 'true', yearOf(context))
}

function read(
  context: ApiContext,
  id: string,
  api: string,
  names: readonly string[],
  answer: (opened: Opened, call: Call) => unknown,
  scopes = scopesFor.sheetsRead,
): Route {
  return {
    api,
    kind: 'read',
    dialect: 'sheets',
    answer: (call) => masked(call, answer(open(context, id, call, { kind: 'read', names, scopes }), call)),
  }
}

function write(
  context: ApiContext,
  id: string,
  api: string,
  names: readonly string[],
  answer: (opened: Opened, call: Call) => { file: SpreadsheetFile; response: unknown },
): Route {
  return {
    api,
    kind: 'write',
    dialect: 'sheets',
    answer: (call) => {
      const opened = open(context, id, call, { kind: 'write', names, scopes: scopesFor.sheetsWrite })
      if (opened.caller.role !== 'writer' && opened.caller.role !== 'owner') throw refusalFor(403)
      const { file, response } = answer(opened, call)
      context.save(file)
      return masked(call, response)
    },
  }
}

/** Any method takes `fields`. A spreadsheet is built by its mask already, and comes out of this as it went in. */
function masked({ url }: Call, response: unknown): unknown {
  const fields = url.searchParams.get('fields')
  return fields === null ? response : applyMask(parseMask(fields, true), response)
}

/** What every Sheets method does first: token, quota, query, file, sharing. */
function open(
  { auth, quota, store }: ApiContext,
  id: string,
  { request, url }: Call,
  needs: { kind: 'read' | 'write'; names: readonly string[]; scopes: readonly string[] },
): Opened {
  const { email } = auth.authenticate(request, url, needs.scopes)
  quota.takeSheets(needs.kind, email)
  for (const name of url.searchParams.keys()) {
    if (needs.names.includes(name) || standardNames.includes(name)) continue
    throw invalid(
      `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`,
    )
  }
  const file = store.world.files[id]
  if (!file) throw refusalFor(404)
  const role = email === file.owner ? 'owner' : file.permissions[email]
  if (!role) throw refusalFor(403)
  return { file, caller: { email, role } }
}

function get({ file, caller }: Opened, { url }: Call): unknown {
  const ranges = url.searchParams.getAll('ranges')
  return resource(file, caller, url, {
    selection: ranges.length > 0 ? selectionOf(file, ranges) : null,
    includeGridData: url.searchParams.get('includeGridData') === 'true',
  })
}

function getByDataFilter({ file, caller }: Opened, { url, body }: Call): unknown {
  const payload = new Payload(parseBody(body), '', [
    'dataFilters',
    'includeGridData',
    'excludeTablesInBandedRanges',
  ])
  const filters = payload.list('dataFilters')
  const selection = new Map<number, GridRange[]>()
  filters.forEach((entry, i) => {
    const where = `dataFilters[${i}]`
    const filter = new Payload(entry, where, ['a1Range', 'gridRange', 'developerMetadataLookup'])
    if (filter.has('developerMetadataLookup')) {
      throw new Refusal(501, 'The emulator does not know developer metadata.')
    }
    const range = filterRange(file, filter)
    selection.set(range.sheetId, [...(selection.get(range.sheetId) ?? []), range])
  })
  return resource(file, caller, url, {
    selection: filters.length > 0 ? selection : null,
    includeGridData: payload.flag('includeGridData') ?? false,
  })
}

function filterRange(file: SpreadsheetFile, filter: Payload): GridRange {
  const a1 = filter.text('a1Range')
  if (a1 !== undefined) return locate(file, a1).range
  const grid = filter.object('gridRange', gridRangeFields)
  if (!grid) throw invalid(`Invalid ${filter.where}: No filter specified.`)
  try {
    return readGridRange(file, grid).range
  } catch (error) {
    if (!(error instanceof Refusal) || error.message.startsWith('Invalid')) throw error
    throw invalid(`Invalid ${grid.where}: ${error.message}`)
  }
}

function resource(
  file: SpreadsheetFile,
  caller: Caller,
  url: URL,
  { selection, includeGridData }: { selection: Selection; includeGridData: boolean },
): unknown {
  const fields = url.searchParams.get('fields')
  return spreadsheetResource(file, {
    mask: fields === null ? true : parseMask(fields, spreadsheetSchema),
    selection,
    // A mask decides alone; `includeGridData` is ignored beside it.
    withData: fields === null ? includeGridData : true,
    requester: caller.email,
  })
}

function driveGet({ auth, quota, store }: ApiContext, id: string): Route {
  return {
    api: 'drive.files.get',
    kind: 'drive',
    dialect: 'drive',
    answer: ({ request, url }) => {
      const { email } = auth.authenticate(request, url, scopesFor.driveRead)
      quota.takeDrive(email)
      const file = store.world.files[id]
      const role = file && (email === file.owner ? 'owner' : file.permissions[email])
      if (!file || !role) throw driveNotFound(id)
      return driveFile(file, url.searchParams.get('fields'), { email, role })
    },
  }
}
