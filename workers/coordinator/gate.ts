import { DurableObject } from 'cloudflare:workers'
import { type Bucket, emptyBucket, type Permit, penalise, permit } from '../../sync/engine/gate.ts'
import { limitOf } from '../../sync/remotes/limits.ts'
import type { CoordinatorEnv } from './env.ts'

/**
 * Paces all calls to one remote; its name is the gate's (`google:<account>`). The decisions are pure
 * (sync/engine/gate.ts). The bucket lives in memory: an evicted gate forgets at most a minute of calls, which the
 * remote's own 429 then tells it, so it is not worth a billed write a call.
 */
export class Gate extends DurableObject<CoordinatorEnv> {
  readonly #buckets = new Map<string, Bucket>()

  /** One call of a kind, please: granted, or when to ask again. `ticket` keeps the caller's place. */
  permit(gate: string, kind: string, ticket: string, priority: number): Permit {
    const decided = permit(this.#bucket(kind), limitOf(gate, kind), { ticket, priority }, Date.now())
    this.#buckets.set(kind, decided.bucket)
    return decided.permit
  }

  /** The remote said "too many": nobody passes before `until`. */
  penalise(kind: string, until: number): void {
    this.#buckets.set(kind, penalise(this.#bucket(kind), until))
  }

  #bucket(kind: string): Bucket {
    return this.#buckets.get(kind) ?? emptyBucket
  }
}
