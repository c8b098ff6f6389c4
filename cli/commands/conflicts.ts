import type { Conflict } from '../../sync/protocol/records.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { relative, scalar } from '../print.ts'
import type { Paper } from '../terminal.ts'
import { kindOf } from '../words.ts'

export const conflicts = command(
  (declared) =>
    declared
      .name('conflicts')
      .summary('what only a person can settle')
      .option('--all', 'those that are settled too'),
  async (context, { all }: { all?: true }) => {
    const client = await context.connect()
    const found = await client.conflicts(!all)
    context.show(found, inWords)
    return found.some(({ resolved_at }) => resolved_at === null) ? EXIT.attention : EXIT.fine
  },
)

function inWords(rows: readonly Conflict[], paper: Paper): string[] {
  if (rows.length === 0) return ['No conflicts.']
  return rows.flatMap((conflict, i) => [...(i > 0 ? [''] : []), ...conflictInWords(conflict, paper)])
}

function conflictInWords(conflict: Conflict, { paint, now }: Paper): string[] {
  const { kind, table, key, column, part, detail, base, ours, theirs } = conflict
  const mark = conflict.resolved_at ? paint.green('✓') : paint.yellow('!')
  const side = (name: string, value: string | number | null) =>
    value === null ? [] : [`  ${paint.dim(name.padEnd(6))}  ${scalar(value)}`]
  return [
    `${mark} ${paint.bold(kindOf(kind))} in ${table}${column ? `, ${column}` : ''} of ${key}  ${paint.dim(conflict.id)}`,
    `  ${detail}`,
    ...side('base', base),
    ...side('ours', ours),
    ...side('theirs', theirs),
    ...(conflict.resolved_at
      ? [
          `  ${paint.green('settled')} ${relative(conflict.resolved_at, now)}${conflict.resolution ? `: ${conflict.resolution}` : ''}`,
        ]
      : conflict.recommendations.map((text) => `  → ${text}`)),
    paint.dim(`  ${part ? `${part}, ` : ''}${conflict.link}, opened ${relative(conflict.opened_at, now)}`),
  ]
}
