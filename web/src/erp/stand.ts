import type { Run } from '../../../sync/protocol/runs.ts'
import { exact } from '../format.ts'
import type { LinkStatus, ScopeStatus } from './shapes.ts'

/** How a list stands: by name, in words, and in the tone that goes with them. */
export interface Stand {
  readonly name: 'trouble' | 'failed' | 'paused' | 'reading' | 'queued' | 'never' | 'good' | 'off' | 'none'
  readonly text: string
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet' | 'busy'
}

/** One scope's list. `runs`: the unfinished ones. */
export function standOf(link: string, scope: ScopeStatus, runs: readonly Run[]): Stand {
  const own = runs.filter((run) => run.link === link && run.scope === scope.scope)
  if (own.some((run) => run.status === 'running' && run.report.waits)) return STANDS.paused
  if (own.some((run) => run.status === 'running')) return STANDS.reading
  if (own.length > 0) return STANDS.queued
  if (!scope.active) return STANDS.off
  if (scope.trouble) return STANDS.trouble
  if (scope.last_status === null) return STANDS.never
  if (scope.last_status === 'failed') return STANDS.failed
  return scope.last_status === 'degraded' ? STANDS.trouble : STANDS.good
}

/** A system with all its scopes: what a person should know first. */
export function standOfAll({ link, scopes }: LinkStatus, runs: readonly Run[]): Stand {
  const stands = scopes.map((scope) => standOf(link, scope, runs))
  const [only] = stands
  if (!only) return STANDS.none
  if (stands.length === 1) return only
  for (const stand of URGENT) {
    const n = stands.filter((one) => one === stand).length
    if (n > 0)
      return { ...stand, text: n === stands.length ? stand.text : `${exact(n)} ${stand.text.toLowerCase()}` }
  }
  return stands.includes(STANDS.good) ? STANDS.good : only
}

/** Scopes in the order in which they deserve a look, then by name. */
export function byUrgency(link: string, scopes: readonly ScopeStatus[], runs: readonly Run[]): ScopeStatus[] {
  const rank = (scope: ScopeStatus) => {
    const found = URGENT.indexOf(standOf(link, scope, runs))
    return found === -1 ? URGENT.length + (scope.active ? 0 : 1) : found
  }
  return [...scopes].sort(
    (a, b) => rank(a) - rank(b) || a.scope.localeCompare(b.scope, 'en', { numeric: true }),
  )
}

const STANDS = {
  trouble: { name: 'trouble', text: 'Can’t be read', tone: 'warn' },
  failed: { name: 'failed', text: 'Failed', tone: 'bad' },
  paused: { name: 'paused', text: 'Paused', tone: 'busy' },
  reading: { name: 'reading', text: 'Reading', tone: 'busy' },
  queued: { name: 'queued', text: 'Queued', tone: 'quiet' },
  never: { name: 'never', text: 'Not read yet', tone: 'quiet' },
  good: { name: 'good', text: 'Up to date', tone: 'good' },
  off: { name: 'off', text: 'Off', tone: 'quiet' },
  none: { name: 'none', text: 'Nobody has it', tone: 'quiet' },
} as const satisfies Record<string, Stand>

const URGENT: readonly Stand[] = [
  STANDS.failed,
  STANDS.trouble,
  STANDS.paused,
  STANDS.reading,
  STANDS.queued,
  STANDS.never,
]
