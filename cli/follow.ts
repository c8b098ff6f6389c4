import type { Run } from '../sync/protocol/runs.ts'

/** Milliseconds between two questions: nothing asks more often than every 5 s; what the live socket tells, seldom. */
export const POLL = { alone: 5_000, live: 30_000 } as const

export interface FollowDeps {
  readonly read: (id: string) => Promise<Run>
  /** Resolves after so many milliseconds; nobody waits any longer once `stop` is aborted */
  readonly wait: (ms: number, stop: AbortSignal) => Promise<void>
  /** Called with all runs known so far whenever one of them moved */
  readonly moved: (runs: readonly Run[]) => void
  /** Listens to a run's lane; `isOpen` says whether it hears anything. Without it, or while closed, polling does */
  readonly listen?: (
    lane: string,
    hear: (run: Run) => void,
  ) => { readonly isOpen: () => boolean; readonly close: () => void }
}

/**
 * Runs until each of them has ended.
 *
 *   read all ─→ all ended? ─→ yes: done
 *      ↑            └ no: wait 5 s (30 s while the socket is open), or until the socket told the last end
 *
 * A question that fails is asked again: the run goes on without us. After `TRIES` failures in a row the last one is thrown.
 */
export async function follow(ids: readonly string[], deps: FollowDeps): Promise<Run[]> {
  const known = new Map<string, Run>()
  const ended = Promise.withResolvers<void>()
  const sockets = new Map<string, ReturnType<NonNullable<FollowDeps['listen']>>>()
  const isOver = () => ids.every((id) => known.get(id)?.finished_at)

  const learn = (run: Run) => {
    // An answer that was on its way while the socket told the end is older.
    if (!ids.includes(run.id) || known.get(run.id)?.finished_at) return
    known.set(run.id, run)
    deps.moved([...known.values()])
    if (isOver()) ended.resolve()
    else if (deps.listen && !sockets.has(run.lane)) sockets.set(run.lane, deps.listen(run.lane, learn))
  }

  try {
    for (let failures = 0; ; ) {
      try {
        for (const id of ids) if (!known.get(id)?.finished_at) learn(await deps.read(id))
        failures = 0
      } catch (error) {
        if (known.size === 0 || ++failures === TRIES) throw error
      }
      if (isOver()) return ids.flatMap((id) => known.get(id) ?? [])
      const isLive =
        failures === 0 && [...sockets.values()].every((socket) => socket.isOpen()) && sockets.size > 0
      const stop = new AbortController()
      await Promise.race([deps.wait(isLive ? POLL.live : POLL.alone, stop.signal), ended.promise])
      stop.abort()
    }
  } finally {
    for (const socket of sockets.values()) socket.close()
  }
}

const TRIES = 6
