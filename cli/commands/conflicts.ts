import { collectionConflictsInWords } from '../collection-conflicts.ts'
import { toldOf, untold } from '../collections-words.ts'
import { type Context, command } from '../command.ts'
import { sheetConflictsInWords } from '../conflict-words.ts'
import { EXIT, type Exit } from '../exit.ts'
import { cleaned, Refusal, unlessForbidden } from '../failure.ts'
import { filesOf, oneFile } from '../laptop/open.ts'
import { conflictsOfFiles, settle } from './conflicts-files.ts'

export const conflicts = command(
  (declared) =>
    declared
      .name('conflicts')
      .summary('what only a person can settle, and settling it')
      .description(
        'Lists what waits for a person: edits of the file that is named, or of those attached on this machine, which needs no network; and the conflicts of the shared tables, where the server can be asked. Where no file is attached, the conflicts of the sheets too.',
      )
      .argument('[file]', 'an attached SQLite file')
      .option('--drop <id>', 'give the edit up: what the server says stands')
      .option('--retry <id>', 'say it again, knowing what the server says; it goes with the next sync')
      .option('--sheets', 'only those of the sheets')
      .option('--collection <name>', 'only those of this shared table')
      .option('--all', 'of the server: those that are settled too')
      .addHelpText('after', EXAMPLES),
  async (context, file: string | undefined, options: Options) => {
    const { all, sheets, collection, drop, retry } = options
    if (drop !== undefined || retry !== undefined)
      return settle(context, await oneFile(context, file), { drop, retry })
    const open = all !== true
    if (sheets) return ofSheets(context, open)
    if (collection !== undefined) return ofCollection(context, open, collection)
    const files = await filesOf(context, file)
    return files.length > 0 ? conflictsOfFiles(context, files, open) : ofServer(context, open)
  },
)

interface Options {
  readonly all?: true
  readonly sheets?: true
  readonly collection?: string
  readonly drop?: string
  readonly retry?: string
}

async function ofSheets(context: Context, open: boolean): Promise<Exit> {
  const found = await (await context.connect()).conflicts(open)
  context.show(found, sheetConflictsInWords)
  return waits(found.filter(({ resolved_at }) => resolved_at === null))
}

async function ofCollection(context: Context, open: boolean, collection: string): Promise<Exit> {
  const found = await (await context.connect()).collections.conflicts({ open, collection })
  context.show(found, collectionConflictsInWords)
  return waits(found.filter(({ resolved }) => !resolved))
}

async function ofServer(context: Context, open: boolean): Promise<Exit> {
  const client = await context.connect()
  const [all, listed] = await Promise.all([
    client.conflicts(open),
    unlessForbidden(client.collections.conflicts({ open })),
  ])
  // Those of sheets that are synced both ways are told with the sheets'.
  const found = listed instanceof Refusal ? listed : listed.filter(({ link }) => link === undefined)
  // What devices disagree about stands in both lists of the server.
  const sheets = all.filter(({ link }) => link !== '')
  context.show({ sheets, ...toldOf(found) }, (shown, paper) => {
    const ofThem = shown.sheets.length > 0 ? sheetConflictsInWords(shown.sheets, paper) : []
    if (found instanceof Refusal)
      return [...ofThem, ...(ofThem.length > 0 ? [''] : []), ...untold(found, paper)]
    if (ofThem.length > 0 && found.length === 0) return ofThem
    return [
      ...ofThem,
      ...(ofThem.length > 0 ? [''] : []),
      ...collectionConflictsInWords(cleaned(found), paper),
    ]
  })
  const rows = found instanceof Refusal ? [] : found.filter(({ resolved }) => !resolved)
  return waits([...rows, ...sheets.filter(({ resolved_at }) => resolved_at === null)])
}

const waits = (open: readonly unknown[]): Exit => (open.length > 0 ? EXIT.attention : EXIT.fine)

const EXAMPLES = `
Examples:
  tidemark conflicts                what waits for a person
  tidemark conflicts --drop 3       the edit 3 is given up
  tidemark conflicts --retry c_4f   the edit is made again, over what the server says now
  tidemark conflicts --all --collection admins

To settle one for all: tidemark resolve ID --strategy …, or tidemark auto-resolve

Exit codes: 0 nothing waits; 1 something does; 2 failed.`
