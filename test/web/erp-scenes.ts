import type { Run } from '../../sync/protocol/runs.ts'
import type { FakeScope, FakeSystem } from './fake-erp.ts'
import { erpRun, PAUSED } from './fake-erp-runs.ts'
import type { FakeServer } from './fake-server.ts'

const SECOND = 1_000

/** Much at once: lists being read, one that pauses for an order, one that waits behind it, and some in other lanes. */
export function makeBusy({ world: { erp } }: FakeServer): void {
  let number = 500
  const scope = (name: string, user: number): [FakeSystem, FakeScope] => {
    const system = erp.systems.find((each) => each.system === name)
    const found = system?.scopes[user] ?? system?.scopes[0]
    if (!system || !found) throw new Error(`the fake ERP has no ${name}`)
    return [system, found]
  }
  const add = (name: string, user: number, page: number | null, seconds = 0, full = false) => {
    const run = erpRun(...scope(name, user), ++number, full)
    erp.runs.push(run)
    if (page !== null) read(run, page, seconds)
    return run
  }
  add('products', 0, 112, 372, true)
  add('prices', 0, 2, 8)
  add('products', 0, null).trigger = 'cron'
  add('customers', 0, 41, 140).report.waits = PAUSED
  add('orders', 1, null).trigger = 'login'
  for (let user = 2; user < erp.users.length; user++) add('customers', user, null).trigger = 'cron'
  erp.gate = {
    concurrency: 2,
    inside: [{ who: 'orders:bob', exclusive: true, until: iso(Date.now() + 20 * SECOND) }],
    waiting: [...new Set(erp.runs.map(({ lane }) => lane))].map((who, i) => ({
      who,
      exclusive: false,
      priority: 4 - (i % 4),
      since: iso(Date.now() - i * SECOND),
    })),
    closed_until: null,
  }
}

function read(run: Run, page: number, seconds: number): void {
  const [part] = run.report.parts
  if (!part) return
  run.status = 'running'
  run.started_at = iso(Date.now() - seconds * SECOND)
  Object.assign(part, { page, pages: Math.ceil(part.rows / 25) })
  Object.assign(run.report.counts, { read: page * 25, written: page * 2, calls: page })
}

export const AWAY = {
  reason: 'The ERP refused the login of the user: its password has expired.',
  mend: 'Set a new password in the ERP, and then here with PUT /api/erp/users/{id}.',
}

/** The ERP lets some users in no more, asks for a pause, and the checks need more time than there is. */
export function makeTroubled({ world: { erp } }: FakeServer): void {
  for (const system of erp.systems)
    for (const scope of system.per === 'user' ? system.scopes.slice(1, 4) : [])
      Object.assign(scope, { trouble: AWAY, last_status: 'degraded' })
  // The user's number 1, so that he also stands where there are two.
  const cut = erp.systems.find(({ system }) => system === 'customers')?.scopes[1]
  if (cut) cut.resumes_at_page = 117
  const prices = erp.systems.find(({ system }) => system === 'prices')?.scopes[0]
  if (prices)
    Object.assign(prices, {
      last_status: 'failed',
      resumes_at_page: 1_204,
      trouble: {
        reason: 'Page 17 of the price list shows the same rows as page 16.',
        mend: 'Nothing to do: it is read again at the next check. If it lasts, open the list in the ERP.',
      },
    })
  erp.forecast = { scopes: 82, call_ms: 4_870, share: 1.372 }
  if (erp.gate) erp.gate.closed_until = iso(Date.now() + 90 * SECOND)
}

const iso = (ms: number) => new Date(ms).toISOString()
