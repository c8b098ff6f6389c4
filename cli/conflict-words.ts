import * as z from 'zod'
import { Scalar } from '../sync/protocol/common.ts'
import type { Conflict } from '../sync/protocol/records.ts'
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
  const mark = conflict.resolved_at ? paint.green('✓') : paint.yellow('!')
  return [
    `${mark} ${paint.bold(kindOf(kind))} in ${name}${column ? `, ${column}` : ''} of ${key}  ${paint.dim(conflict.id)}`,
    `  ${detail}`,
    ...sidesInWords(conflict, paper).map((line) => `  ${line}`),
    ...(conflict.resolved_at
      ? [
          `  ${paint.green('settled')} ${relative(conflict.resolved_at, now)}${conflict.resolution ? `: ${conflict.resolution}` : ''}`,
        ]
      : conflict.recommendations.map((text) => `  → ${text}`)),
    paint.dim(`  ${part ? `${part}, ` : ''}${conflict.link}, opened ${relative(conflict.opened_at, now)}`),
  ]
}

type Side = readonly [name: 'base' | 'ours' | 'theirs', value: string | number | null]

/** A line a side; where the sides are whole rows, a line for each column in which they differ. */
function sidesInWords({ base, ours, theirs }: Conflict, paper: Paper): string[] {
  const all: Side[] = [
    ['base', base],
    ['ours', ours],
    ['theirs', theirs],
  ]
  const sides = all.filter(([, value]) => value !== null)
  const rows = sides.flatMap(([name, value]) => rowOf(value).map((row) => ({ name, row })))
  if (rows.length === 0 || rows.length < sides.length)
    return sides.map(([name, value]) => `${paper.paint.dim(name.padEnd(6))}  ${scalar(value)}`)
  return sidesOfRows(rows, { ...paper, width: paper.width - 2 })
}

const Row = z.record(z.string(), Scalar)

/** The row that a side holds as JSON, if it does. */
function rowOf(value: string | number | null): z.infer<typeof Row>[] {
  if (typeof value !== 'string' || !value.startsWith('{')) return []
  try {
    const row = Row.safeParse(JSON.parse(value))
    return row.success ? [cleaned(row.data)] : []
  } catch {
    return []
  }
}
