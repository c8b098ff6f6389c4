import type { Row } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import type { Engine, Page, Part, Remote } from '../../sync/engine/ports.ts'
import type { ChangeAnswer, MutationAnswer, Push, PushAnswer } from '../../sync/protocol/lane.ts'
import { type Durable, instance, rows, syncRequest, testIds } from '../engine/world.ts'

/** What may happen around a call, as a story tells it. */
export interface Around {
  /** Called before every call and after it */
  readonly boundary: (call: string, when: 'before' | 'after') => void
  /** What goes wrong with the call; null: nothing */
  readonly fault: () => Fault | null
  readonly onPage: (part: Part, page: Page) => void
  /** Whether the instance dies at this batch: before D1 has it, or before the answer is here. Absent: it never does */
  readonly dies?: () => 'before' | 'after' | null
}

export type Fault = 'busy' | 'down' | 'lost'

/** Lets a call through: before it and after it others act, it may fail (`failed`), and it may never be answered. */
export type Guard = <T>(call: string, effect: () => Promise<T>, failed: (fault: Fault) => T) => Promise<T>

/** The remote of one instance, every call of which goes through the guard. */
export type Make = (guard: Guard) => Remote

/** A lane whose instance can be replaced in mid-call, and programs that repeat what was not answered. */
export interface Stage {
  push(push: Push, heard: (answers: readonly MutationAnswer[]) => void): Promise<void>
  change(request: Parameters<LaneCore['change']>[0], heard: (answer: ChangeAnswer) => void): Promise<void>
  /** A request of somebody who repeats it himself; null: the instance died, and nobody answers */
  once<T>(ask: (lane: LaneCore) => Promise<T>): Promise<T | null>
  /** Asks for a run and doesn't wait for it */
  ask(full: boolean): void
  /** Runs the link, and all that was asked for meanwhile, to its end; the last run's row */
  sync(full: boolean): Promise<Row>
  /** The instance dies where it is, and a new one takes over */
  replace(): void
  /** Nobody waits for anything any more */
  settled(): Promise<void>
  /** A call of the remote is on its way */
  readonly inCall: boolean
}

interface Waiting {
  /** The instance that was asked last */
  asked: number
  readonly send: (lane: LaneCore) => Promise<void>
}

export function stage(
  world: Durable,
  make: Make,
  around: Around,
  { name, link } = { name: 'reference', link: 'reference.sheet' },
): Stage {
  const ids = testIds('k')
  let generation = 0
  let inCall = false
  let die: () => void = () => undefined
  let died = new Promise<void>((settle) => {
    die = settle
  })
  const waiting = new Set<Waiting>()
  const never = <T>() => new Promise<T>(() => undefined)

  function guardOf(own: number): Guard {
    return async (call, effect, failed) => {
      if (own !== generation) return never()
      inCall = true
      around.boundary(call, 'before')
      if (own !== generation) return never()
      const fault = around.fault()
      const answer = fault === 'busy' || fault === 'down' ? failed(fault) : await effect()
      around.boundary(call, 'after')
      if (own !== generation) return never()
      inCall = false
      return fault === 'lost' ? failed(fault) : answer
    }
  }

  function start(): LaneCore {
    const remote = make(guardOf(++generation))
    const told: Remote = {
      ...remote,
      async read(context, part, cursor) {
        const answer = await remote.read(context, part, cursor)
        if (answer.ok) around.onPage(part, answer.value)
        return answer
      },
    }
    return instance(world, name, () => told, mortal(generation), ids).lane
  }

  const mortal =
    (own: number) =>
    (engine: Engine): Engine => ({
      ...engine,
      database: {
        batch: async (statements) => {
          const dies = own === generation ? (around.dies?.() ?? null) : null
          if (dies === 'before') return end()
          const answer = await engine.database.batch(statements)
          return dies === 'after' ? end() : answer
        },
      },
    })
  const end = () => {
    replace()
    return never<never>()
  }

  let lane = start()

  async function attempt(one: Waiting): Promise<void> {
    one.asked = generation
    await once((to) => one.send(to))
  }
  async function once<T>(ask: (lane: LaneCore) => Promise<T>): Promise<T | null> {
    const asked = ask(lane).catch((error: unknown) => {
      if (!/held by another instance/.test(String(error))) throw error
      return null
    })
    return Promise.race([asked, died.then(() => null)])
  }
  function program<T>(send: (lane: LaneCore) => Promise<T>, heard: (answer: T) => void): Promise<void> {
    const own: Waiting = {
      asked: generation,
      send: async (to) => {
        const answer = await send(to)
        if (waiting.delete(own)) heard(answer)
      },
    }
    waiting.add(own)
    return attempt(own)
  }

  async function ring(): Promise<void> {
    for (let n = 0; world.alarm !== null || waiting.size > 0; n++) {
      if (n > 4_000) throw new Error('stuck: still busy after 4,000 alarms')
      world.alarm ??= world.clock.now()
      world.clock.set(world.alarm)
      world.alarm = null
      const before = generation
      const held = lane
      await Promise.race([
        held.alarm().catch((error: unknown) => {
          if (generation === before) throw error
        }),
        died,
      ])
      if (generation !== before) {
        inCall = false
        world.alarm ??= world.clock.now()
      }
      for (const one of [...waiting]) if (one.asked !== generation) await attempt(one)
    }
  }

  function replace(): void {
    lane = start()
    die()
    died = new Promise<void>((settle) => {
      die = settle
    })
  }

  const request = (full: boolean) => syncRequest({ link, scope: 'shared', full })
  return {
    once,
    get inCall() {
      return inCall
    },
    push: (push, heard) =>
      program(
        (to) => to.push(push),
        (answer: PushAnswer) => {
          if (answer.type === 'failed') throw new Error(answer.failure.detail)
          heard(answer.results)
        },
      ),
    change: (request, heard) => program((to) => to.change(request), heard),
    ask(full) {
      const asked = lane.request(request(full))
      asked.catch(() => undefined)
    },
    async sync(full) {
      world.clock.advance(300_000)
      await once((to) => to.request(request(full)))
      await ring()
      return rows(world, 'SELECT * FROM runs ORDER BY id DESC LIMIT 1')[0] as Row
    },
    replace,
    settled: ring,
  }
}
