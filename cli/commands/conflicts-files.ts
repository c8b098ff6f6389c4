import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import { collectionConflictsInWords } from '../collection-conflicts.ts'
import { toldOf, untold } from '../collections-words.ts'
import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { cleaned, inWords as inWordsOf, Refusal, refusal } from '../failure.ts'
import { type Disputed, disputedOf } from '../laptop/disputed.ts'
import { type Sqlite, transaction } from '../laptop/file.ts'
import { isGone, judge } from '../laptop/judge.ts'
import { renew } from '../laptop/layout.ts'
import { isAttached, linksOf } from '../laptop/link.ts'
import { eachOf, hasFailed, notAttached, patienceOf, withFile } from '../laptop/open.ts'
import { type Rejected, rejectedOf } from '../laptop/rejected.ts'
import { rowsOf } from '../laptop/rows.ts'
import { relative, scalar } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** `isGone`: the row was deleted on the server, and is not in the file any more. */
type Told = Disputed & { readonly isGone: boolean }

interface Waiting {
  readonly file: string
  readonly conflicts: readonly Told[]
  readonly rejected: readonly Rejected[]
}

/** What waits in attached files, from what they say themselves; and on the server, where it can be asked. */
export async function conflictsOfFiles(
  context: Context,
  files: readonly string[],
  open: boolean,
): Promise<Exit> {
  const asked = context.reach(({ collections }) => collections.conflicts({ open }))
  const found = await eachOf(files, (file) =>
    inFile(context, file, (db) => ({ file, conflicts: toldIn(db), rejected: rejectedOf(db) })),
  )
  const server = await asked
  context.show({ files: found, ...toldOf(server) }, ({ files: all }, paper) => [
    ...all.filter(hasFailed).flatMap(({ problem }) => [...inWordsOf(problem, paper), '']),
    ...inWords(
      all.flatMap((one) => (hasFailed(one) ? [] : [one])),
      paper,
    ),
    ...onServer(server, paper),
  ])
  if (found.some(hasFailed)) return EXIT.failed
  const isOpen = !(server instanceof Refusal) && server.some(({ resolved }) => !resolved)
  return isOpen || found.some((one) => !hasFailed(one) && waits(one)) ? EXIT.attention : EXIT.fine
}

function onServer(found: readonly SyncConflict[] | Refusal, paper: Paper): string[] {
  if (found instanceof Refusal) return ['', ...untold(found, paper)]
  if (found.length === 0) return []
  return ['', paper.paint.bold('On the server'), ...collectionConflictsInWords(cleaned(found), paper)]
}

const waits = ({ conflicts, rejected }: Waiting) => conflicts.length + rejected.length > 0

function toldIn(db: Sqlite): Told[] {
  const links = linksOf(db)
  return disputedOf(db).map((one) => {
    const link = links.find(({ id }) => id === one.link)
    return { ...one, isGone: link !== undefined && isGone(rowsOf(db, link), one) }
  })
}

/** A person's word on one of them. */
export async function settle(
  context: Context,
  file: string,
  { drop, retry }: { readonly drop: string | undefined; readonly retry: string | undefined },
): Promise<Exit> {
  if (drop !== undefined && retry !== undefined) throw both()
  const how = drop === undefined ? 'retry' : 'drop'
  const { row, op, values, isRemoved } = await inFile(context, file, (db) =>
    judge(db, drop ?? retry ?? '', how, context.surroundings.now()),
  )
  const server = how === 'drop' ? await givenUp(context, drop ?? '') : null
  context.show({ file, row, op, values, settled: how }, (_shown, paper) => [
    how === 'retry'
      ? `${row} is sent again by the next sync.`
      : isRemoved
        ? `Given up: ${row}, which only this file had, is removed.`
        : `Given up: ${row} stays as the server says.`,
    ...(how === 'retry' ? [paper.paint.dim('  next: tidemark sync')] : []),
    ...(server
      ? [
          ...untold(server, paper),
          `  There it is still open; run later: tidemark resolve ${drop} --strategy keep_remote`,
        ]
      : []),
  ])
  return EXIT.fine
}

/** A conflict that is given up here is settled on the server too. Null: it is, or nobody waits for it there. */
async function givenUp(context: Context, id: string): Promise<Refusal | null> {
  if (!/^c_[\w-]+$/.test(id)) return null
  const resolve = { id, strategy: 'keep_remote', notes: 'given up where it was made' } as const
  const answer = await context.reach(({ collections }) => collections.resolve(resolve, {}))
  if (!(answer instanceof Refusal)) return null
  // Settled already, or forgotten.
  return [404, 409].includes(answer.problem.status) ? null : answer
}

const inFile = <T>(context: Context, file: string, work: (db: Sqlite) => T): Promise<T> =>
  withFile(file, (db) =>
    transaction(db, patienceOf(context), () => {
      if (!isAttached(db)) throw notAttached(file)
      renew(db)
      return work(db)
    }),
  )

function inWords(all: readonly Waiting[], paper: Paper): string[] {
  const found = all.filter(waits)
  if (found.length === 0) return ['No conflicts, and every edit was taken.']
  return found.flatMap(({ file, conflicts, rejected }, i) => [
    ...(i > 0 ? [''] : []),
    paper.paint.bold(file),
    ...conflicts.flatMap((one) => entryInWords({ ...one, what: 'Conflict' }, paper)),
    ...rejected.flatMap((one) =>
      entryInWords({ ...one, id: String(one.n), what: 'Not taken', kept: [], isGone: false }, paper),
    ),
  ])
}

function entryInWords(
  {
    id,
    what,
    op,
    row,
    reason,
    values,
    at,
    kept,
    isGone: isRowGone,
  }: Omit<Told, 'link'> & { readonly what: string },
  { paint, now }: Paper,
): string[] {
  return [
    `${paint.yellow('!')} ${paint.bold(what)}: ${op} of ${row}  ${paint.dim(relative(at, now))}`,
    `  ${reason}`,
    ...Object.entries(values).map(
      ([name, value]) => `  ${paint.dim(name)}  ${scalar(value).slice(0, SHOWN)}`,
    ),
    ...(kept.length > 0
      ? [
          `  this file keeps its own until it is settled: tidemark resolve ${id} --strategy rename_local --value …`,
        ]
      : []),
    ...(isRowGone
      ? [
          '  the row went from this file too; to bring it back with this edit:',
          `  → tidemark resolve ${id} --strategy keep_local, or tidemark conflicts --drop ${id}`,
        ]
      : [`  → tidemark conflicts --retry ${id}, or --drop ${id}`]),
  ]
}

/** Characters of a value */
const SHOWN = 100

const both = () =>
  refusal('both', {
    title: 'Drop or retry',
    detail: 'An edit is given up or made again, and not both.',
    mend: 'Give one of them.',
  })
