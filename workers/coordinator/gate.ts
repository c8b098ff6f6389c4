import { DurableObject } from 'cloudflare:workers'
import { type Bucket, emptyBucket, type Permit, penalise, permit } from '../../sync/engine/gate.ts'
import type { Entry, SlotsView } from '../../sync/engine/slots.ts'
import { createSlotsGate, type Entrance, type SlotsGate } from '../../sync/engine/slots-waiting.ts'
import { limitOf } from '../../sync/remotes/limits.ts'
import type { CoordinatorEnv } from './env.ts'

/**
 * Paces all calls to one remote; its name is the gate's (`google:<account>`). The decisions are pure
 * (sync/engine/gate.ts: so many calls a minute; sync/engine/slots.ts: so many at once). All of it lives in memory: an
 * evicted gate forgets at most a minute of calls, which the remote's own 429 then tells it, so it is not worth a billed
 * write a call. Who is inside is forgotten only with a deploy or a crash of this Worker, whose lanes, the holders, end
 * then too.
 */
export class Gate extends DurableObject<CoordinatorEnv> {
  readonly #buckets = new Map<string, Bucket>()
  readonly #slots = new Map<string, SlotsGate>()

  /** One call of a kind, please: granted, or when to ask again. `ticket` keeps the caller's place. */
  permit(gate: string, kind: string, ticket: string, priority: number): Permit {
    const decided = permit(this.#bucket(kind), limitOf(gate, kind), { ticket, priority }, Date.now())
    this.#buckets.set(kind, decided.bucket)
    return decided.permit
  }

  /** The remote said "too many": nobody passes, or is let in, before `until`. */
  penalise(kind: string, until: number): void {
    this.#buckets.set(kind, penalise(this.#bucket(kind), until))
    this.#slotsOf(kind).close(until)
  }

  /** A place, please. Waits for it here, for a while; who is sent away asks again under the same ticket. */
  async enter(kind: string, entry: Entry, patience: number): Promise<Entrance> {
    return this.#slotsOf(kind).enter(entry, patience)
  }

  /** Done with the place, or no longer interested in one. */
  async leave(kind: string, ticket: string): Promise<void> {
    this.#slotsOf(kind).leave(ticket)
  }

  /** A login's session at the remote, as its callers found it. It outlives this object: idle ones leave memory soon. */
  async session(login: string): Promise<string | null> {
    return (await this.ctx.storage.get<string>(`session:${login}`)) ?? null
  }

  async keepSession(login: string, session: string | null): Promise<void> {
    if (session === null) await this.ctx.storage.delete(`session:${login}`)
    else await this.ctx.storage.put(`session:${login}`, session)
  }

  /** Who is inside, who waits. */
  async look(kind: string): Promise<SlotsView> {
    return this.#slotsOf(kind).look()
  }

  #bucket(kind: string): Bucket {
    return this.#buckets.get(kind) ?? emptyBucket
  }

  #slotsOf(kind: string): SlotsGate {
    const slots = this.#slots.get(kind) ?? createSlotsGate(runtime)
    this.#slots.set(kind, slots)
    return slots
  }
}

const runtime = {
  clock: { now: () => Date.now() },
  later: (ms: number, work: () => void) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}
