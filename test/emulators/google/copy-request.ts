import { type Apply, gridRangeFields, readGridRange } from './cell-requests.ts'
import { invalid } from './failure.ts'
import { editCells, withSheet } from './grid-edit.ts'
import { boundsOf, type Cell, cellAt, normalCell } from './model.ts'
import { Payload } from './payload.ts'
import { assertEditable } from './protection.ts'
import { shiftReferences } from './references.ts'

/**
 * `copyPaste` of all that cells hold, or of their values alone; an empty cell empties the one that it is copied to. Where the
 * destination is larger than the source, Google repeats the source; that is refused here.
 */
export const copyPasteRequest: Apply = (file, body, where, { caller }) => {
  const payload = new Payload(body, where, ['source', 'destination', 'pasteType', 'pasteOrientation'])
  const from = readGridRange(file, payload.required('source', gridRangeFields))
  const to = readGridRange(file, payload.required('destination', gridRangeFields))
  const type = payload.text('pasteType') ?? 'PASTE_NORMAL'
  if (type !== 'PASTE_NORMAL' && type !== 'PASTE_VALUES')
    throw invalid(`The emulator does not paste ${type}.`)
  const source = boundsOf(from.range, from.sheet)
  const target = boundsOf(to.range, to.sheet)
  const bounds = {
    top: target.top,
    left: target.left,
    bottom: target.top + source.bottom - source.top,
    right: target.left + source.right - source.left,
  }
  if (target.bottom > bounds.bottom || target.right > bounds.right)
    throw invalid('The emulator does not repeat what is pasted.')
  if (bounds.bottom > to.sheet.rowCount || bounds.right > to.sheet.columnCount)
    throw invalid('The data being pasted does not fit in the destination sheet.')
  assertEditable(file, to.sheet, bounds, caller)
  const [down, across] = [bounds.top - source.top, bounds.left - source.left]
  const taken = (row: number, column: number, before: Cell | null): Cell | null => {
    const cell = cellAt(from.sheet, row - down, column - across)
    if (type === 'PASTE_VALUES') {
      const { value: _value, formula: _formula, ...rest } = before ?? {}
      return normalCell({ ...rest, ...(cell?.value !== undefined && { value: cell.value }) })
    }
    return cell?.formula === undefined
      ? cell
      : { ...cell, formula: shiftReferences(cell.formula, down, across) }
  }
  const edited = editCells(to.sheet, bounds, (cell, row, column) => taken(row, column, cell))
  return { file: withSheet(file, edited) }
}
