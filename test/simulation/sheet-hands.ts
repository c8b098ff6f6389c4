import type { Row, SqlValue } from '../../db/database.ts'
import type { PaperRow } from './sheet-paper.ts'
import type { Playing } from './sheet-playing.ts'

export type Hands = ReturnType<typeof hands>

/** What people's hands do to a tab, each act in the ledger. */
export function hands(p: Playing) {
  const { story, shape, scene, book, log } = p
  const { paper } = scene

  /** A person says all of a row: it is new there, or put back. */
  const place = (n: number, values: Row, remark: SqlValue) => {
    paper.insert(n, values, remark)
    book.sayAll('person', values[shape.mark] ?? null, values)
  }

  const typed = (who: number, n: number, column: string, value: SqlValue, mark: SqlValue) => {
    const before = paper.rows()[n]?.values[column] ?? null
    p.undos[who as 0]?.push({ mark, column, before, after: value })
    if (scene.inWindow?.()) p.risked.push({ mark, column, value })
    paper.type(n, column, value)
    book.say('person', mark, column, value)
    book.wanted(mark)
    p.changed.add(mark)
    muddle()
  }

  /** Rows that were edited and moved past their ids before anybody looked may be taken for one another: the id counts. */
  function muddle(): void {
    if (!p.shuffled || shape.name !== null) return
    for (const mark of p.changed) book.kin(mark, 'muddled')
  }

  let unders = 0
  /** A person types into a cell that is just being written, now and then. */
  function typeUnder(): void {
    if (unders++ % 3 !== story.last % 3) return
    const stands = new Map(p.here().map((row) => [row[shape.mark], row]))
    for (const { n, mark, values } of p.filled())
      for (const column of shape.free) {
        const row = stands.get(mark ?? '')
        if (!row || row[column] === values[column]) continue
        log.push(`  typed under the write: ${column} of ${mark}`)
        typed(0, n, column, shape.value(column, values, p.fresh()), mark)
        return
      }
  }

  /** The row of the copy becomes one of its own. */
  const retype = (n: number, from: SqlValue) => {
    const slot = ++p.slots
    const row = shape.row(slot, p.fresh)
    const { values } = paper.rows()[n] as PaperRow
    const mark = row[shape.mark] ?? null
    book.kin(from, mark)
    for (const [column, value] of Object.entries(row)) {
      const stays =
        column !== shape.mark && column !== shape.name && shape.free.includes(column) && !shape.wrong
      if (!stays) paper.type(n, column, value)
      book.say('person', mark, column, stays ? (values[column] ?? null) : value)
    }
  }

  return { place, typed, muddle, typeUnder, retype }
}
