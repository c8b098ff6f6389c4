import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { idArgument } from '../options.ts'
import { exitOf, runInWords } from '../run-words.ts'
import { watch } from '../watch.ts'

export const run = command(
  (declared) =>
    declared
      .name('run')
      .summary('one run: its report, or with --watch what it does until it ends')
      .addArgument(idArgument('id', 'id of a run'))
      .option('--watch', 'wait until it ends; the exit code then tells how'),
  async (context, id: string, options: { watch?: true }) => {
    const client = await context.connect()
    const [found] = options.watch ? await watch(context, client, [id]) : [await client.run(id)]
    if (!found) return EXIT.failed
    context.show(found, runInWords)
    return options.watch ? exitOf(found) : EXIT.fine
  },
)
