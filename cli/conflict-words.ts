import * as z from 'zod'
import { Scalar } from '../sync/protocol/common.ts'
import type { Conflict } from '../sync/protocol/records.ts'
import { readableRow } from '../sync/protocol/reference-values.ts'
import { isGuard, isTied, SHEET_ANSWER, sheetTitle, waysOf } from '../sync/protocol/sheet-conflicts.ts'
import { cleaned } from './failure.ts'
import { relative, scalar } from './print.ts'
import { sidesOfRows } from './sides.ts'
import type { Paper } from './terminal.ts'
import { kindOf } from './words.ts'

/** Conflicts of sheets and parsers. */
export function sheetConflictsInWords(rows: readonly Conflict[], paper: Paper): string[] {
  if (rows.length === 0) return ['No conflicts.']
  return rows.flatMap((conflict, i) => [...(i > 0 ? [''] : []), ...conflictInWords(conflict, paper)])
}

function conflictInWords(conflict: Conflict, paper: Paper): string[] {
  const { paint, now } = paper
  const { kind, table: name, key, column, part, detail } = conflict
  const title = isTied(conflict)
    ? paint.bold(sheetTitle(conflict))
    : `${paint.bold(kindOf(kind))} in ${name}${column ? `, ${column}` : ''} of ${key}`
  const mark = conflict.resolved_at ? paint.green('✓') : paint.yellow('!')
  return [
    `${mark} ${title}  ${paint.dim(conflict.id)}`,
    `  ${detail}`,
    ...sidesInWords(conflict, paper).map((line) => `  ${line}`),
    ...(conflict.resolved_at
      ? [
          `  ${paint.green('settled')} ${relative(conflict.resolved_at, now)}${conflict.resolution ? `: ${conflict.resolution}` : ''}`,
        ]
      : [...conflict.recommendations.map((text) => `  → ${text}`), ...waysInWords(conflict, paper)]),
    paint.dim(
      `  ${part && !isTied(conflict) ? `${part}, ` : ''}${conflict.link}, opened ${relative(conflict.opened_at, now)}`,
    ),
  ]
}

/** How one of a sheet that is synced both ways is answered here, and in the sheet. */
function waysInWords(conflict: Conflict, { paint }: Paper): string[] {
  const ways = waysOf(conflict)
  if (!ways) return []
  return [
    ...ways.flatMap(({ strategy, name, hint }) => [
      `  → ${name}: tidemark resolve ${conflict.id} --strategy ${strategy}`,
      paint.dim(`    ${hint}`),
    ]),
    ...(isGuard(conflict) ? [] : [`  → ${SHEET_ANSWER}`]),
  ]
}

type Side = readonly [name: string, value: string | number | null]

const NAMES = { base: 'base', ours: 'ours', theirs: 'theirs' }
const TIED = { base: 'before', ours: 'database', theirs: 'sheet' }

/** A line a side; where the sides are whole rows, a line for each column in which they differ. */
function sidesInWords(conflict: Conflict, paper: Paper): string[] {
  const names = isTied(conflict) ? TIED : NAMES
  const all: Side[] = [
    [names.base, conflict.base],
    [names.ours, conflict.ours],
    [names.theirs, conflict.theirs],
  ]
  const sides = all.filter(([, value]) => value !== null)
  const rows = sides.flatMap(([name, value]) =>
    rowOf(value).map((row) => ({ name, row: readableRow(conflict.table, row) })),
  )
  if (rows.length === 0 || rows.length < sides.length)
    return sides.map(
      ([name, value]) => `${paper.paint.dim(name.padEnd(isTied(conflict) ? 8 : 6))}  ${scalar(value)}`,
    )
  return sidesOfRows(rows, { ...paper, width: paper.width - 2 })
}

const Row = z.record(z.string(), Scalar)

/** The row that a side holds as JSON, if it does. */
export function rowOf(value: string | number | null): z.infer<typeof Row>[] {
  if (typeof value !== 'string' || !value.startsWith('{')) return []
  try {
    const row = Row.safeParse(JSON.parse(value))
    return row.success ? [cleaned(row.data)] : []
  } catch {
    return []
  }
}
