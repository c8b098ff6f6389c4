import { Option } from 'commander'
import { type Account, MetricName } from '../../sync/protocol/smart-sync.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { idArgument } from '../options.ts'
import { type Column, count, number, relative, table } from '../print.ts'
import type { Paper } from '../terminal.ts'
import { nameOf } from '../words.ts'

export const accounts = command(
  (declared) =>
    declared
      .name('accounts')
      .summary('the accounts of a project')
      .addArgument(idArgument('project', 'id of a project'))
      .addOption(new Option('--sort <metric>', 'highest first').choices(MetricName.options)),
  async (context, project: string, { sort }: { sort?: MetricName }) => {
    const client = await context.connect()
    const rows = await client.accounts(project)
    context.show(sort ? rows.toSorted((a, b) => (b[sort] ?? -1) - (a[sort] ?? -1)) : rows, inWords)
    return EXIT.fine
  },
)

function inWords(rows: readonly Account[], paper: Paper): string[] {
  const { paint, now } = paper
  if (rows.length === 0) return ['No accounts yet: the next sync brings them from the sheet.']
  const isPinned = (row: Account, metric: MetricName) => row.pins.some(({ column }) => column === metric)
  const metric = (name: MetricName): Column<Account> => ({
    title: name,
    cell: (row) => `${isPinned(row, name) ? '*' : ''}${number(row[name])}`,
    align: 'right',
    paint: (text, row) => (isPinned(row, name) ? paint.yellow(text) : text),
  })
  const lines = table(
    [
      { title: 'account', cell: nameOf, shrinks: true, paint: paint.bold },
      { title: 'platform', cell: ({ platform }) => platform },
      ...MetricName.options.map(metric),
      { title: 'changed', cell: ({ updated_at }) => relative(updated_at, now) },
      { title: 'id', cell: ({ id }) => id, paint: paint.dim },
    ],
    rows,
    paper,
  )
  const pinned = rows.reduce((sum, { pins }) => sum + pins.length, 0)
  return pinned > 0 ? [...lines, '', paint.dim(`* ${count(pinned, 'value')} pinned by a person`)] : lines
}
