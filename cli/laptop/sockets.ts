import type { WatchDeps } from './watching.ts'

/** Before a lost socket is opened again: doubled each time, up to the longest; in milliseconds. */
const PAUSE = { first: 1_000, longest: 30_000 } as const

/** What is heard of a lane: news, or that somebody asks for a sync. */
export interface Heard {
  readonly news: () => void
  readonly nudged: (lane: string, id: string) => void
}

/** A socket for each lane; one that was lost is opened again, after a while that grows. */
export function socketsTo({ listen }: Pick<WatchDeps, 'listen'>, { news, nudged }: Heard) {
  const sockets = new Map<string, { live: ReturnType<typeof listen>; tried: number; openAt: number }>()
  return {
    /** `at`: now */
    keep(lanes: Iterable<string>, at: number): void {
      for (const lane of new Set(lanes)) {
        const known = sockets.get(lane)
        if (known && (!known.live.isOver() || at < known.openAt)) continue
        const tried = (known?.tried ?? 0) + 1
        const pause = Math.min(PAUSE.longest, PAUSE.first * 2 ** tried)
        const socket = { tried, openAt: at + pause, live: listen(lane, heard) }
        sockets.set(lane, socket)
        function heard(nudge?: string): void {
          socket.tried = 0
          if (nudge === undefined) news()
          else nudged(lane, nudge)
        }
      }
    },
    hangUp(): void {
      for (const { live } of sockets.values()) live.close()
      sockets.clear()
    },
  }
}
