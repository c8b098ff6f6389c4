import type { Part, RemoteContext } from '../../engine/ports.ts'
import { landingOf, rememberLanding } from './tab-memory.ts'

/** Google carries a call out within 180 s, or never: https://developers.google.com/workspace/sheets/api/limits */
const LANDS = 180_000
/** How long after its announcement a write may be sent: a tab is read in between. */
const ANNOUNCED = 60_000

export type Landing = ReturnType<typeof landingIn>

/**
 * Until when a write to a part's tab may still be carried out of which nothing was heard. A write that may not be carried out
 * twice is announced before it is sent, in what outlives this instance: one that takes over waits for it as this one would.
 *
 *   announced ─► sent ─ answered, or seen in the tab ─► nothing is open
 *                  └─ not heard of: open until LANDS after it was sent
 */
export function landingIn(context: RemoteContext, part: Part, now: () => number) {
  let open = landingOf(context, part)
  let announced = 0
  return {
    /** 0: nothing is under way */
    open: (): number => (open > now() ? open : 0),
    isAnnounced: (): boolean => announced >= now() + LANDS,
    /** False: another instance has taken over, and nothing may be sent. */
    announce(): Promise<boolean> {
      announced = now() + ANNOUNCED + LANDS
      rememberLanding(context, part, Math.max(open, announced))
      return context.keep()
    },
    /** A write was sent then, and nothing was heard of it. */
    lost(sentAt: number): void {
      open = sentAt + LANDS
    },
    seen(): void {
      open = 0
    },
    /** Nothing more is sent: what was announced is over. */
    end(): void {
      rememberLanding(context, part, open > now() ? open : 0)
    },
  }
}
