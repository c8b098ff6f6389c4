import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inWords as inWordsOf, refusal } from '../failure.ts'
import { type Disputed, disputedOf } from '../laptop/disputed.ts'
import { type Sqlite, transaction } from '../laptop/file.ts'
import { judge } from '../laptop/judge.ts'
import { renew } from '../laptop/layout.ts'
import { isAttached } from '../laptop/link.ts'
import { eachOf, hasFailed, notAttached, patienceOf, withFile } from '../laptop/open.ts'
import { type Rejected, rejectedOf } from '../laptop/rejected.ts'
import { relative, scalar } from '../print.ts'
import type { Paper } from '../terminal.ts'

interface Waiting {
  readonly file: string
  readonly conflicts: readonly Disputed[]
  readonly rejected: readonly Rejected[]
}

export async function conflictsOfFiles(context: Context, files: readonly string[]): Promise<Exit> {
  const found = await eachOf(files, (file) =>
    inFile(context, file, (db) => ({ file, conflicts: disputedOf(db), rejected: rejectedOf(db) })),
  )
  context.show(found, (all, paper) => [
    ...all.filter(hasFailed).flatMap(({ problem }) => [...inWordsOf(problem, paper), '']),
    ...inWords(
      all.flatMap((one) => (hasFailed(one) ? [] : [one])),
      paper,
    ),
  ])
  if (found.some(hasFailed)) return EXIT.failed
  return found.some((one) => !hasFailed(one) && waits(one)) ? EXIT.attention : EXIT.fine
}

const waits = ({ conflicts, rejected }: Waiting) => conflicts.length + rejected.length > 0

/** A person's word on one of them. */
export async function settle(
  context: Context,
  file: string,
  { drop, retry }: { readonly drop: string | undefined; readonly retry: string | undefined },
): Promise<Exit> {
  if (drop !== undefined && retry !== undefined) throw both()
  const how = drop === undefined ? 'retry' : 'drop'
  const { row, op, values } = await inFile(context, file, (db) =>
    judge(db, drop ?? retry ?? '', how, context.surroundings.now()),
  )
  context.show({ file, row, op, values, settled: how }, (_shown, { paint }) => [
    how === 'drop' ? `Given up: ${row} stays as the server says.` : `${row} is sent again by the next sync.`,
    ...(how === 'retry' ? [paint.dim('  next: tidemark sync')] : []),
  ])
  return EXIT.fine
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
      entryInWords({ ...one, id: String(one.n), what: 'Not taken', kept: [] }, paper),
    ),
  ])
}

function entryInWords(
  { id, what, op, row, reason, values, at, kept }: Omit<Disputed, 'link'> & { readonly what: string },
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
    `  → tidemark conflicts --retry ${id}, or --drop ${id}`,
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
