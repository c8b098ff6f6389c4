import { Refusal } from './failure.ts'
import { isObject } from './payload.ts'

/** A field mask as a tree; `true` is a field with everything below it. */
export type Mask = true | { readonly [field: string]: Mask }

/**
 * Reads `a,b(c,d/e),f.g`. Refuses a path that `schema` doesn't have, as Google does, so that a misspelt mask is
 * found here rather than in production. Arrays are transparent.
 */
export function parseMask(text: string, schema: Mask): Mask {
  const tokens = text.match(/[A-Za-z*][\w]*|[(),/.]/g) ?? []
  if (tokens.join('') !== text.replace(/\s/g, '')) throw unknownPath(text)
  let at = 0
  const list = (): Mask => {
    let tree = path()
    while (tokens[at] === ',') {
      at += 1
      tree = merge(tree, path())
    }
    return tree
  }
  const path = (): Mask => {
    const name = tokens[at]
    if (name === undefined || !/[\w*]/.test(name)) throw unknownPath(text)
    at += 1
    const next = tokens[at]
    let below: Mask = true
    if (next === '/' || next === '.') {
      at += 1
      below = path()
    } else if (next === '(') {
      at += 1
      below = list()
      if (tokens[at] !== ')') throw unknownPath(text)
      at += 1
    }
    return name === '*' ? below : { [name]: below }
  }
  const tree = list()
  if (at !== tokens.length) throw unknownPath(text)
  check(tree, schema, '')
  return tree
}

function check(mask: Mask, schema: Mask, path: string): void {
  if (mask === true || schema === true) return
  for (const [name, below] of Object.entries(mask)) {
    const place = path === '' ? name : `${path}.${name}`
    const known = schema[name]
    if (known === undefined) throw unknownPath(place)
    if (known === true && below !== true && !openEnded.has(name)) {
      throw unknownPath(`${place}.${Object.keys(below)[0]}`)
    }
    check(below, known, place)
  }
}

/** Fields whose members the emulator doesn't list. */
const openEnded = new Set(['numberFormat', 'userEnteredFormat', 'effectiveFormat', 'owners', 'capabilities'])

function unknownPath(path: string): Refusal {
  const description = `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`
  return new Refusal(400, 'Request contains an invalid argument.', {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: path, description }],
      },
    ],
  })
}

function merge(a: Mask, b: Mask): Mask {
  if (a === true || b === true) return true
  const merged: Record<string, Mask> = { ...a }
  for (const [name, below] of Object.entries(b)) {
    const before = merged[name]
    merged[name] = before === undefined ? below : merge(before, below)
  }
  return merged
}

/** What the mask says of a field: its own mask, or null when it isn't wanted. */
export function below(mask: Mask, field: string): Mask | null {
  return mask === true ? true : (mask[field] ?? null)
}

/** Keeps of a JSON value what the mask names. */
export function applyMask(mask: Mask, value: unknown): unknown {
  if (mask === true) return value
  if (Array.isArray(value)) return value.map((item) => applyMask(mask, item))
  if (!isObject(value)) return value
  const kept: Record<string, unknown> = {}
  for (const [name, sub] of Object.entries(mask)) {
    if (value[name] !== undefined) kept[name] = applyMask(sub, value[name])
  }
  return kept
}

const extendedValue: Mask = {
  numberValue: true,
  stringValue: true,
  boolValue: true,
  formulaValue: true,
  errorValue: { type: true, message: true },
}

const cellFormat: Mask = {
  numberFormat: { type: true, pattern: true },
  horizontalAlignment: true,
  wrapStrategy: true,
}

/** What `updateCells` and `repeatCell` may name in `fields`. */
export const cellSchema: Mask = {
  userEnteredValue: extendedValue,
  effectiveValue: extendedValue,
  formattedValue: true,
  userEnteredFormat: cellFormat,
  effectiveFormat: cellFormat,
  note: true,
  hyperlink: true,
}

const gridRange: Mask = {
  sheetId: true,
  startRowIndex: true,
  endRowIndex: true,
  startColumnIndex: true,
  endColumnIndex: true,
}

const dimension: Mask = { pixelSize: true, hiddenByUser: true, hiddenByFilter: true, developerMetadata: true }

export const sheetPropertiesSchema: Mask = {
  sheetId: true,
  title: true,
  index: true,
  sheetType: true,
  hidden: true,
  gridProperties: { rowCount: true, columnCount: true, frozenRowCount: true, frozenColumnCount: true },
}

/** The Spreadsheet resource, as far as the emulator fills it. */
export const spreadsheetSchema: Mask = {
  spreadsheetId: true,
  spreadsheetUrl: true,
  namedRanges: true,
  properties: { title: true, locale: true, timeZone: true, autoRecalc: true, defaultFormat: true },
  sheets: {
    properties: sheetPropertiesSchema,
    data: {
      startRow: true,
      startColumn: true,
      rowData: { values: cellSchema },
      rowMetadata: dimension,
      columnMetadata: dimension,
    },
    protectedRanges: {
      protectedRangeId: true,
      range: gridRange,
      description: true,
      warningOnly: true,
      requestingUserCanEdit: true,
      editors: { users: true, groups: true, domainUsersCanEdit: true },
    },
    merges: true,
    developerMetadata: true,
  },
}
