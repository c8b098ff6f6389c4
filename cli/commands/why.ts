import { type Context, command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { Refusal, refusal } from '../failure.ts'
import { relative, scalar, shorten } from '../print.ts'
import { type Because, type Reason, reasonsOf } from '../reasons.ts'
import type { Paper } from '../terminal.ts'

export const why = command(
  (declared) =>
    declared
      .name('why')
      .summary('why a row says what it says, column by column')
      .description(
        'For each column: its value now, where it came from, who set it, when, in which run and by which rule, what it replaced, what was proposed since and not taken, and whether it is pinned. The command history shows every change in its order.',
      )
      .argument('<table>', 'a shared table')
      .argument('<key>', 'what the row is called')
      .argument('[column]', 'only this column')
      .addHelpText('after', EXAMPLES),
  async (context, table: string, key: string, column: string | undefined) => {
    const client = await context.connect()
    const [history, now] = await Promise.all([client.wholeHistory(table, key), rowNow(context, table, key)])
    const { reasons, deleted } = reasonsOf(history, now)
    const wanted = column === undefined ? reasons : reasons.filter((reason) => reason.column === column)
    if (column !== undefined && wanted.length === 0)
      throw noColumn(
        column,
        reasons.map((reason) => reason.column),
      )
    context.show({ table, key, deleted, columns: wanted }, inWords)
    return EXIT.fine
  },
)

/** The row as it stands, where it is of a table that devices keep; null: it is not there, or of another table. */
async function rowNow(context: Context, name: string, key: string) {
  try {
    const { remote } = await context.device()
    const view = (await remote.tables()).find((each) => each.name === name)
    if (!view) return null
    const { columns, rows } = await remote.rows(view.lane, name, key, 1)
    const [row] = rows
    if (row?.[0] !== key) return null
    // Its name is no value of it.
    return Object.fromEntries(columns.slice(1).map((column, i) => [column, row[i + 1] ?? null]))
  } catch (error) {
    // A token that keeps no tables may still read their history.
    if (error instanceof Refusal && (error.problem.status === 403 || error.problem.status === 404))
      return null
    throw error
  }
}

type Found = {
  readonly deleted: Because | null
  readonly columns: readonly Reason[]
  table: string
  key: string
}

function inWords({ table, key, deleted, columns }: Found, paper: Paper): string[] {
  const { paint } = paper
  if (columns.length === 0) return [`Nothing is recorded of ${key} in ${table}.`]
  return [
    `${paint.bold(key)} of ${table}`,
    ...(deleted ? [paint.yellow(`! It is deleted: ${howInWords(deleted, paper)}`)] : []),
    ...columns.flatMap((reason) => ['', ...reasonInWords(reason, paper)]),
  ]
}

function reasonInWords({ column, value, set, refused, pin }: Reason, paper: Paper): string[] {
  const { paint } = paper
  return [
    `${paint.bold(column)}  ${short(value)}`,
    set
      ? `  ${howInWords(set, paper)}, in place of ${short(set.before)}`
      : paint.dim(value === null ? '  never set' : '  since before anything was recorded'),
    ...(pin ? [`  ${paint.cyan('pinned')} at ${short(pin.after)}: ${howInWords(pin, paper)}`] : []),
    ...refused.map((one) => paint.dim(`  not taken since: ${short(one.after)}, ${howInWords(one, paper)}`)),
  ]
}

const howInWords = ({ origin, rule, actor, at, run_id, lane, version }: Because, { paint, now }: Paper) =>
  `from ${origin} by ${actor} ${relative(at, now)}, rule ${rule}${paint.dim(`  ${lane} ${version}${run_id === null ? '' : `, run ${run_id}`}`)}`

const short = (value: string | number | null) => shorten(scalar(value), 100)

const EXAMPLES = `
Examples:
  tidemark why admins a1
  tidemark why admins a1 username
  tidemark why accounts acc-1 followers --json

To take a change back: tidemark undo --lane LANE --version N`

const noColumn = (column: string, known: readonly string[]) =>
  refusal('no_column', {
    title: 'There is no such column',
    detail: `Nothing is known of ${column}.`,
    mend: known.length > 0 ? `Known are ${known.join(', ')}.` : 'Check the table and the key.',
  })
