import type { Problem } from '../../sync/protocol/common.ts'
import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inWords, Refusal } from '../failure.ts'
import { lineOf } from '../laptop/log.ts'
import { syncOne } from '../laptop/open.ts'
import type { SyncReport } from '../laptop/sync.ts'
import { count } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** Syncs attached files, one after the other. */
export async function syncFiles(context: Context, files: readonly string[]): Promise<Exit> {
  const done: Synced[] = []
  for (const file of files) {
    context.progress.say(`Syncing ${file}`)
    try {
      done.push({ file, ...(await syncOne(context, file)) })
    } catch (error) {
      // One that is away holds up no other.
      if (!(error instanceof Refusal) || files.length === 1) throw error
      done.push({ file, problem: error.problem })
    }
  }
  context.show(done, (all, paper) =>
    all.flatMap((one) => ('problem' in one ? inWords(one.problem, paper) : reportInWords(one, paper))),
  )
  if (done.some((one) => 'problem' in one)) return EXIT.failed
  return done.every((one) => 'problem' in one || isFine(one)) ? EXIT.fine : EXIT.attention
}

type Synced = { file: string } & (SyncReport | { problem: Problem })

export const isFine = ({ rejected, conflicts, unplaced, restored, notes }: SyncReport) =>
  rejected === 0 && conflicts.length === 0 && unplaced.length === 0 && restored === 0 && notes.length === 0

export function reportInWords(report: SyncReport & { file: string }, { paint }: Paper): string[] {
  const { file, notes, unplaced, conflicts, rejected } = report
  const warn = (text: string) => `  ${paint.yellow('!')} ${text}`
  return [
    `${isFine(report) ? paint.green('✓') : paint.yellow('!')} ${paint.bold(file)}  ${lineOf(report) || 'nothing new'}`,
    ...notes.map(warn),
    ...unplaced.slice(0, SHOWN).map(({ row, reason }) => warn(`${row} could not be written: ${reason}`)),
    ...(conflicts.length > 0
      ? [warn(`${count(conflicts.length, 'conflict')} open; see: tidemark conflicts`)]
      : []),
    ...(rejected > 0 ? [warn(`${count(rejected, 'edit')} not taken; see: tidemark conflicts`)] : []),
  ]
}

const SHOWN = 20
