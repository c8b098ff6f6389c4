import type { DevicePushAnswer, PullAnswer } from '../../../sync/protocol/device.ts'
import {
  afterFork,
  afterGap,
  type Change,
  type Copy,
  type DeviceRequest,
  type Entry,
  fits,
  freeze,
  isDone,
  requestOf,
  take,
  thaw,
} from './outbox.ts'

/** Answers a request: `away` where nothing or nothing useful came, to be repeated as it is. */
export type Reply =
  | { readonly type: 'answer'; readonly answer: DevicePushAnswer | PullAnswer }
  | { readonly type: 'gap'; readonly expected: number }
  | { readonly type: 'forked' }
  | { readonly type: 'out' }
  /** Somebody else has signed in than who gave the answers */
  | { readonly type: 'held' }
  | { readonly type: 'away'; readonly detail: string; readonly retryAfter?: number }
  | {
      readonly type: 'refused'
      readonly title?: string
      readonly detail: string
      readonly mend: string
    }

/** How a sync ended. Whatever it is, everything not yet acknowledged is kept. */
export type Outcome = { readonly type: 'done' } | Exclude<Reply, { type: 'answer' | 'gap' | 'forked' }>

export interface Box {
  readonly copy: Copy
  /** `outbox`: what is not settled; `all`: also what was settled in the last 30 days */
  readonly entries: readonly Entry[]
}

export interface Deps {
  /** Reads, decides and stores in one transaction; answers the box as it is then. */
  readonly change: (read: 'outbox' | 'all', decide: (box: Box) => Change) => Promise<Box>
  readonly send: (request: DeviceRequest) => Promise<Reply>
  /** `false` only where the browser knows that it has no network */
  readonly isOnline: () => boolean
  readonly now: () => number
  /** A new incarnation */
  readonly draw: () => string
}

/** Mutations in one push: answers of one train ride, in a request of some 50 KB. */
const BATCH = 100
/** A guard against a server that never comes to an end. */
const ROUNDS = 2_000

/**
 * Sends what waits and reads what is new, until neither is left.
 *
 * Killed before a request: the batch is frozen, and goes again. Killed after it: the same bytes go again, and the server
 * answers as it did. Killed while storing an answer: it is one transaction, so it goes again too.
 *
 * Without a network nothing new is frozen before the server has answered something else: what can't leave can be taken back.
 */
export async function sync(deps: Deps): Promise<Outcome> {
  let isReached = false
  for (let round = 0; round < ROUNDS; round++) {
    const isSure: boolean = isReached || deps.isOnline()
    const { copy: asked } = await deps.change('outbox', ({ copy, entries }) =>
      freeze(copy, entries, isSure ? BATCH : 0),
    )
    const reply = await deps.send(requestOf(asked))
    if (reply.type === 'out' || reply.type === 'away' || reply.type === 'held') return reply
    isReached = !isSure
    const box = await deps.change(isForgetful(reply, asked) ? 'all' : 'outbox', (now) =>
      fits(now.copy, asked) ? decided(reply, now, deps) : { copy: now.copy, entries: [], effects: [] },
    )
    if (reply.type === 'refused') return reply
    if (reply.type === 'answer' && isDone(box.copy, box.entries, asked, reply.answer)) return { type: 'done' }
  }
  return { type: 'away', detail: 'The server has more to say than fits into one sync.' }
}

/** The server knows less than it acknowledged. */
const isForgetful = (reply: Reply, { batch, next }: Copy): boolean =>
  reply.type === 'gap' ||
  (reply.type === 'answer' && 'last' in reply.answer && !batch && reply.answer.last < next - 1)

function decided(reply: Reply, { copy, entries }: Box, { now, draw }: Deps): Change {
  switch (reply.type) {
    case 'answer':
      return take(copy, entries, reply.answer, now(), draw())
    case 'gap':
      return afterGap(copy, entries, reply.expected, now(), draw())
    case 'forked':
      return afterFork(copy, entries, draw())
    default:
      return thaw(copy, entries)
  }
}
