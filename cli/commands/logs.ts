import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { transaction } from '../laptop/file.ts'
import { isAttached } from '../laptop/link.ts'
import { linesOf } from '../laptop/log.ts'
import { filesOf, notAttached, oneFile, patienceOf, withFile } from '../laptop/open.ts'
import { wholeNumber } from '../options.ts'
import { relative } from '../print.ts'
import { logsOfServer } from './logs-server.ts'

export const logs = command(
  (declared) =>
    declared
      .name('logs')
      .summary('what the syncs of an attached file did, or those of all devices')
      .description(
        'Shows the log of the attached file; where none is attached, or with --server, the syncs of all devices as the server has recorded them.',
      )
      .argument('[file]', 'an attached SQLite file; needed where several are')
      .option('--server', 'the syncs of all devices')
      .option('--limit <n>', 'how many; of a file 50, of the server 20', wholeNumber(1, 1_000)),
  async (context, given: string | undefined, { limit, server }: { limit?: number; server?: true }) => {
    if (server || (await filesOf(context, given)).length === 0) return logsOfServer(context, limit ?? 20)
    const file = await oneFile(context, given)
    const lines = await withFile(file, (db) =>
      transaction(db, patienceOf(context), () => {
        if (!isAttached(db)) throw notAttached(file)
        return linesOf(db, limit ?? 50)
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
