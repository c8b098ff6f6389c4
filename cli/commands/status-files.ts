import { statusInWords, toldOf } from '../collections-words.ts'
import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inWords as inWordsOf, Refusal } from '../failure.ts'
import { transaction } from '../laptop/file.ts'
import { eachOf, hasFailed, notAttached, patienceOf, withFile } from '../laptop/open.ts'
import { type Standing, standingOf } from '../laptop/standing.ts'
import { count, number, relative, table } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** How attached files stand, from what they say themselves; and the collections, where the server can be asked. */
export async function statusOfFiles(context: Context, files: readonly string[]): Promise<Exit> {
  const asked = context.reach(({ collections }) => collections.status())
  const found = await eachOf(files, (file) =>
    withFile(file, async (db) => {
      const standing = await transaction(db, patienceOf(context), () => standingOf(db, file))
      if (!standing) throw notAttached(file)
      return standing
    }),
  )
  const collections = await asked
  context.show({ files: found, ...toldOf(collections) }, (all, paper) => [
    ...all.files.flatMap((one) => [
      ...(hasFailed(one) ? inWordsOf(one.problem, paper) : inWords(one, paper)),
      '',
    ]),
    ...statusInWords(collections, paper),
  ])
  if (found.some(hasFailed)) return EXIT.failed
  if (!(collections instanceof Refusal) && collections.unresolvedConflicts > 0) return EXIT.attention
  return found.some((one) => !hasFailed(one) && one.conflicts + one.rejected > 0) ? EXIT.attention : EXIT.fine
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
    ...tables.flatMap(({ shared, paused, waiting }) =>
      paused === null
        ? []
        : [`  ${paint.yellow('paused')}  ${shared}: ${paused} To send: ${number(waiting)}`],
    ),
    ...(waits > 0
      ? [
          `  ${paint.yellow(`${count(conflicts, 'conflict')} open, ${count(rejected, 'edit')} not taken`)}; see: tidemark conflicts`,
        ]
      : []),
  ]
}
