import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inWords, Refusal, refusal } from '../failure.ts'
import { deliver } from '../laptop/deliver.ts'
import { transaction } from '../laptop/file.ts'
import { linksOf } from '../laptop/link.ts'
import { eachOf, hasFailed, patienceOf, syncOne, withFile } from '../laptop/open.ts'
import { isNews, type Outcome } from '../laptop/report.ts'
import type { SyncReport } from '../laptop/sync.ts'
import { planFiles } from './sync-plan.ts'
import { isFine, reportInWords } from './sync-words.ts'

export interface SyncFilesOptions {
  /** Shared tables, or tables of the files; absent: all */
  readonly collections?: readonly string[] | undefined
  readonly dryRun?: true | undefined
  /** Where the plan is written */
  readonly out?: string | undefined
}

/** Syncs attached files, one after the other; or tells what that would do. */
export async function syncFiles(
  context: Context,
  files: readonly string[],
  { collections, dryRun, out }: SyncFilesOptions = {},
): Promise<Exit> {
  if (collections) await areAttached(context, files, collections)
  if (dryRun || out !== undefined) return planFiles(context, files, { collections, out })
  const outcomes: Outcome[] = []
  const done = await eachOf(files, async (file) => {
    context.progress.say(`Syncing ${file}`)
    const began = context.surroundings.now()
    const ended = (report: SyncReport | null, error: string | null) =>
      outcomes.push({ began, ended: context.surroundings.now(), report, error })
    try {
      const report = await syncOne(context, file, collections)
      ended(report, null)
      return { file, ...report }
    } catch (error) {
      if (error instanceof Refusal) ended(null, `${error.problem.title}: ${error.problem.detail}`)
      throw error
    }
  }).finally(() => told(context, outcomes))
  context.show(done, (all, paper) =>
    all.flatMap((one) => (hasFailed(one) ? inWords(one.problem, paper) : reportInWords(one, paper))),
  )
  if (done.some(hasFailed)) return EXIT.failed
  return done.every((one) => hasFailed(one) || isFine(one)) ? EXIT.fine : EXIT.attention
}

/** What did something, or failed, goes into the server's log. */
async function told(context: Context, outcomes: readonly Outcome[]): Promise<void> {
  const news = outcomes.filter(isNews)
  if (news.length > 0) await deliver((await context.device()).remote, news)
}

/** A name that no file knows is a slip, and would sync nothing. */
async function areAttached(
  context: Context,
  files: readonly string[],
  collections: readonly string[],
): Promise<void> {
  const known = new Set<string>()
  for (const file of files)
    await withFile(file, async (db) => {
      const links = await transaction(db, patienceOf(context), () => linksOf(db))
      for (const { shared, local } of links) known.add(shared).add(local)
    })
  const unknown = collections.filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw refusal('not_attached', {
      title: 'Not attached',
      detail: `${unknown.join(', ')}: no table of that name is attached here.`,
      mend: `Name some of: ${[...known].join(', ')}`,
    })
}
