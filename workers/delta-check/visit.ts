import { askLane, type LaneNamespace } from '../shared/lanes.ts'

/** What one lane is asked in a tick. A lane stands in one visit only. */
export interface Visit {
  readonly lane: string
  /** It has unfinished runs that nobody moves */
  readonly wake: boolean
  /** In the order of their declaration: what one reads, the next one merges */
  readonly due: readonly { readonly link: string; readonly scope: string }[]
}

export interface VisitDeps {
  readonly lanes: LaneNamespace
  /** Longest wait for one lane, in milliseconds */
  readonly laneWait?: number
}

/**
 * Lanes that one invocation visits, of the cron or of the queue's consumer. If all of them hang, that is 17 rounds of
 * 20 s: under 6 of the 15 minutes that either may take. With three calls a lane, each tried three times, it is 900 of
 * the 10,000 subrequests, and well under a second of the 30 s of CPU.
 * https://developers.cloudflare.com/workers/platform/limits/
 */
export const LANES = 100
/** Calls of lanes under way at once: a Worker may wait for six. */
const AT_ONCE = 6
/** A lane that hangs must not keep its place from the others. */
const LANE_WAIT = 20_000

/** Visits lanes a few at a time. One that fails stops nobody. Answers what is left to ask of those that failed. */
export async function visitAll(deps: VisitDeps, visits: readonly Visit[]): Promise<Visit[]> {
  const queue = [...visits]
  const failed: Visit[] = []
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const left = await visit(deps, next)
      if (left !== null) failed.push(left)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failed
}

/** Answers what the lane has not answered; null: nothing is left. */
async function visit({ lanes, laneWait = LANE_WAIT }: VisitDeps, { lane, wake, due }: Visit) {
  const left = { wake, due: [...due] }
  let late = false
  const ask = async () => {
    if (left.wake) await askLane(lanes, lane, (stub) => stub.poke(lane))
    left.wake = false
    for (const { link, scope } of due) {
      // Given up: whoever asks again asks for the rest.
      if (late) return
      await askLane(lanes, lane, (stub) =>
        stub.request(lane, { link, scope, parts: null, trigger: 'cron', full: false, actor: 'cron' }),
      )
      left.due.shift()
    }
  }
  try {
    await within(laneWait, ask())
    return null
  } catch (error) {
    late = true
    console.error(JSON.stringify({ event: 'cron.lane_failed', lane, error: String(error) }))
    return { lane, wake: left.wake, due: [...left.due] }
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
