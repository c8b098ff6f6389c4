import type { SyncLog } from '../../sync/protocol/sync-logs.ts'
import { paintSync, seconds } from '../collections-words.ts'
import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { number, relative, table } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** Syncs of all devices, the newest first, as the server has recorded them. */
export async function logsOfServer(context: Context, limit: number): Promise<Exit> {
  const client = await context.connect()
  context.show(await client.collections.logs(limit), inWords)
  return EXIT.fine
}

function inWords(rows: readonly SyncLog[], paper: Paper): string[] {
  if (rows.length === 0) return ['No sync yet. Begin one: tidemark sync --devices']
  return table<SyncLog>(
    [
      { title: 'when', cell: ({ startTime }) => relative(startTime, paper.now) },
      {
        title: 'status',
        cell: ({ status }) => status,
        paint: (text, { status }) => paintSync(paper.paint, status)(text),
      },
      { title: 'why', cell: ({ trigger }) => (trigger === 'manual' ? 'by hand' : 'by itself') },
      { title: 'device', cell: ({ device }) => device ?? 'all on line', shrinks: true },
      {
        title: 'took',
        cell: ({ durationSeconds: s }) => (s === null ? '' : seconds(s)),
        align: 'right',
      },
      { title: 'pushed', cell: ({ localToRemote }) => sum(localToRemote), align: 'right' },
      { title: 'pulled', cell: ({ remoteToLocal }) => sum(remoteToLocal), align: 'right' },
      {
        title: 'conflicts',
        cell: ({ conflicts }) => (sum(conflicts) === '0' ? '' : sum(conflicts)),
        align: 'right',
        paint: paper.paint.yellow,
      },
      { title: 'collections', cell: ({ collections }) => collections.join(', '), shrinks: true },
      { title: 'error', cell: ({ error }) => error ?? '', shrinks: true, paint: paper.paint.red },
    ],
    rows,
    paper,
  )
}

const sum = (counts: Readonly<Record<string, number>>) =>
  number(Object.values(counts).reduce((all, n) => all + n, 0))
