import { randomUUID } from 'node:crypto'
import { Refusal } from '../failure.ts'
import type { Remote } from './remote.ts'
import { type Outcome, reportOf } from './report.ts'

/** Tells the server what syncs came to. A report that can't be delivered is dropped: the rows are the truth, not the log of them. */
export async function deliver(
  remote: Pick<Remote, 'report'>,
  outcomes: readonly Outcome[],
  nudge?: string,
): Promise<void> {
  try {
    await remote.report(reportOf(outcomes, { id: randomUUID(), nudge }))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}
