/**
 * Serialises what a lane does: one at a time, pushes before steps. A Durable Object does not do this across an await
 * of D1 or fetch (DESIGN invariant 3).
 */
export interface Turns {
  take<T>(kind: 'push' | 'step', work: () => Promise<T>): Promise<T>
  /** When the turn in progress began; null when idle */
  readonly since: number | null
}

export function createTurns(now: () => number): Turns {
  const waiting = { push: [] as (() => void)[], step: [] as (() => void)[] }
  let since: number | null = null
  const next = () => {
    const start = waiting.push.shift() ?? waiting.step.shift()
    since = start ? now() : null
    start?.()
  }
  return {
    get since() {
      return since
    },
    async take(kind, work) {
      if (since === null) since = now()
      else await new Promise<void>((start) => waiting[kind].push(start))
      try {
        return await work()
      } finally {
        next()
      }
    },
  }
}
