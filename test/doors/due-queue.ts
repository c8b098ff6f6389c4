import type { RunRequest } from '../../sync/protocol/lane.ts'
import type { DueMessage, DueQueue } from '../../workers/delta-check/fan-out.ts'
import deltaCheck, { type DeltaCheckEnv } from '../../workers/delta-check/index.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'

/** A queue that keeps to Cloudflare's limits, and whose messages come when, how often and in what order a test wants. */
export interface TestQueue extends DueQueue {
  /** Messages that wait, and after how many seconds they may come */
  readonly waiting: { readonly body: DueMessage; readonly delay: number }[]
  /** Messages of each call that was taken */
  readonly calls: number[]
  broken: boolean
}

export interface CountingLanes extends LaneNamespace {
  /** Lane, method, link and scope of each call, in the order in which they began */
  readonly calls: { readonly lane: string; readonly of: string }[]
  /** How many runs were begun, by link and scope */
  readonly runs: Map<string, number>
  /** Instead of an answer, once; a function may also wait */
  readonly fail: Map<string, (() => Promise<void>)[]>
  /** All queued runs have ended: whoever asks again is told that nothing is due */
  settle(): void
}

const MESSAGE = 128_000
const CALL = 256_000
const OWN = 100

export function testQueue(): TestQueue {
  const take = (messages: { body: DueMessage; delaySeconds?: number }[]) => {
    if (queue.broken) throw new Error('the queue is down')
    const sizes = messages.map(({ body }) => Buffer.byteLength(JSON.stringify(body)) + OWN)
    if (sizes.some((size) => size > MESSAGE)) throw new Error('a message is too large')
    if (messages.length > 100 || sizes.reduce((a, b) => a + b, 0) > CALL) throw new Error('too much a call')
    queue.calls.push(messages.length)
    for (const { body, delaySeconds = 0 } of messages)
      queue.waiting.push({ body: JSON.parse(JSON.stringify(body)), delay: delaySeconds })
    return undefined as never
  }
  const queue: TestQueue = {
    waiting: [],
    calls: [],
    broken: false,
    send: async (body, options = {}) => take([{ body, ...options }]),
    sendBatch: async (messages) => take([...messages]),
  }
  return queue
}

/** Lanes that join what is queued and skip what has run, as real ones do, and count what comes of it. */
export function countingLanes(): CountingLanes {
  const state = new Map<string, 'queued' | 'ended'>()
  const lanes: CountingLanes = {
    calls: [],
    runs: new Map(),
    fail: new Map(),
    settle: () => {
      for (const key of state.keys()) state.set(key, 'ended')
    },
    getByName(lane) {
      const begin = async (of: string) => {
        lanes.calls.push({ lane, of })
        await lanes.fail.get(lane)?.shift()?.()
      }
      const stub: Pick<ReturnType<LaneNamespace['getByName']>, 'request' | 'poke'> = {
        poke: () => begin('poke'),
        async request(_lane: string, { link, scope }: RunRequest) {
          const key = `${link} ${scope}`
          await begin(key)
          const known = state.get(key)
          if (known === 'ended') return { type: 'skipped', reason: 'not due' }
          if (known === 'queued') return { type: 'joined', runId: key }
          state.set(key, 'queued')
          lanes.runs.set(key, (lanes.runs.get(key) ?? 0) + 1)
          return { type: 'queued', runId: key }
        },
      }
      return stub as ReturnType<LaneNamespace['getByName']>
    },
  }
  return lanes
}

/** Hands one message to the Worker's consumer. Answers whether it was settled; `retry` is never what it says. */
export async function handOver(env: DeltaCheckEnv, body: DueMessage): Promise<boolean> {
  let acked = false
  const message = {
    body,
    ack: () => {
      acked = true
    },
    retry: () => {
      throw new Error('a whole message is tried again')
    },
  }
  await deltaCheck.queue({ messages: [message] } as unknown as Parameters<typeof deltaCheck.queue>[0], env)
  return acked
}

/** Hands over all that waits, and what comes of it, side by side and in the order that `arrange` makes of each round. */
export async function handOverAll(
  env: DeltaCheckEnv,
  queue: TestQueue,
  arrange: <T>(messages: readonly T[]) => readonly T[] = (messages) => messages,
): Promise<void> {
  while (queue.waiting.length > 0)
    await Promise.all(arrange(queue.waiting.splice(0)).map(({ body }) => handOver(env, body)))
}
