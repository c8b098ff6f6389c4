import { DurableObject } from 'cloudflare:workers'
import { ulid } from 'ulid'
import { d1Database } from '../../db/d1.ts'
import { createLane, type LaneCore } from '../../sync/engine/lane.ts'
import { type PlaceMemory, peek, placeOf, type RemotePlace } from '../../sync/engine/peek.ts'
import type { Engine, Log } from '../../sync/engine/ports.ts'
import { runOfParts } from '../../sync/engine/run-state.ts'
import type { ActionRequest, ChangeRequest, LaneRpc, Push, RunRequest } from '../../sync/protocol/lane.ts'
import type { LiveEvent } from '../../sync/protocol/runs.ts'
import { systems } from '../../sync/systems/index.ts'
import { offerEvents } from '../shared/events.ts'
import { offerImages } from '../shared/images.ts'
import { bothWayLinks, SHARED } from '../shared/names.ts'
import type { CoordinatorEnv } from './env.ts'
import { openRemotes } from './remotes.ts'

/** Longest that a caller may wait for its runs. */
const LONGEST_WAIT = 30_000

/**
 * The one writer of a lane; its name is the lane's. Wiring only: the lane itself is sync/engine/lane.ts. Storage holds
 * the lane's name, the epoch last held, and a mark written before each batch, which throws in an instance that was
 * replaced.
 */
export class Lane extends DurableObject<CoordinatorEnv> implements LaneRpc {
  #core: LaneCore | null = null

  async request(lane: string, request: RunRequest) {
    return this.#open(lane).request(request)
  }

  async act(lane: string, action: ActionRequest) {
    return this.#open(lane).act(action)
  }

  async peek(lane: string, link: string, scope: string, part: string) {
    const declared = systems.flatMap(({ links }) => links).find(({ name }) => name === link)
    if (!declared) throw new Error(`no system declares ${link}`)
    const remotes = openRemotes(this.env, this.ctx.storage, lane)
    return peek({ database: d1Database(this.env.DB), log, remotes }, this.#places, declared, scope, part)
  }

  async push(lane: string, push: Push) {
    return this.#open(lane).push(push)
  }

  async change(lane: string, request: ChangeRequest) {
    return this.#open(lane).change(request)
  }

  async nudge(lane: string, id: string) {
    this.#broadcast({ type: 'sync', lane, id })
    return this.listening()
  }

  async listening() {
    return [...new Set(this.ctx.getWebSockets().flatMap((socket) => this.ctx.getTags(socket)))]
  }

  async settled(lane: string, runIds: readonly string[], ms: number) {
    return { all: await within(ms, this.#open(lane).settled(runIds)) }
  }

  async reported(lane: string, id: string) {
    this.#open(lane).reported(id)
  }

  async heard(lane: string, id: string, ms: number) {
    const core = this.#open(lane)
    // Nobody waits on in vain for what is told to nobody any more.
    if (!(await within(ms, core.heard(id)))) core.reported(id)
  }

  async poke(lane: string) {
    await this.#open(lane).poke()
  }

  async closeSockets(_lane: string, tokenId: string) {
    for (const socket of this.ctx.getWebSockets(tokenId)) socket.close(4001, 'The token was revoked.')
  }

  /** A live socket, forwarded by the gateway, which has checked who asks. */
  override async fetch(request: Request) {
    if (request.headers.get('upgrade') !== 'websocket')
      return new Response('Upgrade required', { status: 426 })
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server, [request.headers.get('x-tidemark-token') ?? ''])
    const parts = request.headers.get('x-tidemark-parts')
    if (parts !== null) server.serializeAttachment(JSON.parse(parts))
    return new Response(null, { status: 101, webSocket: client })
  }

  override webSocketMessage() {
    // The socket only tells; whatever a client says is ignored.
  }

  override webSocketClose(socket: WebSocket) {
    socket.close()
  }

  override async alarm() {
    const lane = await this.ctx.storage.get<string>('lane')
    if (lane === undefined) return
    try {
      await this.#open(lane).alarm()
      await this.#rememberPlaces(lane)
    } catch (error) {
      // An alarm that throws is retried six times and then dropped: arm the next one instead.
      console.error(JSON.stringify({ event: 'lane.alarm_failed', lane, error: String(error) }))
      await this.ctx.storage.setAlarm(Date.now() + 5_000)
    }
  }

  /** Remembers where links both ways are, for a peek while D1 is away. D1 is asked; what is the same is not stored again. */
  async #rememberPlaces(lane: string): Promise<void> {
    const engine = { database: d1Database(this.env.DB), log }
    for (const link of bothWayLinks)
      if (link.lane(SHARED) === lane) await placeOf(engine, this.#places, link, SHARED)
  }

  readonly #places: PlaceMemory = {
    get: async (link, scope) => (await this.ctx.storage.get<RemotePlace>(`place:${link}:${scope}`)) ?? null,
    put: async (link, scope, place) => {
      const key = `place:${link}:${scope}`
      const known = await this.ctx.storage.get<RemotePlace>(key)
      if (JSON.stringify(known) !== JSON.stringify(place)) await this.ctx.storage.put(key, place)
    },
  }

  #open(lane: string): LaneCore {
    this.#core ??= this.#wire(lane)
    return this.#core
  }

  #wire(lane: string): LaneCore {
    const { ctx, env } = this
    const engine: Engine = {
      database: d1Database(env.DB),
      clock: { now: () => Date.now() },
      ids: { next: () => ulid() },
      random: Math.random,
      log,
      remotes: openRemotes(env, ctx.storage, lane),
      beforeBatch: () => ctx.storage.put('batch', Date.now()),
    }
    return createLane(lane, {
      engine,
      systems,
      loadEpoch: async () => (await ctx.storage.get<number>('epoch')) ?? 0,
      saveEpoch: (epoch) => ctx.storage.put({ epoch, lane }),
      setAlarm: (at) => ctx.storage.setAlarm(at),
      broadcast: (event) => this.#broadcast(event),
      abandon: (reason) => ctx.abort(reason),
      offerEvents: async () => {
        await offerEvents(engine.database, env.EVENTS, Date.now())
        await offerImages(engine.database, env.IMAGE_QUEUE, Date.now())
      },
    })
  }

  #broadcast(event: LiveEvent): void {
    const sockets = this.ctx.getWebSockets()
    if (sockets.length === 0) return
    const all = JSON.stringify(event)
    for (const socket of sockets) {
      const parts = socket.deserializeAttachment() as string[] | null
      const heard = parts && event.type === 'run' ? ofParts(event, parts) : event
      if (heard === null) continue
      try {
        socket.send(heard === event ? all : JSON.stringify(heard))
      } catch {
        // A socket that is closing; its page connects again and reads what it missed.
      }
    }
  }
}

const log: Log = (event, data) => console.log(JSON.stringify({ event, ...data }))

/** A run's event for someone who may see only some of its parts; null where it names none of them. */
function ofParts({ run }: Extract<LiveEvent, { type: 'run' }>, parts: readonly string[]): LiveEvent | null {
  const named = [...(run.parts ?? []), ...run.report.parts.map(({ id }) => id)]
  if (named.length > 0 && !named.some((id) => parts.includes(id))) return null
  // Who listens is known by parts alone; the page asks for the run's own line when it matters.
  return { type: 'run', run: runOfParts(run, (part) => parts.includes(part), '') }
}

/** Whether it ended within so many milliseconds. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((answer) => {
    timer = setTimeout(() => answer('late'), Math.min(ms, LONGEST_WAIT))
  })
  const first = await Promise.race([work, late])
  clearTimeout(timer)
  return first !== 'late'
}
