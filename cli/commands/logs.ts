import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { transaction } from '../laptop/file.ts'
import { isAttached } from '../laptop/link.ts'
import { linesOf } from '../laptop/log.ts'
import { notAttached, oneFile, patienceOf, withFile } from '../laptop/open.ts'
import { wholeNumber } from '../options.ts'
import { relative } from '../print.ts'

export const logs = command(
  (declared) =>
    declared
      .name('logs')
      .summary('what the syncs of an attached file did')
      .argument('[file]', 'an attached SQLite file; needed where several are')
      .option('--limit <n>', 'how many lines, the newest last', wholeNumber(1, 1_000), 50),
  async (context, given: string | undefined, { limit }: { limit: number }) => {
    const file = await oneFile(context, given)
    const lines = await withFile(file, (db) =>
      transaction(db, patienceOf(context), () => {
        if (!isAttached(db)) throw notAttached(file)
        return linesOf(db, limit)
      }),
    )
    context.show(lines, (all, { paint, now }) =>
      all.length === 0
        ? ['Nothing happened yet. Begin: tidemark sync']
        : all.map(({ at, line }) => `${paint.dim(relative(at, now).padEnd(12))}  ${line}`),
    )
    return EXIT.fine
  },
)
