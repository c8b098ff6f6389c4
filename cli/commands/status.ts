import type { Project, SyncStatusAnswer } from '../../sync/protocol/smart-sync.ts'
import { statusInWords, toldOf } from '../collections-words.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { Refusal } from '../failure.ts'
import { filesOf } from '../laptop/open.ts'
import { number, relative } from '../print.ts'
import { paintStatus } from '../run-words.ts'
import type { Paper } from '../terminal.ts'
import { projectsInWords } from './projects.ts'
import { statusOfFiles } from './status-files.ts'

export const status = command(
  (declared) =>
    declared
      .name('status')
      .summary('whether all is well: attached files, or the sheets')
      .description(
        'Says how the file that is named stands; without a name, the files that are attached on this machine, which needs no network; where there are none, or with --sheets: last and next run, the sheet, conflicts, projects. Then how the collections of all devices stand, where the server can be asked.',
      )
      .argument('[file]', 'an attached SQLite file')
      .option('--sheets', 'the sheets, although files are attached here')
      .addHelpText(
        'after',
        '\nExit codes: 0 all is well; 1 something waits for a person; 2 it could not be told.',
      ),
  async (context, file: string | undefined, { sheets }: { sheets?: true }) => {
    const files = sheets ? [] : await filesOf(context, file)
    if (files.length > 0) return statusOfFiles(context, files)
    const client = await context.connect()
    const asked = context.reach(({ collections }) => collections.status())
    const [found, projects] = await Promise.all([client.status(), client.projects()])
    const collections = await asked
    context.show({ status: found, projects, ...toldOf(collections) }, (shown, paper) => [
      ...inWords(shown, paper),
      '',
      ...statusInWords(collections, paper),
    ])
    const open = collections instanceof Refusal ? 0 : collections.unresolvedConflicts
    return found.open_conflicts + open > 0 || found.sheets_reachable === false ? EXIT.attention : EXIT.fine
  },
)

function inWords(
  { status: found, projects }: { status: SyncStatusAnswer; projects: readonly Project[] },
  paper: Paper,
): string[] {
  const { paint, now } = paper
  const line = (title: string, text: string) => `${paint.dim(title.padEnd(9))}  ${text}`
  return [
    line('last run', lastRun(found, paper)),
    line('next due', found.next_due ? dueInWords(found.next_due, now) : 'nothing is due'),
    line('sheet', reachability(found, paper)),
    line('conflicts', conflictsInWords(found.open_conflicts, paper)),
    line('projects', `${found.active_projects} of ${found.total_projects} active`),
    '',
    ...projectsInWords(projects, paper),
  ]
}

function lastRun({ last_run }: SyncStatusAnswer, { paint, now }: Paper): string {
  if (!last_run) return 'none yet; begin one: tidemark sync'
  const { id, status: how, finished_at } = last_run
  return `${paintStatus(paint, how)(how)} ${finished_at ? relative(finished_at, now) : ''}  ${paint.dim(id)}`
}

const dueInWords = (at: string, now: number) => (Date.parse(at) < now ? 'now' : relative(at, now))

function reachability({ sheets_reachable, sheets_trouble }: SyncStatusAnswer, { paint }: Paper): string {
  if (sheets_reachable === null) return 'not asked yet'
  if (sheets_reachable) return paint.green('reachable')
  return `${paint.red('not reachable')}${sheets_trouble ? `: ${sheets_trouble}` : ''}`
}

function conflictsInWords(open: number, { paint }: Paper): string {
  if (open === 0) return 'none'
  return `${paint.yellow(`${number(open)} open`)}; see: tidemark conflicts`
}
