import { LANES, type Visit, type VisitDeps, visitAll } from './visit.ts'

/** A message of the due queue. */
export interface DueMessage {
  /** The time of its tick, in milliseconds */
  readonly at: number
  /** How often these lanes have failed in this tick */
  readonly failures: number
  readonly visits: readonly Visit[]
}

export type DueQueue = Pick<Queue<DueMessage>, 'send' | 'sendBatch'>

export interface FanOut extends VisitDeps {
  readonly due: DueQueue
  readonly now: () => number
}

/**
 * Time between two ticks: the crons of wrangler.toml. It is the shortest interval that is usual, that of links both ways; what
 * is due less often is looked for each time and not asked.
 */
export const INTERVAL = 5 * 60_000
/** A lane that failed so often in one tick is left to the next one. */
const FAILURES = 3
/** Back-off in seconds, times the failures: a lane that restarts is back by then, an overloaded one may be. */
const AGAIN = 60
/** Bytes of JSON. A message may have 128,000 and a call 256,000, their own bookkeeping of about 100 a message included. */
const MESSAGE_BYTES = 120_000
const CALL_BYTES = 240_000
/** Messages that one call takes. https://developers.cloudflare.com/queues/platform/limits/ */
const CALL_MESSAGES = 100

/**
 * Hands lanes to the queue, many a message and each in one message only. Answers those that the queue did not take:
 * the next tick asks them, before all others, because they have then waited longest. It does not try again itself,
 * since a call that failed may have been taken.
 */
export async function send(
  queue: DueQueue,
  at: number,
  visits: readonly Visit[],
): Promise<{ readonly sent: number; readonly refused: number }> {
  const messages = groups(visits, LANES, MESSAGE_BYTES).map((group) => ({
    body: { at, failures: 0, visits: group } satisfies DueMessage,
  }))
  let sent = 0
  for (const call of groups(messages, CALL_MESSAGES, CALL_BYTES))
    try {
      await queue.sendBatch(call)
      for (const { body } of call) sent += body.visits.length
    } catch (error) {
      console.error(JSON.stringify({ event: 'cron.not_sent', messages: call.length, error: String(error) }))
    }
  return { sent, refused: visits.length - sent }
}

/**
 * The queue's consumer: visits the lanes of each message. There is no dead-letter queue: what is lost here, the next tick
 * asks again. A message that comes twice does no harm, because a lane joins equal requests and skips what is not due.
 */
export async function consume(
  batch: Pick<MessageBatch<DueMessage>, 'messages'>,
  deps: FanOut,
): Promise<void> {
  for (const message of batch.messages) {
    const { at, failures, visits } = message.body
    // The next tick has asked for the same again. So a backlog never outgrows one tick.
    if (deps.now() - at >= INTERVAL) {
      console.log(JSON.stringify({ event: 'cron.outdated', lanes: visits.length, at }))
    } else await visitAndRepeat(deps, { at, failures, visits })
    message.ack()
  }
}

/** Visits lanes, and hands those that failed to the queue again, without the ones that answered. Answers how many failed. */
export async function visitAndRepeat(deps: FanOut, { at, failures, visits }: DueMessage): Promise<number> {
  const left = await visitAll(deps, visits)
  if (left.length === 0 || failures + 1 >= FAILURES) return left.length
  const again: DueMessage = { at, failures: failures + 1, visits: left }
  try {
    await deps.due.send(again, { delaySeconds: AGAIN * again.failures })
  } catch (error) {
    // Not the whole message again: most of its lanes have answered, and the next tick asks the others.
    console.error(JSON.stringify({ event: 'cron.not_sent', messages: 1, error: String(error) }))
  }
  return left.length
}

/** In their order, at most so many and so many bytes together. One that is larger alone stands alone. */
function groups<T>(items: readonly T[], most: number, bytes: number): T[][] {
  const all: T[][] = []
  let size = 0
  for (const item of items) {
    const own = new TextEncoder().encode(JSON.stringify(item)).length + OVERHEAD
    const last = all.at(-1)
    if (last && last.length < most && size + own <= bytes) {
      last.push(item)
      size += own
    } else {
      all.push([item])
      size = own
    }
  }
  return all
}

/** What surrounds an item: a comma in a message, about 100 bytes of the queue's own in a call. */
const OVERHEAD = 100
