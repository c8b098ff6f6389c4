import type { LaneRpc } from '../../sync/protocol/lane.ts'
import { Refusal } from './app.ts'

/** The binding of the lanes' Durable Objects, as the doors use it. */
export interface LaneNamespace {
  getByName(name: string): LaneRpc & { fetch(request: Request): Promise<Response> }
}

/** Longest that a caller waits for an answer, in milliseconds; the work goes on. Clients and proxies give up at 30 s. */
export const WAIT = 25_000

const TRIES = 3
/** Back-off in milliseconds; the whole must stay far below what a caller waits. */
const FIRST_WAIT = 200

/**
 * Calls a lane, with a fresh stub an attempt: a stub that failed once may stay broken. An object that was restarted
 * meanwhile is asked again; an overloaded one is not, because more calls are what it suffers from.
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export async function askLane<T>(
  lanes: LaneNamespace,
  lane: string,
  ask: (stub: LaneRpc) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(lanes.getByName(lane))
    } catch (error) {
      if (flag(error, 'overloaded'))
        throw new Refusal({
          type: 'overloaded',
          detail: 'Too many requests wait here.',
          mend: 'Send it again in a few seconds; repeating it is safe.',
          retryAfter: 5,
        })
      const passing =
        flag(error, 'retryable') || /held by another instance|reset|connection lost/i.test(String(error))
      if (!passing || attempt >= TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT * 2 ** (attempt - 1)))
    }
  }
}

/** Asked again after this where the object was restarted while we waited for it, in milliseconds. */
const ASK_AGAIN = 250

/**
 * Waits for the end of a run or an action. An object that is restarted meanwhile is asked again: its new instance goes on
 * with it. `deadline` is a time.
 */
export async function settled(
  lanes: LaneNamespace,
  lane: string,
  id: string,
  deadline: number,
): Promise<void> {
  for (let left = deadline - Date.now(); left > 0; left = deadline - Date.now()) {
    try {
      const { all } = await lanes.getByName(lane).settled(lane, [id], left)
      if (all) return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, ASK_AGAIN)))
    }
  }
}

const flag = (error: unknown, name: string): boolean =>
  typeof error === 'object' && error !== null && Reflect.get(error, name) === true
