import { insertToken, signInCode } from '../../cli/deploy/sign-in.ts'
import gateway from '../../workers/gateway/index.ts'
import pushPull from '../../workers/push-pull/index.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'
import smartSync from '../../workers/smart-sync/index.ts'
import { drain, durable, fakeRemote, instance, seed, testClock } from '../engine/world.ts'
import { serve, stop } from './serve.ts'

/** The real handlers of the three Workers, on SQLite, with one lane in this process and a sheet in memory. */
export async function startReal() {
  const world = durable(testClock(Date.now()))
  seed(world)
  const sheet = fakeRemote()
  sheet.tabs.set('p1', [{ profile_url: 'https://youtube.com/@harbour', followers: 1_200 }])
  const { lane } = instance(world, 'workspace:w1', () => sheet)
  const stub: ReturnType<LaneNamespace['getByName']> = {
    request: (_lane, request) => lane.request(request),
    push: (_lane, push) => lane.push(push),
    act: async () => {
      throw new Error('there is no ERP')
    },
    peek: async () => ({ type: 'unavailable', reason: 'There is no sheet.', mend: 'Nothing to do.' }),
    change: (_lane, request) => lane.change(request),
    nudge: async () => [],
    reported: async (_lane, id) => lane.reported(id),
    heard: (_lane, id) => lane.heard(id),
    listening: async () => [],
    async settled(_lane, ids) {
      await drain(world, lane)
      await lane.settled(ids)
      return { all: true }
    },
    poke: () => lane.poke(),
    closeSockets: async () => undefined,
    fetch: async () => new Response(null, { status: 426 }),
  }
  // What is used of the bindings; D1 gives way to `database`.
  const inner = { DB: {} as D1Database, LANE: { getByName: () => stub }, database: world.database }
  const worker = (fetch: (request: Request) => Response | Promise<Response>) => ({ fetch }) as Fetcher
  const events = { send: async () => undefined } as unknown as Queue<object>
  const look = async () => ({ inside: [], waiting: [], closedUntil: 0, exclusive: null })
  const env = {
    ...inner,
    SMART_SYNC: worker((r) =>
      smartSync.fetch(r, {
        ...inner,
        EVENTS: events,
        GATE: { getByName: () => ({ look }) },
        WEBHOOK_KEY: 'a key',
        ERP_KEY: 'another key',
      }),
    ),
    PUSH_PULL: worker((r) =>
      pushPull.fetch(r, { ...inner, IMAGES: { get: async () => null }, IMAGE_QUEUE: events }),
    ),
    ASSETS: worker(() => new Response(null, { status: 404 })),
    RATE_LIMIT: { limit: async () => ({ success: true }) },
  }
  const { server, url } = await serve((request) => gateway.fetch(request, env))
  const { code, row } = signInCode(Date.now())
  world.file.exec(insertToken(row))
  return { link: `${url}/#code=${code}`, sheet, close: () => stop(server) }
}
