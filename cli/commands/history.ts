import { Option } from 'commander'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { wholeNumber } from '../options.ts'
import { relative, scalar, table } from '../print.ts'
import type { Paper } from '../terminal.ts'

export const history = command(
  (declared) =>
    declared
      .name('history')
      .summary('why the values of a row are what they are')
      .argument('<id>', 'id of the row; a listing is called by its address')
      .addOption(new Option('--table <name>', 'table of the row').choices(TABLES).default('accounts'))
      .option('--limit <n>', 'how many changes, the latest first', wholeNumber(1, LONGEST), 50),
  async (context, id: string, options: { table: string; limit: number }) => {
    const client = await context.connect()
    context.show(await client.history(options.table, id, options.limit), inWords)
    return EXIT.fine
  },
)

const TABLES = ['accounts', 'listings', 'customers', 'orders', 'products']

/** The longest page of a history that the API gives. */
const LONGEST = 200

type Line = { readonly entry: HistoryEntry; readonly isFirst: boolean } & HistoryEntry['changes'][number]

function inWords(entries: readonly HistoryEntry[], paper: Paper): string[] {
  const { paint, now } = paper
  if (entries.length === 0) return ['Nothing is recorded of this row.']
  const lines = entries.flatMap((entry): Line[] =>
    entry.changes.map((change, i) => ({ ...change, entry, isFirst: i === 0 })),
  )
  const once = (tell: (entry: HistoryEntry) => string) => (line: Line) =>
    line.isFirst ? tell(line.entry) : ''
  const faint = (text: string, { entry }: Line) => (entry.op === 'refuse' ? paint.dim(text) : text)
  return table<Line>(
    [
      { title: 'when', cell: once(({ at }) => relative(at, now)), paint: faint },
      { title: 'what', cell: once(({ op }) => (op === 'refuse' ? 'refused' : op)), paint: faint },
      { title: 'column', cell: ({ column }) => column, paint: faint },
      { title: 'before', cell: ({ before }) => scalar(before), align: 'right', shrinks: true, paint: faint },
      {
        title: 'after',
        cell: ({ after }) => scalar(after),
        align: 'right',
        shrinks: true,
        paint: (text, line) => (line.entry.op === 'refuse' ? paint.dim(text) : paint.bold(text)),
      },
      { title: 'rule', cell: ({ rule }) => rule, shrinks: true, paint: faint },
      { title: 'from', cell: ({ origin }) => origin, shrinks: true, paint: faint },
      { title: 'who', cell: once(({ actor }) => actor), shrinks: true, paint: faint },
      { title: 'version', cell: once(({ version }) => String(version)), align: 'right', paint: paint.dim },
      { title: 'run', cell: once(({ run_id }) => run_id ?? ''), paint: paint.dim },
    ],
    lines,
    paper,
  )
}
