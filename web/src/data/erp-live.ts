import { computed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ErpStatus } from '../../../sync/protocol/erp.ts'
import type { Run } from '../../../sync/protocol/runs.ts'
import { getErpStatus } from './erp.ts'
import { isErpLane, isErpRun } from './erp-names.ts'
import { hear } from './live.ts'
import { refresh } from './reads.ts'
import { activeRuns, learnUnfinished } from './runs.ts'

/** Unfinished runs of the ERP's lists, oldest first, as last heard of. */
export const erpRuns = computed<readonly Run[]>(() => activeRuns.value.filter(isErpRun))

/**
 * How often the status is read while something is under way, and otherwise, in milliseconds. Runs are told by sockets; who
 * is inside the gate, and what is due, is not.
 */
const READ = { busy: 5_000, idle: 30_000 } as const

/** Sockets at once. Browsers have about 200 for all their pages; what is not heard of is read. */
const MOST_SOCKETS = 20

/** Keeps the ERP's view up to date while it is there. */
export function useErpLive(status: ErpStatus | undefined): void {
  useEffect(() => {
    if (status) learnUnfinished(status.runs, status.timestamp)
  }, [status])

  const lanes = status ? lanesToHear(status).join('\n') : ''
  useEffect(() => hear(lanes ? lanes.split('\n') : []), [lanes])

  const isBusy = erpRuns.value.length > 0 || (status?.orders.some(isUnfinished) ?? false)
  useEffect(() => {
    const timer = setInterval(
      () => {
        if (document.visibilityState === 'visible' && navigator.onLine)
          refresh((path) => path === getErpStatus.path)
      },
      isBusy ? READ.busy : READ.idle,
    )
    return () => clearInterval(timer)
  }, [isBusy])
}

const isUnfinished = ({ status }: ErpStatus['orders'][number]) => status === 'queued' || status === 'sending'

/** The shared lane, then those where something happens, then the others. Lanes of who is not synced can't be heard. */
function lanesToHear({ systems, runs, orders }: ErpStatus): string[] {
  const active = systems.flatMap(({ scopes }) =>
    scopes.filter((scope) => scope.active).map(({ lane }) => lane),
  )
  const busy = [
    ...runs.map(({ lane }) => lane),
    ...orders.filter(isUnfinished).map(({ user_id }) => `orders:${user_id}`),
  ].filter((lane) => isErpLane(lane) && active.includes(lane))
  const shared = active.filter((lane) => lane === 'products')
  return [...new Set([...shared, ...busy, ...active])].slice(0, MOST_SOCKETS).sort()
}
