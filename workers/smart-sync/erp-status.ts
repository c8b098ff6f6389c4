import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { readErpFacts } from '../../db/reads/erp-status.ts'
import type { SlotsView } from '../../sync/engine/slots.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { ErpStatus } from '../../sync/protocol/erp.ts'
import { ownerOf } from '../shared/access.ts'
import { ERP_GATE, erpLinks, linkOfAction, scopeFor, systemOf } from '../shared/names.ts'
import { database, type SmartSync, type SmartSyncEnv } from './env.ts'
import { boundOf, forecastOf, type Listed, settle } from './erp-forecast.ts'
import { requestView } from './erp-orders.ts'
import type * as routes from './erp-routes.ts'
import { runsFor } from './runs.ts'

export const erpStatus: RouteHandler<typeof routes.erpStatus, SmartSync> = async (c) => {
  const actor = c.get('actor')
  const owner = ownerOf(actor)
  const orders = linkOfAction('create_order')
  const [facts, scopes, gate] = await Promise.all([
    readErpFacts(database(c.env), {
      seen: erpLinks.map((link) => [link.name, owner === null ? null : scopeFor(link, owner)]),
      actions: { link: orders.name, lane: owner === null ? null : orders.lane(owner) },
      settings: erpLinks.flatMap(({ config }) => [config?.schedule ?? '', config?.connection ?? '']),
    }),
    database(c.env).batch(erpLinks.map((link) => link.scopes.list)),
    gateOf(c.env),
  ])
  const settings = new Map(
    facts.settings.map((row) => [String(row.key), JSON.parse(String(row.value)) as object]),
  )
  const listed = erpLinks.map((link, i): Listed => {
    const states = facts.states.filter((row) => row.link === link.name)
    const active = (scopes[i]?.rows ?? []).map(({ scope }) => String(scope))
    return { ...settle(link, settings), states, active }
  })
  const concurrency = listed[0]?.concurrency ?? 1
  const count = (rows: readonly Row[], of: string) => Number(rows.find(({ status }) => status === of)?.n ?? 0)
  const status: ErpStatus = {
    configured: listed.some(({ active }) => active.length > 0),
    systems: listed.map((each) => systemStatus(each, facts, owner)),
    runs: await runsFor(database(c.env), actor, facts.runs),
    gate: gate && gateStatus(gate, concurrency, actor),
    forecast: forecastOf(listed, facts.pace),
    images: {
      pending: count(facts.images, 'pending'),
      stored: count(facts.images, 'stored'),
      dead: count(facts.images, 'dead'),
    },
    unmatched_prices: facts.waiting
      .filter(({ link }) => erpLinks.some(({ name, adds }) => name === link && adds === false))
      .reduce((sum, { n }) => sum + Number(n), 0),
    orders: facts.actions.map((row) => requestView(row, actor)),
    timestamp: new Date().toISOString(),
  }
  return c.json(status, 200)
}

/** One list with its scopes: those that are synced, and those that once were. To a user: the user's own, or the shared. */
function systemStatus(
  listed: Listed,
  { rows, waiting }: { readonly rows: readonly Row[]; readonly waiting: readonly Row[] },
  owner: string | null,
): ErpStatus['systems'][number] {
  const { link, list, schedule, states, active } = listed
  const all = [...new Set([...active, ...states.map(({ scope }) => String(scope))])].sort()
  const seen = owner === null ? all : all.filter((scope) => scope === scopeFor(link, owner))
  const at = (found: readonly Row[], scope: string) =>
    found.find((row) => row.link === link.name && row.scope === scope)
  return {
    link: link.name,
    system: systemOf(link),
    per: link.scopes.per,
    probe: list.probe,
    check_ms: schedule.check,
    full_ms: schedule.full,
    priority: link.priority,
    scopes: seen.map((scope) => {
      const state = at(states, scope)
      return {
        scope,
        lane: link.lane(scope),
        active: active.includes(scope),
        rows: Number(at(rows, scope)?.live ?? 0),
        last_status: (state?.last_status ??
          null) as ErpStatus['systems'][number]['scopes'][number]['last_status'],
        last_good_at: maybeIso(state?.last_good_at),
        last_full_at: maybeIso(state?.last_full_at),
        last_check_at: maybeIso(state?.last_check_at),
        next_due_at: maybeIso(state?.next_due_at),
        trouble: troubleOf(state?.trouble),
        checks: Number(state?.checks ?? 0),
        skips: Number(state?.skips ?? 0),
        waiting_rows: Number(at(waiting, scope)?.n ?? 0),
        resumes_at_page: state?.resumes == null ? null : Number(state.resumes),
        bound: boundOf(listed, state),
      }
    }),
  }
}

/** What the gate says of itself; null where it does not answer: the status is read straight from D1 and never waits. */
async function gateOf(env: SmartSyncEnv): Promise<SlotsView | null> {
  try {
    return await env.GATE.getByName(ERP_GATE).look('call')
  } catch (error) {
    console.error(JSON.stringify({ event: 'status.gate_away', error: String(error) }))
    return null
  }
}

function gateStatus(view: SlotsView, concurrency: number, actor: Actor): ErpStatus['gate'] {
  const owner = ownerOf(actor)
  const own = new Set(erpLinks.map((link) => link.lane(scopeFor(link, owner ?? ''))))
  // A ticket is the lane's name, and behind `#` what tells its calls apart.
  const who = (ticket: string) => {
    const lane = ticket.replace(/#.*$/s, '')
    return owner === null || own.has(lane) ? lane : 'another user'
  }
  return {
    concurrency,
    inside: view.inside.map(({ ticket, exclusive, until }) => ({
      who: who(ticket),
      exclusive,
      until: iso(until),
    })),
    waiting: view.waiting.map(({ ticket, exclusive, priority, since }) => ({
      who: who(ticket),
      exclusive,
      priority,
      since: iso(since),
    })),
    closed_until: view.closedUntil > Date.now() ? iso(view.closedUntil) : null,
  }
}

const troubleOf = (text: unknown) => {
  if (text == null) return null
  const { reason, mend } = JSON.parse(String(text)) as { reason: string; mend: string }
  return { reason, mend }
}

const iso = (at: unknown): string => new Date(Number(at)).toISOString()
const maybeIso = (at: unknown): string | null => (at == null ? null : iso(at))
