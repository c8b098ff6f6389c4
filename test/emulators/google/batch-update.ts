import { locate } from './a1.ts'
import {
  type Apply,
  appendCells,
  type RequestContext,
  repeatCell,
  sortRange,
  updateCells,
} from './cell-requests.ts'
import { copyPasteRequest } from './copy-request.ts'
import { invalid, Refusal } from './failure.ts'
import { type Selection, spreadsheetResource } from './grid.ts'
import type { GridRange, SpreadsheetFile } from './model.ts'
import { isObject, Payload } from './payload.ts'
import { addProtectedRange, deleteProtectedRange } from './protection-requests.ts'
import {
  addSheet,
  appendDimension,
  deleteDimensionRequest,
  deleteSheet,
  insertDimensionRequest,
  moveDimensionRequest,
  updateDimensionProperties,
  updateSheetProperties,
  updateSpreadsheetProperties,
} from './structure-requests.ts'

const requests: Readonly<Record<string, Apply>> = {
  addProtectedRange,
  addSheet,
  appendCells,
  appendDimension,
  copyPaste: copyPasteRequest,
  deleteDimension: deleteDimensionRequest,
  deleteProtectedRange,
  deleteSheet,
  insertDimension: insertDimensionRequest,
  moveDimension: moveDimensionRequest,
  repeatCell,
  sortRange,
  updateCells,
  updateDimensionProperties,
  updateSheetProperties,
  updateSpreadsheetProperties,
}

/**
 * `spreadsheets.batchUpdate`: requests in order, all or none. The first that is invalid is named in the refusal, and
 * the file stays as it was, because every request works on a draft.
 */
export function batchUpdate(
  file: SpreadsheetFile,
  body: unknown,
  context: RequestContext,
): { readonly file: SpreadsheetFile; readonly response: Record<string, unknown> } {
  const payload = new Payload(body, '', [
    'requests',
    'includeSpreadsheetInResponse',
    'responseRanges',
    'responseIncludeGridData',
  ])
  const list = payload.list('requests')
  if (list.length === 0) throw invalid('Must specify at least one request.')
  let draft = file
  const replies = list.map((request, index) => {
    if (!isObject(request)) throw invalid(`Invalid value at 'requests[${index}]'`)
    const kinds = Object.keys(request)
    const kind = kinds[0]
    if (kind === undefined || kinds.length > 1) {
      throw invalid(`Invalid requests[${index}]: exactly one request must be set.`)
    }
    const apply = requests[kind]
    if (!apply) throw new Refusal(501, `The emulator does not know the request ${kind}.`)
    const where = `requests[${index}].${kind}`
    try {
      const applied = apply(draft, request[kind], where, context)
      draft = applied.file
      return applied.reply ?? {}
    } catch (error) {
      if (!(error instanceof Refusal) || error.message.startsWith('Invalid')) throw error
      throw new Refusal(error.code, `Invalid ${where}: ${error.message}`, {
        ...(error.details && { details: error.details }),
      })
    }
  })
  const ranges = payload.list('responseRanges').filter((range) => typeof range === 'string')
  const resource = () =>
    spreadsheetResource(draft, {
      mask: context.mask,
      selection: ranges.length > 0 ? selectionOf(draft, ranges) : null,
      withData: payload.flag('responseIncludeGridData') ?? false,
      requester: context.caller.email,
    })
  return {
    file: draft,
    response: {
      spreadsheetId: file.spreadsheetId,
      replies,
      ...(payload.flag('includeSpreadsheetInResponse') && { updatedSpreadsheet: resource() }),
    },
  }
}

/** The sheets and ranges that A1 texts name. */
export function selectionOf(file: SpreadsheetFile, ranges: readonly string[]): Selection {
  const selection = new Map<number, GridRange[]>()
  for (const text of ranges) {
    const { sheet, range } = locate(file, text)
    selection.set(sheet.sheetId, [...(selection.get(sheet.sheetId) ?? []), range])
  }
  return selection
}
