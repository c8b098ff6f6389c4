import * as z from 'zod'
import { Scalar } from '../../sync/protocol/common.ts'
import type { Conflict } from '../../sync/protocol/records.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { cleaned } from '../failure.ts'
import { filesOf, oneFile } from '../laptop/open.ts'
import { relative, scalar, table } from '../print.ts'
import type { Paper } from '../terminal.ts'
import { kindOf } from '../words.ts'
import { conflictsOfFiles, settle } from './conflicts-files.ts'

export const conflicts = command(
  (declared) =>
    declared
      .name('conflicts')
      .summary('what only a person can settle, and settling it')
      .description(
        'Lists open conflicts and edits that were not taken, of the file that is named or those attached on this machine; where there are none, or with --sheets, the conflicts of the sheets.',
      )
      .argument('[file]', 'an attached SQLite file')
      .option('--drop <id>', 'give the edit up: what the server says stands')
      .option('--retry <id>', 'say it again, knowing what the server says; it goes with the next sync')
      .option('--sheets', 'the sheets, although files are attached here')
      .option('--all', 'of the sheets: those that are settled too')
      .addHelpText('after', EXAMPLES),
  async (context, file: string | undefined, options: Options) => {
    const { all, sheets, drop, retry } = options
    const files = sheets || all ? [] : await filesOf(context, file)
    if (drop !== undefined || retry !== undefined)
      return settle(context, await oneFile(context, file), { drop, retry })
    if (files.length > 0) return conflictsOfFiles(context, files)
    const client = await context.connect()
    const found = await client.conflicts(!all)
    context.show(found, inWords)
    return found.some(({ resolved_at }) => resolved_at === null) ? EXIT.attention : EXIT.fine
  },
)

interface Options {
  readonly all?: true
  readonly sheets?: true
  readonly drop?: string
  readonly retry?: string
}

const EXAMPLES = `
Examples:
  tidemark conflicts                what waits for a person
  tidemark conflicts --drop 3       the edit 3 is given up
  tidemark conflicts --retry c_4f   the edit is made again, over what the server says now

Exit codes: 0 nothing waits; 1 something does; 2 failed.`

function inWords(rows: readonly Conflict[], paper: Paper): string[] {
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
  const columns = [...new Set(rows.flatMap(({ row }) => Object.keys(row)))].filter(
    (column) => new Set(rows.map(({ row }) => row[column] ?? null)).size > 1 || rows.length === 1,
  )
  if (columns.length === 0) return ['The rows are alike.']
  return table<string>(
    [
      { title: '', cell: (column) => column, paint: paper.paint.dim },
      ...rows.map(({ name, row }) => ({
        title: name,
        cell: (column: string) => scalar(row[column] ?? null),
        shrinks: true as const,
      })),
    ],
    columns,
    { ...paper, width: paper.width - 2 },
  )
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
