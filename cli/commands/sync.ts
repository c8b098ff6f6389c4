import type { Run } from '../../sync/protocol/runs.ts'
import type { ProjectResult, SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import type { Client } from '../client.ts'
import { type Context, command } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { clean, cleaned, Refusal, refusal } from '../failure.ts'
import { filesOf } from '../laptop/open.ts'
import { id } from '../options.ts'
import { count, number, table } from '../print.ts'
import { warningsInWords, whyInWords } from '../run-words.ts'
import { answerOf } from '../sync-answer.ts'
import type { Paper } from '../terminal.ts'
import { watch } from '../watch.ts'
import { syncDevices } from './sync-devices.ts'
import { syncFiles } from './sync-files.ts'

export const sync = command(
  (declared) =>
    declared
      .name('sync')
      .summary('sync attached files, the sheets, or all devices, and wait for the end')
      .description(
        'Syncs the file that is named; without a name, the files that are attached on this machine; where there are none, or with --sheets, --project or --full, all projects with their sheets. With --devices, the server asks all devices that are on line to sync, and tells what came of it; so it does with --collections where no file is attached.',
      )
      .argument('[file]', 'an attached SQLite file')
      .option('--sheets', 'the sheets, although files are attached here')
      .option('--project <id>', 'only this project', id)
      .option('--full', 'read everything, even where nothing seems to have changed')
      .option('--devices', 'ask all devices that are on line to sync')
      .option('--collections <names...>', 'only these shared tables: of attached files, or of the devices')
      .option('--dry-run', 'of attached files: tell exactly what would change, and change nothing')
      .option('--out <file>', 'write that down, for tidemark apply')
      .addHelpText('after', EXAMPLES),
  async (context, file: string | undefined, options: Options) => {
    const { project, full, sheets, devices, collections } = options
    if (file !== undefined && devices) throw aFileOrAll()
    if (file !== undefined && (project !== undefined || full || sheets)) throw twoThings()
    const files = project !== undefined || full || sheets ? [] : await filesOf(context, file)
    const isPlan = options.dryRun || options.out !== undefined
    if (files.length > 0 && !devices) return syncFiles(context, files, options)
    if (isPlan) throw noPlan()
    if (devices || collections) return syncDevices(context, collections)
    const client = await context.connect()
    context.progress.say(`Syncing ${project ?? 'all projects'}`)
    const reply = await client.sync(project ?? null, full === true)
    const runs = 'results' in reply ? [] : await watchOn(context, client, reply.run_ids)
    const answer = 'results' in reply ? reply : answerOf(runs)
    const open = await openIn(answer, client)
    context.show(answer, (shown, paper) => [
      ...inWords(shown, paper),
      // A run that failed before it knew its projects says so itself.
      ...cleaned(runs)
        .filter(({ report }) => report.parts.length === 0)
        .flatMap(({ report }) => whyInWords(report, paper)),
      ...conflictsInWords(open, paper),
    ])
    return exitOf(answer, open)
  },
)

interface Options {
  readonly project?: string
  readonly full?: true
  readonly sheets?: true
  readonly devices?: true
  readonly collections?: readonly string[]
  readonly dryRun?: true
  readonly out?: string
}

const EXAMPLES = `
Examples:
  tidemark sync                     what is attached here; else the sheets
  tidemark sync Shared/products.db  this file
  tidemark sync --sheets            the sheets
  tidemark sync --devices           all devices that are on line
  tidemark sync --collections admins bookings

Exit codes: 0 in step; 1 in step, and conflicts are open or edits were not taken; 2 failed, and nothing is lost.`

const noPlan = () =>
  refusal('no_plan', {
    title: 'No file is attached',
    detail: '--dry-run and --out tell what would change in attached files.',
    mend: 'Name a file, or leave them out.',
  })

const twoThings = () =>
  refusal('two_things', {
    title: 'A file and the sheets',
    detail: '--sheets, --project and --full are about sheets.',
    mend: 'Sync them one after the other.',
  })

const aFileOrAll = () =>
  refusal('two_things', {
    title: 'A file and all devices',
    detail: '--devices asks all devices, whatever files they have.',
    mend: 'Sync them one after the other.',
  })

/** The server waited as long as it does; the runs go on, whether or not anyone watches. */
function watchOn(
  context: Context,
  client: Parameters<typeof watch>[1],
  ids: readonly string[],
): Promise<Run[]> {
  context.note(({ paint }) =>
    paint.dim('This takes longer. Ctrl-C leaves it running; see then: tidemark runs'),
  )
  return watch(context, client, ids)
}

/**
 * How many conflicts are open in the projects that were synced; or why that can't be told (a hook's token may sync, and
 * not read them). The sync itself is done by now, and is shown all the same.
 */
async function openIn({ results }: SmartSyncAnswer, client: Client): Promise<number | Refusal> {
  try {
    const conflicts = await client.conflicts(true)
    return conflicts.filter(({ part }) => results.some(({ project_id }) => project_id === part)).length
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function exitOf({ success, success_count, results }: SmartSyncAnswer, open: number | Refusal): Exit {
  if (!success && success_count === 0) return EXIT.failed
  const needsPerson = results.some(({ degraded, warnings }) => degraded || warnings.length > 0)
  return success && !needsPerson && (open instanceof Refusal || open === 0) ? EXIT.fine : EXIT.attention
}

function inWords(
  { success, results, success_count, total_projects }: SmartSyncAnswer,
  paper: Paper,
): string[] {
  const { paint } = paper
  const troubled = results.filter(({ error, warnings }) => error || warnings.length > 0)
  return [
    paint.bold(`Synced ${success_count} of ${count(total_projects, 'project')}`),
    ...(results.length > 0 ? ['', ...tableOf(results, paper)] : []),
    ...(success && total_projects === 0
      ? [paint.dim('No project has a sheet. To sync devices: tidemark sync --devices')]
      : []),
    ...troubled.flatMap(({ project_name, error, mend, warnings }) => [
      '',
      paint.bold(project_name),
      ...whyInWords({ reason: error, mend }, paper),
      ...warningsInWords(warnings, paper, '  '),
    ]),
  ]
}

const tableOf = (results: readonly ProjectResult[], paper: Paper) =>
  table<ProjectResult>(
    [
      { title: 'project', cell: ({ project_name }) => project_name, shrinks: true },
      {
        title: 'result',
        cell: ({ success, degraded }) => (success ? (degraded ? 'without the sheet' : 'synced') : 'failed'),
        paint: (text, { success, degraded }) =>
          success ? (degraded ? paper.paint.yellow(text) : paper.paint.green(text)) : paper.paint.red(text),
      },
      { title: 'accounts', cell: ({ total_accounts }) => number(total_accounts), align: 'right' },
      { title: 'updated', cell: ({ updated_count }) => number(updated_count), align: 'right' },
      { title: 'snapshots', cell: ({ snapshot_count }) => number(snapshot_count), align: 'right' },
    ],
    results,
    paper,
  )

function conflictsInWords(open: number | Refusal, { paint }: Paper): string[] {
  if (open instanceof Refusal)
    return ['', paint.dim(`Conflicts could not be read: ${clean(open.problem.detail)}`)]
  return open > 0 ? ['', paint.yellow(`${count(open, 'conflict')} open; see: tidemark conflicts`)] : []
}
