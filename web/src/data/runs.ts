import { computed, signal } from '@preact/signals'
import type { Run } from '../../../sync/protocol/runs.ts'
import { isErpPath, isErpRun } from './erp-names.ts'
import { refresh } from './reads.ts'

/** Runs as last heard of, by socket or by reading. Later news replaces earlier; a finished run is final. */
const known = signal<ReadonlyMap<string, Run>>(new Map())

/** Runs kept here; older ones are read again when they are looked at. */
const KEPT = 60

export const isActive = (run: Run) => run.status === 'queued' || run.status === 'running'

export const activeRuns = computed(() =>
  [...known.value.values()].filter(isActive).sort((a, b) => (a.id < b.id ? -1 : 1)),
)

/** The run in its latest known state. */
export const latest = (run: Run): Run => newer(run, known.value.get(run.id) ?? run)

export const knownRun = (id: string): Run | undefined => known.value.get(id)

/** Takes news of runs. When one of them has ended, what is on the page is read again. */
export function learn(runs: readonly Run[]): void {
  const before = known.peek()
  const after = new Map(before)
  const last = [...before.keys()].reduce((a, b) => (a > b ? a : b), '')
  const ended: Run[] = []
  for (const run of runs) {
    const old = before.get(run.id)
    const next = old ? newer(old, run) : run
    const isNews = old ? isActive(old) : last !== '' && run.id > last
    if (isNews && !isActive(next)) ended.push(next)
    after.set(run.id, next)
  }
  for (const id of [...after.keys()].sort().reverse().slice(KEPT)) after.delete(id)
  known.value = after
  if (ended.length === 0) return
  // The ERP's runs end many an hour, and touch nothing else.
  const isErpOnly = ended.every(isErpRun)
  refresh(isErpOnly ? (path) => isErpPath(path) || path.includes('/runs') : undefined)
}

/**
 * Takes a list of all unfinished runs of the ERP, as it was at a time: what is not in it has ended, even where nobody told
 * of it.
 */
export function learnUnfinished(runs: readonly Run[], at: string): void {
  learn(runs)
  const listed = new Set(runs.map(({ id }) => id))
  const isOver = (run: Run) =>
    isErpRun(run) && isActive(run) && !listed.has(run.id) && Date.parse(run.enqueued_at) < Date.parse(at)
  const after = [...known.peek()].filter(([, run]) => !isOver(run))
  if (after.length < known.peek().size) known.value = new Map(after)
}

export function forgetRuns(): void {
  known.value = new Map()
}

/** A queued run is older than a running one, and that is older than a finished one; else the one that came last. */
function newer(old: Run, run: Run): Run {
  const rank = (of: Run) => (of.status === 'queued' ? 0 : of.status === 'running' ? 1 : 2)
  return rank(run) >= rank(old) ? run : old
}
