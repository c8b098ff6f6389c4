import { limitOf } from '../limits.ts'

/** What Google counts apart. Asking whether a workbook changed is a call of Drive, which has a quota of its own, far larger. */
export interface CallsByKind {
  readonly read: number
  readonly write: number
}

/** A schedule of checks, and how its runs went of late. */
export interface ScheduledLink {
  readonly name: string
  /** Time between two checks, in milliseconds */
  readonly check: number
  /** Share of the checks that found something; null: none was made yet, so each may */
  readonly found: number | null
  /** Calls of a run that found something: on the average, and at most */
  readonly usual: CallsByKind
  readonly most: CallsByKind
}

export interface LinkForecast {
  readonly name: string
  /** Calls a minute */
  readonly expected: CallsByKind
  readonly worst: CallsByKind
  /** Of the quota of the kind that it uses most of */
  readonly expectedShare: number
  readonly worstShare: number
  readonly exceeds: boolean
  /** Minutes between checks with which the quota does at worst; null: the present ones */
  readonly fits: number | null
}

export interface Forecast {
  readonly limits: CallsByKind
  readonly expected: CallsByKind
  readonly worst: CallsByKind
  readonly links: readonly LinkForecast[]
}

const MINUTE = 60_000
const KINDS = ['read', 'write'] as const

/**
 * What the checks of all links to Google will call, a minute, against the quota that they share. `expected`: as often as checks
 * found something of late. `worst`: each finds something, and makes as many calls as the largest run. Where that is more than the
 * quota, it is shared out evenly: a link that wants more than its part exceeds it, and is told an interval that fits. Runs that
 * people, programs and scripts ask for come on top; the gate makes those that are too many wait.
 */
export function forecast(links: readonly ScheduledLink[]): Forecast {
  const limits: CallsByKind = { read: perMinute('read'), write: perMinute('write') }
  const demands = links.map((link) => {
    const a = MINUTE / link.check
    return { link, expected: times(link.usual, a * (link.found ?? 1)), worst: times(link.most, a) }
  })
  const granted = {
    read: shareOut(
      demands.map(({ worst }) => worst.read),
      limits.read,
    ),
    write: shareOut(
      demands.map(({ worst }) => worst.write),
      limits.write,
    ),
  }
  return {
    limits,
    expected: sum(demands.map(({ expected }) => expected)),
    worst: sum(demands.map(({ worst }) => worst)),
    links: demands.map(({ link, expected, worst }, i): LinkForecast => {
      const over = KINDS.filter((kind) => worst[kind] > (granted[kind][i] ?? 0) + TINY)
      const minutes = over.map((kind) => Math.ceil(link.most[kind] / (granted[kind][i] ?? 0) - TINY))
      return {
        name: link.name,
        expected,
        worst,
        expectedShare: shareOf(expected, limits),
        worstShare: shareOf(worst, limits),
        exceeds: over.length > 0,
        fits: over.length > 0 ? Math.max(...minutes) : null,
      }
    }),
  }
}

/** Sums of fractions are not exact. */
const TINY = 1e-9

const perMinute = (kind: string): number => {
  const { calls, period } = limitOf('google', kind)
  return (calls * MINUTE) / period
}

/** Who wants little gets it; what is left is shared evenly by the others. */
function shareOut(wanted: readonly number[], limit: number): number[] {
  const granted = wanted.map(() => 0)
  let left = limit
  const order = wanted.map((want, i) => ({ want, i })).sort((a, b) => a.want - b.want)
  for (const [n, { want, i }] of order.entries()) {
    const part = Math.min(want, left / (order.length - n))
    granted[i] = part
    left -= part
  }
  return granted
}

const times = (calls: CallsByKind, by: number): CallsByKind => ({
  read: calls.read * by,
  write: calls.write * by,
})

const sum = (all: readonly CallsByKind[]): CallsByKind =>
  all.reduce((a, b) => ({ read: a.read + b.read, write: a.write + b.write }), { read: 0, write: 0 })

const shareOf = (calls: CallsByKind, limits: CallsByKind): number =>
  Math.max(...KINDS.map((kind) => calls[kind] / limits[kind]))
