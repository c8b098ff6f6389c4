import { Option } from 'commander'
import { StrategyName, type SyncConflict } from '../../sync/protocol/conflicts.ts'
import { type Change, change, type How } from '../change.ts'
import { PLANNED_HELP, planned } from '../change-options.ts'
import type { Client } from '../client.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { Refusal, refusal } from '../failure.ts'
import { idArgument } from '../options.ts'
import { exitOfPlans } from '../plan-words.ts'
import { relative } from '../print.ts'
import type { Resolve } from '../proposal.ts'
import { setting, typedValues } from '../typed-values.ts'

export const resolve = command(
  (declared) =>
    planned(
      declared
        .name('resolve')
        .summary('settle a conflict of a device or a sheet')
        .description(
          'Settles a conflict between an edit of a device or of a sheet that is synced both ways (local) and what stands on the server (remote), or answers a guard that holds a tab: the sheet is right (keep_local), or the database (keep_remote). It is a change like any other: it stands in the history, reaches the device or the sheet with its next sync, and can be undone.',
        )
        .addArgument(idArgument('id', 'id of the conflict, as tidemark conflicts shows it'))
        .addOption(
          new Option('--strategy <strategy>', 'how').choices(StrategyName.options).makeOptionMandatory(),
        )
        .option('--value <value>', 'the new value: of the unique field, or the one in conflict')
        .option('--set <column=value>', 'merge: the value of one column; may be given several times', setting)
        .option('--notes <text>', 'why, for whoever asks later', ''),
    ).addHelpText('after', EXAMPLES + PLANNED_HELP),
  async (context, id: string, { strategy, value, set, notes, ...how }: Options) => {
    if (strategy === 'keep_remote' && (value !== undefined || set)) throw noValue()
    if (strategy !== 'merge' && set) throw onlyMerge()
    const client = await context.connect()
    const values = await typedValues(client, id, { value, set })
    context.progress.say(`Resolving ${id}`)
    return change(context, resolution(client, { id, strategy, notes, ...values }), how)
  },
)

type Options = How & {
  readonly strategy: SyncConflict['strategies'][number]['strategy']
  readonly value?: string
  readonly set?: Record<string, string>
  readonly notes: string
}

type Answer = Awaited<ReturnType<Client['collections']['resolve']>>

export const resolution = (client: Client, request: Resolve): Change<Answer> => ({
  type: 'resolve',
  request,
  send: (how) => asTyped(client.collections.resolve(request, how)),
  before: ({ dry_run, success, message, resolved_by, resolved_at }, { paint, now }) =>
    dry_run
      ? success
        ? []
        : [`${paint.yellow('!')} ${message}`]
      : [
          `${success ? paint.green('✓') : paint.red('✗')} ${message}`,
          ...(resolved_at
            ? [paint.dim(`  by ${resolved_by ?? 'nobody'} ${relative(resolved_at, now)}`)]
            : []),
        ],
  after: ({ dry_run, success, conflict_id }, { paint }) =>
    dry_run || !success
      ? []
      : [
          paint.dim('  next: the devices hear of it with their next sync; at once: tidemark sync --devices'),
          paint.dim(`  undo: tidemark undo --conflict ${conflict_id}`),
        ],
  exit: ({ success, plans }) => (success ? exitOfPlans(plans) : EXIT.failed),
})

/** What the API calls by the names of its fields, people give as options. */
async function asTyped<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const mend = error.problem.mend.replaceAll('`newValue`', '--value').replaceAll('`values`', '--set')
    throw new Refusal({ ...error.problem, mend })
  }
}

const noValue = () =>
  refusal('no_value', {
    title: 'keep_remote takes no value',
    detail: 'What stands on the server wins, and nothing is set.',
    mend: 'Leave --value and --set out, or choose another strategy.',
  })

const onlyMerge = () =>
  refusal('only_merge', {
    title: '--set is for merge',
    detail: 'The other strategies take one new value at most.',
    mend: 'Use --strategy merge, or --value.',
  })

const EXAMPLES = `
Strategies:
  rename_local  the device's row gets a new value in the unique field (--value), and both rows stay
  keep_local    the device's edit wins; where its unique value is taken, give a new one (--value)
  keep_remote   what stands on the server wins, and the device's edit is given up
  merge         the values that you give (--set, or --value for the field in conflict)

Examples:
  tidemark resolve c_4f1 --strategy rename_local --value john_admin_2
  tidemark resolve c_4f1 --strategy keep_remote --notes "entered twice"
  tidemark resolve c_4f1 --strategy merge --set name="Ann Lee" --set phone=
  tidemark resolve c_4f1 --strategy keep_local --dry-run --out plan.json
`
