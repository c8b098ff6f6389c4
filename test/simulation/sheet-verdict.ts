import type { Row, SqlValue } from '../../db/database.ts'
import type { RemoteEdit } from '../../sync/engine/ports.ts'
import { type Durable, rows } from '../engine/world.ts'
import { saidAs } from './sheet-ledger.ts'
import type { Playing } from './sheet-playing.ts'

/** What came of a story. */
export interface Verdict {
  /** What is wrong with it */
  readonly wrong: readonly string[]
  /** Values that were typed while the remote was about to write there, and written over; the journal tells of each */
  readonly overwritten: number
}

export function verdictOn(p: Playing): Verdict {
  const { shape, book, risked, scene } = p
  const { world, paper } = scene
  let overwritten = 0
  const wrong: string[] = []
  const sheet = p.filled()
  const stored = p.here()
  const shown = (row: Readonly<Row>) => JSON.stringify(shape.columns.map((column) => row[column] ?? null))
  const left = sheet.map(({ values }) => shown(values)).toSorted()
  const right = stored.map(shown).toSorted()
  if (JSON.stringify(left) !== JSON.stringify(right))
    wrong.push(`not converged:\n  sheet ${left.join('\n        ')}\n  here  ${right.join('\n        ')}`)
  for (const [where, list] of [
    ['sheet', sheet.map(({ values }) => values)],
    ['here', stored],
  ] as const) {
    const marks = list.map((row) => row[(shape.keyed && shape.name) || shape.mark])
    if (new Set(marks).size < marks.length) wrong.push(`doubled ${where}: ${marks.join(', ')}`)
    for (const row of list)
      for (const column of shape.columns) {
        if (shape.implied?.includes(column)) continue
        const value = row[column] ?? null
        if (!book.isSaid(row[shape.mark] ?? null, column, value))
          wrong.push(`${where}: ${column} ${value} was never said of ${row[shape.mark]}`)
      }
  }
  const kept = keptValues(world)
  for (const row of stored) for (const column of shape.free) kept.add(saidAs(column, row[column] ?? null))
  for (const [value, how] of book.taken) if (!kept.has(value)) wrong.push(`lost: ${value}, ${how}`)
  for (const { mark, column, value } of risked) {
    const of = book.marks.get(mark)
    const last = of?.said.get(column)?.findLast(({ who }) => who === 'person')?.value
    if (value === null || kept.has(saidAs(column, value)) || last !== value || of?.removers.size) continue
    overwritten++
    if (!journaled(p, mark, column))
      wrong.push(`${column} ${value} of ${mark} was written over, and no journal tells`)
  }
  const byMark = new Map(stored.map((row) => [row[shape.mark] ?? null, row]))
  for (const [mark, { said: columns, removers, contested }] of book.marks) {
    if (!book.isAlone(mark)) continue
    const row = byMark.get(mark)
    if (!row && removers.size === 0) wrong.push(`${mark} is gone, and nobody took it out`)
    if (row && removers.size > 0 && !contested) wrong.push(`${mark} is back, and nobody wanted it`)
    for (const [column, all] of columns) {
      const people = new Set(all.map(({ who }) => who))
      const last = all.at(-1)
      if (
        row &&
        !shape.implied?.includes(column) &&
        removers.size === 0 &&
        people.size === 1 &&
        people.has('person') &&
        row[column] !== last?.value
      )
        wrong.push(`${column} of ${mark} is ${row[column]}, and the person alone said ${last?.value}`)
    }
  }
  const count = paper.rows().filter(({ remark }) => remark !== null).length
  if (count !== p.remarks) wrong.push(`${count} of ${p.remarks} remarks are left`)
  return { wrong, overwritten }
}

/** Whether a write to the cell was written down before it was sent, with what stood there. */
function journaled({ scene, shape }: Playing, mark: SqlValue, column: string): boolean {
  return rows(scene.world, 'SELECT cells FROM link_writes').some(({ cells }) =>
    (JSON.parse(String(cells)) as RemoteEdit[]).some(
      (edit) =>
        edit.type !== 'row' &&
        edit.at.shows[shape.mark] === mark &&
        (edit.type === 'clear' || (edit.type === 'cell' && edit.column === column && 'seen' in edit)),
    ),
  )
}

/** All values that the history and conflicts keep. */
function keptValues(world: Durable): Set<string> {
  const kept = new Set<string>()
  const look = (text: SqlValue | undefined, column: string | null) => {
    if (text == null) return
    const whole = (() => {
      try {
        return JSON.parse(String(text)) as unknown
      } catch {
        return String(text)
      }
    })()
    if (column !== null) kept.add(saidAs(column, whole as SqlValue))
    if (whole !== null && typeof whole === 'object')
      for (const [name, value] of Object.entries(whole)) kept.add(saidAs(name, value as SqlValue))
  }
  for (const { before, after } of rows(world, 'SELECT before, after FROM history')) {
    look(before, null)
    look(after, null)
  }
  for (const { col, base, ours, theirs } of rows(world, 'SELECT col, base, ours, theirs FROM conflicts'))
    for (const text of [base, ours, theirs]) look(text, col === null ? null : String(col))
  return kept
}
