import { columnIndex, columnLetters, quoteTitle } from './a1.ts'

interface Corner {
  readonly row?: number
  readonly column?: number
  readonly rowFixed: boolean
  readonly columnFixed: boolean
}

/** A cell, area, column or row that a formula names; `to` is inclusive and absent for a single cell. */
export interface Reference {
  /** Title of the sheet, when the formula names one */
  readonly sheet?: string
  readonly from: Corner
  readonly to?: Corner
}

const pattern =
  /("(?:[^"]|"")*")|(?<![\w.$])(?:('(?:[^']|'')+'|[A-Za-z_]\w*)!)?(\$?[A-Za-z]{1,3}\$?[1-9]\d*(?::\$?[A-Za-z]{0,3}\$?\d*)?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d+:\$?\d+)(?![\w(!.:])/g

/** The formula with every reference replaced by what `change` makes of it; null becomes #REF!. */
export function rewriteReferences(
  formula: string,
  change: (reference: Reference) => Reference | null,
): string {
  return formula.replace(
    pattern,
    (whole, quoted: string | undefined, title: string | undefined, area: string) => {
      if (quoted !== undefined) return whole
      const reference = parseReference(area, title)
      if (!reference) return whole
      const changed = change(reference)
      return changed === reference ? whole : changed === null ? '#REF!' : formatReference(changed)
    },
  )
}

/** Reads `$A$1`, `A1:B2`, `A:C`, `2:5`; null for anything else. */
export function parseReference(area: string, title?: string): Reference | null {
  const [first = '', second] = area.split(':')
  const from = parseCorner(first)
  const to = second === undefined ? undefined : parseCorner(second)
  if (!from || to === null) return null
  const sheet = title?.startsWith("'") ? title.slice(1, -1).replaceAll("''", "'") : title
  return { ...(sheet !== undefined && { sheet }), from, ...(to && { to }) }
}

function parseCorner(text: string): Corner | null {
  const found = /^(\$?)([A-Za-z]{1,3})?(\$?)(\d+)?$/.exec(text)
  if (!found || (!found[2] && !found[4])) return null
  const [, firstFixed, letters, secondFixed, digits] = found
  return {
    ...(letters && { column: columnIndex(letters) }),
    ...(digits && { row: Number(digits) - 1 }),
    columnFixed: Boolean(letters && firstFixed),
    rowFixed: Boolean(digits && (letters ? secondFixed : firstFixed)),
  }
}

function formatReference({ sheet, from, to }: Reference): string {
  const corner = (c: Corner) =>
    (c.column === undefined ? '' : `${c.columnFixed ? '$' : ''}${columnLetters(c.column)}`) +
    (c.row === undefined ? '' : `${c.rowFixed ? '$' : ''}${c.row + 1}`)
  return `${sheet === undefined ? '' : `${quoteTitle(sheet)}!`}${corner(from)}${to ? `:${corner(to)}` : ''}`
}

/** What copying a formula does to its relative references; outside of the grid they are lost. */
export function shiftReferences(formula: string, rows: number, columns: number): string {
  const shift = (corner: Corner): Corner | null => {
    const row = corner.row === undefined || corner.rowFixed ? corner.row : corner.row + rows
    const column = corner.column === undefined || corner.columnFixed ? corner.column : corner.column + columns
    if ((row ?? 0) < 0 || (column ?? 0) < 0) return null
    return { ...corner, ...(row !== undefined && { row }), ...(column !== undefined && { column }) }
  }
  if (rows === 0 && columns === 0) return formula
  return rewriteReferences(formula, (reference) => {
    const from = shift(reference.from)
    const to = reference.to && shift(reference.to)
    if (!from || to === null) return null
    return { ...reference, from, ...(to && { to }) }
  })
}

/** Where a run of rows or columns (half-open) goes when the grid changes; null when it is gone. */
export type MapInterval = (start: number, end: number) => readonly [number, number] | null

/** What inserting, deleting or moving rows or columns does to a reference on that sheet. */
export function mapReference(
  reference: Reference,
  axis: 'row' | 'column',
  map: MapInterval,
): Reference | null {
  const first = reference.from[axis]
  const last = reference.to ? reference.to[axis] : first
  if (first === undefined && last === undefined) return reference
  const low = Math.min(first ?? 0, last ?? Number.MAX_SAFE_INTEGER)
  const high = Math.max(first ?? 0, last ?? 0)
  const open = last === undefined
  const mapped = map(low, open ? Number.MAX_SAFE_INTEGER : high + 1)
  if (!mapped) return null
  const from = { ...reference.from, [axis]: mapped[0] }
  if (!reference.to) return { ...reference, from }
  return { ...reference, from, to: open ? reference.to : { ...reference.to, [axis]: mapped[1] - 1 } }
}
