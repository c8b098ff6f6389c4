import { readFileSync } from 'node:fs'
import type { Started } from '../../sync/protocol/erp.ts'
import { createErp, type Erp, serveErp } from '../emulators/erp/index.ts'
import { treeOf } from '../runtime/processes.ts'
import { addErpUsers, type Stack, startStack } from '../stack/stack.ts'

/** What one run took, by its row and by the ERP's record. */
export interface Ran {
  readonly status: string
  /** From the request to the run's end */
  readonly ms: number
  readonly calls: number
  /** CPU of the whole runtime (all five Workers, D1 and objects); NaN where the system does not tell */
  readonly cpuMs: number
  /** Between the arrivals of two list pages that follow each other */
  readonly gaps: readonly number[]
}

export interface ErpBench {
  readonly stack: Stack
  readonly erp: Erp
  readonly origin: string
  /** Starts these together and waits for all of them */
  run(asked: readonly Asked[]): Promise<Ran[]>
  concurrency(calls: number): Promise<void>
  close(): Promise<void>
}

export interface Asked {
  readonly system: string
  readonly user_id?: string
  readonly full?: boolean
}

/** More than a run may use: a call too many shows in `overruns`. */
const AT_ONCE = 6
/** Ticks of CPU time in /proc are hundredths of a second. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICK = 10

/** The five Workers before an ERP of this process, which does nothing else meanwhile. */
export async function openErpBench(products: number, users: readonly string[]): Promise<ErpBench> {
  const erp = createErp({
    // Fractions of a millisecond: a page takes a few.
    clock: () => performance.timeOrigin + performance.now(),
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    concurrency: AT_ONCE,
  })
  const served = await serveErp({ erp })
  const stack = await startStack({ coordinator: { ERP_ORIGIN: served.url } })
  await addErpUsers({ ...stack, erp }, ...users)
  erp.person.fill({ customersEach: 250, products, ordersEach: 200, prices: 'all' })
  // Pictures are fetched beside the runs, and would be measured with them.
  for (const row of erp.person.rows('products')) erp.person.put('products', { ...row, image: null })

  const ended = async (id: string) => {
    for (;;) {
      const [row] = await stack.runtime.query(
        'SELECT status, finished_at FROM runs WHERE id = ?1 AND finished_at IS NOT NULL',
        id,
      )
      if (row) return { status: String(row.status), at: Number(row.finished_at) }
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  return {
    stack,
    erp,
    origin: served.url,
    async run(asked) {
      erp.calls.length = 0
      const cpu = cpuOf(stack.runtime.pid)
      const start = Date.now()
      const ids = await Promise.all(
        asked.map(async (body) => {
          const answer = await stack.call<Started>('POST', '/api/erp/sync', { body })
          const id = answer.body.started?.[0]?.run_id
          if (!id) throw new Error(`${body.system} was answered ${JSON.stringify(answer.body)}`)
          return id
        }),
      )
      const ends = await Promise.all(ids.map(ended))
      const cpuMs = cpuOf(stack.runtime.pid) - cpu
      const at = erp.calls.filter(({ path }) => path.includes('?page=')).map((call) => call.at)
      const gaps = at.slice(1).map((time, i) => time - (at[i] ?? time))
      return ends.map((end) => ({
        status: end.status,
        ms: end.at - start,
        calls: erp.calls.length,
        cpuMs,
        gaps,
      }))
    },
    async concurrency(calls) {
      const { status } = await stack.call('PUT', '/api/config/erp.connection', {
        body: { concurrency: calls },
      })
      if (status >= 300) throw new Error(`the concurrency was answered ${status}`)
    },
    async close() {
      await stack.close()
      await served.close()
    },
  }
}

/** User and system time so far of workerd. */
function cpuOf(pid: number): number {
  const workerd = treeOf(pid).filter(({ command }) => command === 'workerd')
  if (workerd.length === 0) return Number.NaN
  return workerd.reduce((sum, { pid: own }) => {
    const stat = readFileSync(`/proc/${own}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + TICK * (Number(fields[11]) + Number(fields[12]))
  }, 0)
}
