import { type LaneSocket, listen } from '../../src/data/socket.ts'
import { LANE, type Store } from './database.ts'
import { exchange } from './exchange.ts'
import { isOnline, link } from './page-state.ts'

/** An answer waits this long, so that undo can take it back before it leaves, in milliseconds. */
const GRACE = 1_500
/** First wait after no answer, and the longest */
const BACKOFF = { first: 2_000, longest: 60_000 } as const
/** How often to look without a socket that tells */
const LOOK = 60_000

export interface Connection {
  /** There is something to send. */
  later(): void
  /** Now, whatever the back-off. */
  hurry(): void
}

/**
 * Keeps the copy and the server in step, and tells when a sync has ended.
 *
 *   idle → (answer, hint, online, seen, a minute) → syncing → idle
 *                                 (no answer) ↓        ↑
 *                                           waiting ───┘   2 s, 4 s … 60 s
 */
export function connect(store: Store, ended: () => Promise<void>): Connection {
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = Number.POSITIVE_INFINITY
  let attempt = 0
  let isSyncing = false
  let isAgain = false
  let socket: LaneSocket | null = null

  const hurry = () => {
    attempt = 0
    plan(0)
  }
  addEventListener('online', () => {
    isOnline.value = true
    hurry()
  })
  addEventListener('offline', () => {
    isOnline.value = false
  })
  // Hidden, a page may be ended at any moment: what waits leaves now.
  document.addEventListener('visibilitychange', hurry)
  setInterval(() => {
    if (document.visibilityState === 'visible') plan(0)
  }, LOOK)
  hurry()
  return { later: () => plan(GRACE), hurry }

  function plan(wait: number): void {
    if (isSyncing) {
      isAgain = true
      return
    }
    if (Date.now() + wait >= due) return
    clearTimeout(timer)
    due = Date.now() + wait
    timer = setTimeout(run, wait)
  }

  async function run(): Promise<void> {
    due = Number.POSITIVE_INFINITY
    isSyncing = true
    isAgain = false
    const outcome = await exchange(store).catch((error: unknown) => ({
      type: 'refused' as const,
      detail: `This browser refused to store what came: ${error instanceof Error ? error.message : error}`,
      mend: 'Free some space on this device.',
    }))
    isSyncing = false
    link.value = outcome
    await ended()
    hear(outcome.type === 'done')
    if (outcome.type === 'done') attempt = 0
    if (outcome.type === 'away') {
      const wait = Math.min(BACKOFF.longest, BACKOFF.first * 2 ** attempt++)
      plan((outcome.retryAfter ?? 0) * 1_000 || wait * (0.8 + Math.random() * 0.4))
    } else if (isAgain && outcome.type === 'done') plan(GRACE)
  }

  /** Hints are for who is signed in; a lost socket connects again by itself. */
  function hear(isIn: boolean): void {
    if (isIn)
      socket ??= listen(LANE, {
        event: () => plan(0),
        open: () => plan(0),
        lost: () => {},
      })
    else if (link.peek().type === 'out') {
      socket?.close()
      socket = null
    }
  }
}
