import { scalar, table } from './print.ts'
import type { Paper } from './terminal.ts'

export interface Side {
  readonly name: string
  readonly row: Readonly<Record<string, string | number | null>>
}

/** A line for each column in which the sides differ, or all columns of one side. */
export function sidesOfRows(sides: readonly Side[], paper: Paper): string[] {
  const columns = [...new Set(sides.flatMap(({ row }) => Object.keys(row)))].filter(
    (column) => new Set(sides.map(({ row }) => row[column] ?? null)).size > 1 || sides.length === 1,
  )
  if (columns.length === 0) return ['The rows are alike.']
  return table<string>(
    [
      { title: '', cell: (column) => column, paint: paper.paint.dim },
      ...sides.map(({ name, row }) => ({
        title: name,
        cell: (column: string) => scalar(row[column] ?? null),
        shrinks: true as const,
      })),
    ],
    columns,
    paper,
  )
}
