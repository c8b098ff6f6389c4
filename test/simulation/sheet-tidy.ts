import type { SqlValue } from '../../db/database.ts'
import type { Playing } from './sheet-playing.ts'

/** People put right what can't stay as it is. */
export function tidy(p: Playing): void {
  const { shape, book, names, problems, scene } = p
  const { paper } = scene
  const seen = new Set<SqlValue>()
  for (const { n, mark, values, remark } of p.filled().toReversed()) {
    if (mark === null) continue
    const is = shape.keyed && shape.name !== null ? (values[shape.name] ?? names.get(mark) ?? null) : mark
    if (seen.has(is)) {
      paper.remove(n)
      if (remark !== null) p.remarks--
    }
    seen.add(is)
  }
  for (const { n, mark, values } of p.filled()) {
    if (mark === null) {
      problems.push(`a row without a mark: ${JSON.stringify(values)}`)
      continue
    }
    if (shape.name !== null && values[shape.name] === null) paper.type(n, shape.name, names.get(mark) ?? null)
    const mended = shape.mend?.(values)
    if (mended) paper.type(n, ...mended)
    for (const column of shape.free) {
      const value = values[column] ?? null
      const tooLong =
        shape.wrong &&
        column !== 'rate' &&
        column !== 'bonus' &&
        Number(value) - Number(values.range_from ?? values.min_amount) > 1_000_000
      if (value !== null && !tooLong) continue
      const right = shape.value(column, values, p.fresh())
      paper.type(n, column, right)
      book.say('person', mark, column, right)
    }
  }
}
