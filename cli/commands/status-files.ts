import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { transaction } from '../laptop/file.ts'
import { notAttached, patienceOf, withFile } from '../laptop/open.ts'
import { type Standing, standingOf } from '../laptop/standing.ts'
import { count, number, relative, table } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** How attached files stand, from what they say themselves. */
export async function statusOfFiles(context: Context, files: readonly string[]): Promise<Exit> {
  const found: Standing[] = []
  for (const file of files)
    found.push(
      await withFile(file, async (db) => {
        const standing = await transaction(db, patienceOf(context), () => standingOf(db, file))
        if (!standing) throw notAttached(file)
        return standing
      }),
    )
  context.show(found, (all, paper) =>
    all.flatMap((standing, i) => [...(i > 0 ? [''] : []), ...inWords(standing, paper)]),
  )
  return found.some(({ conflicts, rejected }) => conflicts + rejected > 0) ? EXIT.attention : EXIT.fine
}

function inWords({ file, url, synced_at, tables, conflicts, rejected }: Standing, paper: Paper): string[] {
  const { paint, now } = paper
  const waits = conflicts + rejected
  return [
    `${waits > 0 ? paint.yellow('!') : paint.green('✓')} ${paint.bold(file)}  ${paint.dim(url)}`,
    `  ${paint.dim('synced')}  ${synced_at === null ? 'never; run: tidemark sync' : relative(synced_at, now)}`,
    ...table<Standing['tables'][number]>(
      [
        { title: 'table', cell: (one) => one.table },
        { title: 'shared as', cell: ({ shared }) => shared },
        { title: 'rows', cell: ({ rows }) => number(rows), align: 'right' },
        { title: 'to send', cell: ({ waiting }) => number(waiting), align: 'right' },
      ],
      tables,
      { ...paper, width: paper.width - 2 },
    ).map((line) => `  ${line}`),
    ...(waits > 0
      ? [
          `  ${paint.yellow(`${count(conflicts, 'conflict')} open, ${count(rejected, 'edit')} not taken`)}; see: tidemark conflicts`,
        ]
      : []),
  ]
}
