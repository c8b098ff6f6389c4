import { LIMITS } from '../../sync/protocol/common.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { wholeNumber } from '../options.ts'
import { number, relative, table } from '../print.ts'
import { paintStatus, tookOf, triggerOf, warningsOf } from '../run-words.ts'
import type { Paper } from '../terminal.ts'

export const runs = command(
  (declared) =>
    declared
      .name('runs')
      .summary('the latest runs')
      .option('--limit <n>', 'how many', wholeNumber(1, LIMITS.page), 20),
  async (context, { limit }: { limit: number }) => {
    const client = await context.connect()
    context.show(await client.runs(limit), inWords)
    return EXIT.fine
  },
)

function inWords(rows: readonly Run[], paper: Paper): string[] {
  const { paint, now } = paper
  if (rows.length === 0) return ['No runs yet. Begin one: tidemark sync']
  return table<Run>(
    [
      { title: 'when', cell: ({ started_at, enqueued_at }) => relative(started_at ?? enqueued_at, now) },
      {
        title: 'status',
        cell: ({ status }) => status,
        paint: (text, { status }) => paintStatus(paint, status)(text),
      },
      { title: 'why', cell: triggerOf },
      { title: 'by', cell: ({ actor }) => actor, shrinks: true },
      { title: 'took', cell: (run) => tookOf(run, now), align: 'right' },
      { title: 'read', cell: ({ report }) => number(report.counts.read), align: 'right' },
      { title: 'written', cell: ({ report }) => number(report.counts.written), align: 'right' },
      { title: 'warnings', cell: (run) => some(warningsOf(run)), align: 'right', paint: paint.yellow },
      {
        title: 'conflicts',
        cell: ({ report }) => some(report.counts.conflicts),
        align: 'right',
        paint: paint.yellow,
      },
      { title: 'id', cell: ({ id }) => id, paint: paint.dim },
    ],
    rows,
    paper,
  )
}

const some = (n: number) => (n > 0 ? number(n) : '')
