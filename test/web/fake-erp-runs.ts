import type { LiveEvent, Run } from '../../sync/protocol/runs.ts'
import type { FakeErp, FakeScope, FakeSystem } from './fake-erp.ts'

/** Rows of a page of the ERP's. */
const PAGE = 25
/** Pages that a check reads where nothing seems to have changed. */
const CHECKED = 12

export const PAUSED = 'paused while an order is made'

export interface RunPace {
  /** Milliseconds a page */
  pagePace: number
}

/** Runs of the fake ERP: a driver a lane, a page at a time; runs of one lane take turns page by page. */
export function erpRunner(
  erp: FakeErp,
  all: Run[],
  pace: RunPace,
  tell: (lane: string, event: LiveEvent) => void,
) {
  const driven = new Set<string>()
  let number = 0
  let exclusive: Promise<void> | null = null

  function start(system: string, user: string | null, full: boolean) {
    const found = erp.systems.find((each) => each.system === system)
    const scope = found?.scopes.find((each) => each.scope === (found.per === 'user' ? user : 'shared'))
    if (!found || !scope?.active) return null
    const same = erp.runs.find(
      (run) => run.link === found.link && run.scope === scope.scope && run.status === 'queued',
    )
    const answer = { link: found.link, scope: scope.scope }
    if (same) return { ...answer, answer: 'joined' as const, run_id: same.id }
    const run = erpRun(found, scope, ++number, full)
    erp.runs.push(run)
    all.unshift(run)
    tell(run.lane, { type: 'run', run })
    drive(run.lane)
    return { ...answer, answer: 'queued' as const, run_id: run.id }
  }

  async function drive(lane: string) {
    if (driven.has(lane)) return
    driven.add(lane)
    const own = () => erp.runs.filter((run) => run.lane === lane)
    for (let turn = 0; own().length > 0; turn++) {
      const run = own()[turn % own().length]
      if (!run) break
      await wait(pace.pagePace)
      if (exclusive) await pause(run)
      advance(run)
      tell(lane, { type: 'run', run })
    }
    driven.delete(lane)
  }

  async function pause(run: Run) {
    run.report.waits = PAUSED
    tell(run.lane, { type: 'run', run })
    await exclusive
    delete run.report.waits
  }

  function advance(run: Run) {
    const [part] = run.report.parts
    if (!part) return
    run.status = 'running'
    run.started_at ??= iso(Date.now())
    if (erp.gate) erp.gate.inside = [{ who: run.lane, exclusive: false, until: iso(Date.now() + 30_000) }]
    part.page = (part.page ?? 0) + 1
    part.pages = Math.max(1, Math.ceil(part.rows / PAGE))
    const { counts } = run.report
    counts.read = Math.min(part.rows, counts.read + PAGE)
    counts.calls++
    if (part.page < (run.full ? part.pages : Math.min(CHECKED, part.pages))) return
    end(run)
  }

  function end(run: Run) {
    const now = iso(Date.now())
    const [part] = run.report.parts
    if (part) Object.assign(part, { status: 'unchanged', at: now })
    run.status = 'unchanged'
    run.finished_at = now
    erp.runs = erp.runs.filter((other) => other !== run)
    if (erp.gate) erp.gate.inside = []
    const scope = erp.systems
      .find(({ link }) => link === run.link)
      ?.scopes.find((each) => each.scope === run.scope)
    if (!scope) return
    Object.assign(scope, { last_check_at: now, last_good_at: now, last_status: 'unchanged', trouble: null })
    scope.checks++
    if (run.full) scope.last_full_at = now
    else scope.skips++
  }

  /** Has the ERP alone while the work is done: everybody else stops at the next page. */
  async function alone(lane: string, work: () => Promise<void>) {
    const { promise, resolve } = Promise.withResolvers<void>()
    exclusive = promise
    if (erp.gate) erp.gate.inside = [{ who: lane, exclusive: true, until: iso(Date.now() + 30_000) }]
    await work()
    if (erp.gate) erp.gate.inside = []
    exclusive = null
    resolve()
  }

  return { start, alone }
}

/** A run that waits for its turn. */
export function erpRun(
  { link, system }: FakeSystem,
  { scope, lane, rows }: FakeScope,
  number: number,
  full = false,
): Run {
  return {
    id: `01JE${String(number).padStart(22, '0')}`,
    link,
    scope,
    lane,
    trigger: 'manual',
    parts: null,
    full,
    actor: 'Ada',
    status: 'queued',
    enqueued_at: iso(Date.now()),
    started_at: null,
    finished_at: null,
    report: {
      counts: { read: 0, merged: 0, written: 0, skipped: 0, rejected: 0, conflicts: 0, deleted: 0, calls: 0 },
      parts: [
        {
          id: scope,
          name: system,
          status: 'waiting',
          rows,
          updated: 0,
          derived: 0,
          sent: 0,
          warnings: [],
          at: null,
        },
      ],
      warnings: [],
      warnings_cut: 0,
    },
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
