import { signal } from '@preact/signals'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { SmartSyncAnswer } from '../../../sync/protocol/smart-sync.ts'
import { getRecentRuns, startSync } from './api.ts'
import { refresh } from './reads.ts'
import { learn } from './runs.ts'

/** What was asked for and is not answered yet; `project` null: all. */
export const syncing = signal<{ readonly project: string | null } | null>(null)

export type SyncOutcome = { readonly project: string | null } & (
  | { readonly type: 'finished'; readonly answer: SmartSyncAnswer }
  | { readonly type: 'goes-on'; readonly runIds: readonly string[] }
  | { readonly type: 'refused'; readonly problem: Problem }
)

/** How the last request ended, until it is dismissed or another one begins. */
export const outcome = signal<SyncOutcome | null>(null)

/** Asks for a sync and waits for the answer; the server answers within 25 s, whatever the runs do. */
export async function syncNow(project: string | null): Promise<void> {
  if (syncing.peek()) return
  syncing.value = { project }
  outcome.value = null
  const answer = await startSync(project)
  if (!answer.ok) outcome.value = { project, type: 'refused', problem: answer.problem }
  else if ('run_ids' in answer.value)
    outcome.value = { project, type: 'goes-on', runIds: answer.value.run_ids }
  else outcome.value = { project, type: 'finished', answer: answer.value }
  syncing.value = null
  const runs = await getRecentRuns.load()
  if (runs.ok) learn(runs.value)
  await refresh()
}
