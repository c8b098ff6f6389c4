import { Argument, Command, InvalidArgumentError } from 'commander'
import { ErpUserId, type Started, SyncInput } from '../../sync/protocol/erp.ts'
import { command } from '../command.ts'
import { erpInWords, needsPerson } from '../erp-words.ts'
import { EXIT } from '../exit.ts'
import { exitOf, runInWords } from '../run-words.ts'
import type { Paper } from '../terminal.ts'
import { watch } from '../watch.ts'

const status = command(
  (declared) =>
    declared.name('status').summary('its lists, what runs and what waits, and whether checks keep up'),
  async (context) => {
    const client = await context.connect()
    const found = await client.erpStatus()
    context.show(found, erpInWords)
    return needsPerson(found) ? EXIT.attention : EXIT.fine
  },
)

const sync = command(
  (declared) =>
    declared
      .name('sync')
      .summary('bring one of its lists up to date, and wait for the end')
      .addArgument(new Argument('<system>', 'which list').choices(SyncInput.shape.system.options))
      .option('--user <id>', 'whose customers or orders (for admins)', user)
      .option('--full', 'read everything, even where nothing seems to have changed (for admins)')
      .option('--no-wait', 'end as soon as it is queued'),
  async (context, system: SyncInput['system'], { user: of, full, wait }: Wanted) => {
    const client = await context.connect()
    context.progress.say(`Syncing ${system}`)
    const started = await client.erpSync({ system, full: full === true, ...(of ? { user_id: of } : {}) })
    const ids = started.started.flatMap(({ run_id }) => run_id ?? [])
    if (!wait) {
      context.show(started, startedInWords)
      return EXIT.fine
    }
    context.note(({ paint }) => paint.dim('Ctrl-C leaves it running; see then: tidemark erp status'))
    const runs = await watch(context, client, ids)
    context.show(runs, (ended, paper) => ended.flatMap((run) => runInWords(run, paper)))
    const exits = runs.map(exitOf)
    return [EXIT.failed, EXIT.attention].find((exit) => exits.includes(exit)) ?? EXIT.fine
  },
)

interface Wanted {
  readonly user?: string
  readonly full?: true
  readonly wait: boolean
}

export const erp = (...wiring: Parameters<typeof status>) =>
  new Command('erp')
    .summary('the ERP: status of its lists, sync')
    .addCommand(status(...wiring), { isDefault: true })
    .addCommand(sync(...wiring))

function user(text: string): string {
  const parsed = ErpUserId.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('A user of the ERP has letters, digits and _ . @ + -, 100 at most.')
}

const startedInWords = ({ started }: Started, { paint }: Paper): string[] =>
  started.map(
    ({ link, scope, answer, run_id, reason }) =>
      `${link} of ${scope}: ${answer}${reason ? `, ${reason}` : ''}  ${paint.dim(run_id ?? '')}`,
  )
