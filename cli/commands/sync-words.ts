import { lineOf } from '../laptop/log.ts'
import type { SyncReport } from '../laptop/sync.ts'
import { count } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** Nothing of it waits for a person. */
export const isFine = ({ rejected, conflicts, unplaced, restored, notes }: SyncReport) =>
  rejected === 0 && conflicts.length === 0 && unplaced.length === 0 && restored === 0 && notes.length === 0

export function reportInWords(report: SyncReport & { file: string }, { paint }: Paper): string[] {
  const { file, notes, unplaced, conflicts, rejected, paused } = report
  const warn = (text: string) => `  ${paint.yellow('!')} ${text}`
  return [
    `${isFine(report) ? paint.green('✓') : paint.yellow('!')} ${paint.bold(file)}  ${lineOf(report) || 'nothing new'}`,
    ...notes.map(warn),
    ...unplaced.slice(0, SHOWN).map(({ row, reason }) => warn(`${row} could not be written: ${reason}`)),
    ...(conflicts.length > 0
      ? [warn(`${count(conflicts.length, 'conflict')} open; see: tidemark conflicts`)]
      : []),
    ...(rejected > 0 ? [warn(`${count(rejected, 'edit')} not taken; see: tidemark conflicts`)] : []),
    ...(paused.length > 0 ? [paint.dim(`  switched off for now: ${paused.join(', ')}; its edits wait`)] : []),
  ]
}

const SHOWN = 20
