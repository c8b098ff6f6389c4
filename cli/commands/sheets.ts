import { Command, InvalidArgumentError, Option } from 'commander'
import { SheetPolicy } from '../../sync/protocol/config.ts'
import { spreadsheetId } from '../../sync/protocol/spreadsheet-id.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { exitOf, runInWords } from '../run-words.ts'
import { forecastInWords, isTight } from '../sheet-forecast-words.ts'
import { linkedInWords, needsPerson, scriptInWords, sheetsInWords } from '../sheet-words.ts'
import { type Tabs, tabTitle } from '../tab-title.ts'
import { watch } from '../watch.ts'

const list = command(
  (declared) =>
    declared
      .name('list')
      .summary('each linked workbook and its tabs: how they stand, rows in, cells out, what is open')
      .addHelpText('after', LIST_HELP),
  async (context) => {
    const client = await context.connect()
    const sheets = await client.sheets.list()
    context.show(sheets, sheetsInWords)
    return sheets.some(needsPerson) ? EXIT.attention : EXIT.fine
  },
)

const link = command(
  (declared) =>
    declared
      .name('link')
      .summary('say which workbook the tables of a link are kept in')
      .argument('<name>', 'the link, as tidemark sheets shows it', name)
      .argument('<spreadsheet>', 'address of the workbook, or the long id in it', spreadsheet)
      .option('--tab <table=title>', 'how the tab of a table is called; may be given several times', tabTitle)
      .addOption(
        new Option('--policy <policy>', 'what stands where a cell was changed on both sides').choices(
          SheetPolicy.options,
        ),
      )
      .option('--minutes <n>', 'look for changes this often', minutes)
      .addHelpText('after', LINK_HELP),
  async (context, of: string, id: string, { tab, policy, minutes: check }: LinkOptions) => {
    const client = await context.connect()
    const linked = await client.sheets.link(of, {
      spreadsheet_id: id,
      ...(tab && { tabs: tab }),
      ...(policy && { policy }),
      ...(check !== undefined && { check_minutes: check }),
    })
    context.show(linked, (shown, paper) => linkedInWords(of, shown, paper))
    return EXIT.fine
  },
)

interface LinkOptions {
  readonly tab?: Tabs
  readonly policy?: SheetPolicy
  readonly minutes?: number
}

const sync = command(
  (declared) =>
    declared
      .name('sync')
      .summary('bring a workbook in step, and wait for the end')
      .argument('[name]', 'the link', name, 'reference')
      .option('--force', 'read everything, whatever Google says of changes')
      .option('--no-wait', 'end as soon as it is queued'),
  async (context, of: string, { force, wait }: { force?: true; wait: boolean }) => {
    const client = await context.connect()
    context.progress.say(`Syncing ${of}`)
    const started = await client.sheets.sync(of, force === true)
    if (!wait) {
      context.show(started, ({ answer, run_id }, { paint }) => [
        `${of}: ${answer === 'queued' ? 'queued' : 'one that waits already does this'}  ${paint.dim(run_id)}`,
      ])
      return EXIT.fine
    }
    context.note(({ paint }) => paint.dim('Ctrl-C leaves it running; see then: tidemark sheets'))
    const [run] = await watch(context, client, [started.run_id])
    if (!run) return EXIT.failed
    context.show(run, runInWords)
    return exitOf(run)
  },
)

const forecast = command(
  (declared) =>
    declared
      .name('forecast')
      .summary('what share of Google’s quota the schedules take, and which asks for too much')
      .addHelpText('after', '\nExit codes: 0 all fit; 1 a schedule asks for more than there is; 2 failed.'),
  async (context) => {
    const found = await (await context.connect()).sheets.forecast()
    context.show(found, forecastInWords)
    return isTight(found) ? EXIT.attention : EXIT.fine
  },
)

const script = command(
  (declared) =>
    declared
      .name('script')
      .summary('the Apps Script that makes a workbook tell of edits at once, and how to install it')
      .description(
        'Writes the script to stdout, and the steps and the secret that it needs to stderr: `tidemark sheets script reference > Code.gs` leaves a file to paste.',
      )
      .argument('[name]', 'the link', name, 'reference'),
  async (context, of: string) => {
    const found = await (await context.connect()).sheets.script(of)
    for (const line of scriptInWords(found)) context.note(({ paint }) => paint.dim(line))
    // Line by line: what a server says is shown without its line breaks.
    if (context.json) context.show(found, () => [])
    else context.show(found.script.trimEnd().split('\n'), (lines) => lines)
    return EXIT.fine
  },
)

export const sheets = (...wiring: Parameters<typeof list>) =>
  new Command('sheets')
    .summary('workbooks that are synced both ways: status, link, sync, quota, script')
    .addCommand(list(...wiring), { isDefault: true })
    .addCommand(link(...wiring))
    .addCommand(sync(...wiring))
    .addCommand(forecast(...wiring))
    .addCommand(script(...wiring))

const LIST_HELP = `
Rows in, cells out and errors are those of the last fifty runs.

Exit codes: 0 all in step; 1 something is held, failed, or asks a question; 2 failed.

See also:
  tidemark conflicts --sheets   what waits for an answer, and how to give it
  tidemark resolve ID           give it`

const LINK_HELP = `
Policies:
  sheet     what the sheet says stands (the default)
  database  what the database says stands
  newest    what was changed last stands
  manual    a person says; the cell gets a note with both values

Examples:
  tidemark sheets link reference https://docs.google.com/spreadsheets/d/1AbC…/edit
  tidemark sheets link reference 1AbC… --tab ranks=Ränge --policy manual --minutes 2

What is not given stays as it was set. Share the workbook with Tidemark's service account as an editor first.`

function name(text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text
  throw new InvalidArgumentError('A link has letters, digits, _ . and -, 64 at most.')
}

function spreadsheet(text: string): string {
  const id = spreadsheetId(text)
  if (id !== null) return id
  throw new InvalidArgumentError('It takes the address of a workbook, or the long id in it.')
}

function minutes(text: string): number {
  const n = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && n >= 1 && n <= 1440) return n
  throw new InvalidArgumentError('It takes a number from 1 to 1440.')
}
