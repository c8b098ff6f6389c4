import type { LaneRpc } from '../../sync/protocol/lane.ts'
import { systems } from '../../sync/systems/index.ts'
import { Refusal } from './app.ts'

// Names of Durable Objects are made here, from what the systems declare.

/** The binding, as the doors use it: a fresh stub an attempt. */
export interface LaneNamespace {
  getByName(name: string): LaneRpc & { fetch(request: Request): Promise<Response> }
}

/** The link of smart sync that reads the sheets. */
export const SHEET_LINK = 'smart-sync.sheet'

/** The lane of a link in a scope. An undeclared link is a bug. */
export function laneOf(link: string, scope: string): string {
  const declared = systems.flatMap((system) => system.links).find(({ name }) => name === link)
  if (!declared) throw new Error(`no system declares ${link}`)
  return declared.lane(scope)
}

/** A workspace's lane: accounts, readings and pins of its projects are written there. */
export const workspaceLane = (workspace: string): string => laneOf(SHEET_LINK, workspace)

const TRIES = 3

/** Calls a lane; an object that was restarted meanwhile is asked again, an overloaded one is the caller's turn to wait. */
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
          detail: 'Too many requests wait for this workspace.',
          mend: 'Send it again in a few seconds; repeating it is safe.',
          retryAfter: 5,
        })
      const passing =
        flag(error, 'retryable') || /held by another instance|reset|connection lost/i.test(String(error))
      if (!passing || attempt >= TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt))
    }
  }
}

const flag = (error: unknown, name: string): boolean =>
  typeof error === 'object' && error !== null && Reflect.get(error, name) === true
