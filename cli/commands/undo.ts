import { type Change, change, type How } from '../change.ts'
import { PLANNED_HELP, planned } from '../change-options.ts'
import type { Client } from '../client.ts'
import { command } from '../command.ts'
import { refusal } from '../failure.ts'
import { id, wholeNumber } from '../options.ts'
import type { Undo } from '../proposal.ts'

export const undo = command(
  (declared) =>
    planned(
      declared
        .name('undo')
        .summary('take back what a run, a settled conflict or one commit did')
        .description(
          'Puts back what was there before, column by column. A column that somebody has changed since is not touched: it becomes a conflict. The undo itself can be undone.',
        )
        .option('--run <id>', 'everything that this run did', id)
        .option('--conflict <id>', 'how this conflict was settled; it is open again then', id)
        .option('--lane <lane>', 'with --version: one commit, as history and why show it')
        .option('--version <n>', 'the version of the lane', wholeNumber(1, Number.MAX_SAFE_INTEGER))
        .option('--pin', 'hold the values that a sheet or the ERP would propose again'),
    ).addHelpText('after', EXAMPLES + PLANNED_HELP),
  async (context, { run, conflict, lane, version, pin, dryRun, out, yes }: Options) => {
    const isCommit = lane !== undefined && version !== undefined
    const isHalf = (lane === undefined) !== (version === undefined)
    if (isHalf || [run !== undefined, conflict !== undefined, isCommit].filter(Boolean).length !== 1)
      throw which()
    const request = { run, conflict, lane, version, pin: pin === true }
    return change(context, undoing(await context.connect(), request), {
      ...(dryRun && { dryRun }),
      ...(out !== undefined && { out }),
      ...(yes && { yes }),
    })
  },
)

interface Options extends How {
  readonly run?: string
  readonly conflict?: string
  readonly lane?: string
  readonly version?: number
  readonly pin?: true
}

type Answer = Awaited<ReturnType<Client['collections']['undo']>>

export const undoing = (client: Client, request: Undo): Change<Answer> => ({
  type: 'undo',
  request,
  send: (how) => client.collections.undo(request, how),
  after: ({ plans }) =>
    plans.every(({ changes, settles, opens, skips }) =>
      [changes, settles, opens, skips].every(({ length }) => length === 0),
    )
      ? ['There is nothing to undo.']
      : [],
})

const EXAMPLES = `
Examples:
  tidemark undo --conflict c_4f1 --dry-run
  tidemark undo --run 01K9X7
  tidemark undo --lane admins --version 118
`

const which = () =>
  refusal('which_undo', {
    title: 'Undo what?',
    detail: 'A run, a settled conflict, or one commit of a lane, and only one of them.',
    mend: 'Give --run ID, or --conflict ID, or --lane LANE --version N.',
  })
