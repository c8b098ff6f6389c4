import type { Run } from '../../../sync/protocol/runs.ts'
import { count, duration, exact } from '../format.ts'
import type { LinkStatus, ScopeStatus } from './shapes.ts'

const NAMES: Readonly<Record<string, string>> = {
  customers: 'Customers',
  products: 'Products',
  prices: 'Prices',
  orders: 'Orders',
}

/** `Customers`; a system that this page doesn't know has its own name. */
export const systemName = (system: string) => NAMES[system] ?? system

/** `Customers of ada`, `Products`. */
export function runName({ link, scope }: Pick<Run, 'link' | 'scope'>): string {
  const name = systemName(link.replace(/\.erp$/, ''))
  return scope === 'shared' ? name : `${name} of ${scope}`
}

/** `Customers of ada`, `Products and prices`. */
export function laneName(lane: string): string {
  if (lane === 'products') return 'Products and prices'
  const [system = '', ...user] = lane.split(':')
  return user.length > 0 ? `${systemName(system)} of ${user.join(':')}` : lane
}

/** Checks that found nothing to read, of all. */
export function skipRate(scopes: readonly Pick<ScopeStatus, 'checks' | 'skips'>[]): string {
  const checks = scopes.reduce((sum, scope) => sum + scope.checks, 0)
  const skips = scopes.reduce((sum, scope) => sum + scope.skips, 0)
  if (checks === 0) return 'No checks yet'
  const share = (skips / checks) * 100
  // Only all are 100 %, and only none are 0 %.
  const shown = skips === checks ? 100 : skips === 0 ? 0 : Math.min(99, Math.max(1, Math.round(share)))
  return `${shown} % of ${exact(checks)}`
}

/** How a change in the ERP is noticed, and when at the latest. */
export function probeWords({ probe, check_ms, scopes }: LinkStatus): string {
  if (probe === 'stamp')
    return `One call asks for the list’s stamp: any change is found at the next check (every ${span(check_ms)}).`
  if (probe === 'recentFirst')
    return `The newest stand first: a check reads until nothing is new (every ${span(check_ms)}).`
  const bounds = scopes.flatMap(({ bound }) => bound ?? [])
  const longest = bounds.reduce<(typeof bounds)[number] | null>((a, b) => (a && a.ms >= b.ms ? a : b), null)
  if (!longest) return `Pages are looked at in rotation (every ${span(check_ms)}).`
  const within = `within ${count(longest.checks, 'check')} (about ${span(longest.ms)})`
  return `Pages are looked at in rotation: any change is found ${within}.`
}

/** `30 min`, `2 h`, `3 days`: whole units, the rest left out. */
export function span(ms: number): string {
  if (ms < 60_000) return duration(ms)
  const [unit, name] =
    ms < 3_600_000 ? [60_000, 'min'] : ms < 48 * 3_600_000 ? [3_600_000, 'h'] : [86_400_000, 'days']
  const n = ms / unit
  return `${n < 10 && unit > 60_000 ? exact(Math.round(n * 10) / 10) : exact(Math.round(n))} ${name}`
}

/** `ada`, `ada and bob`, `ada, bob and 38 others`. */
export function listed(names: readonly string[], most = 3): string {
  if (names.length <= 1) return names[0] ?? 'nobody'
  const shown = names.length > most ? names.slice(0, most - 1) : names.slice(0, -1)
  const rest = names.length - shown.length
  return `${shown.join(', ')} and ${rest === 1 ? names.at(-1) : `${exact(rest)} others`}`
}
