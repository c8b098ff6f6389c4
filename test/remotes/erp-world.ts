import type {
  Answer,
  Clock,
  Page,
  Part,
  Places,
  RemoteColumn,
  RemoteContext,
} from '../../sync/engine/ports.ts'
import { erpImages, erp as erpRemote } from '../../sync/remotes/erp/erp.ts'
import { customersSystem } from '../../sync/systems/customers.ts'
import { ordersSystem } from '../../sync/systems/orders.ts'
import { pricesSystem } from '../../sync/systems/prices.ts'
import { productsSystem } from '../../sync/systems/products.ts'
import { createErp } from '../emulators/erp/index.ts'

export type Dialect = 'json' | 'html'
export const dialects: readonly Dialect[] = ['json', 'html']

export type ListName = 'customers' | 'products' | 'prices' | 'orders'

const [customers, products, prices, orders] = [
  customersSystem,
  productsSystem,
  pricesSystem,
  ordersSystem,
].map(({ links }) => links[0]!.columns)
/** Columns of each list as the links declare them */
const columnsOf = { customers, products, prices, orders } as Record<
  ListName,
  Readonly<Record<string, RemoteColumn>>
>

export const part: Part = { id: 'anna', name: 'Anna', timeZone: 'UTC', options: {} }

/** What a place was asked with. */
type AskedPlace = Parameters<Places['inside']>[0]

/** Places as the gate gives them: at most so many at once, an exclusive one alone, the higher priority first. */
function createPlaces(clock: Clock) {
  const asked: AskedPlace[] = []
  const penalties: number[] = []
  const waiting: { of: AskedPlace; go: () => void }[] = []
  const inside = new Set<AskedPlace>()
  const state = { asked, penalties, full: false, mostAtOnce: 0, lease: null as number | null }
  const fits = (of: AskedPlace) =>
    inside.size < of.most &&
    ![...inside].some(({ exclusive }) => exclusive) &&
    !(of.exclusive && inside.size > 0)
  const letIn = () => {
    waiting.sort((one, other) => other.of.priority - one.of.priority)
    for (const waiter of [...waiting]) {
      if (!fits(waiter.of)) continue
      waiting.splice(waiting.indexOf(waiter), 1)
      inside.add(waiter.of)
      waiter.go()
    }
  }
  const places: Places = {
    async inside(of, onWait, work) {
      asked.push(of)
      if (state.full) return null
      if (!fits(of)) onWait('others are in the ERP')
      await new Promise<void>((go) => {
        waiting.push({ of, go })
        letIn()
      })
      onWait(null)
      state.mostAtOnce = Math.max(state.mostAtOnce, inside.size)
      try {
        return await work(clock.now() + (state.lease ?? of.lease))
      } finally {
        inside.delete(of)
        letIn()
      }
    },
    async penalise(until) {
      penalties.push(until)
    },
  }
  return Object.assign(state, { places })
}

/** An emulated ERP with two users, and a run's worth of what the engine would tell the remote. */
export function createWorld(
  options: Partial<Parameters<typeof createErp>[0]> & { timeout?: number; origin?: string | null } = {},
) {
  let now = Date.parse('2026-11-21T08:05:09Z')
  let drawn = 0
  const clock: Clock = { now: () => now }
  const emulated = createErp({
    clock: clock.now,
    random: () => {
      drawn = (drawn * 16_807 + 12_345) % 2_147_483_647
      return drawn / 2_147_483_647
    },
    sleep: async () => {},
    latency: 0,
    users: [
      { user: 'anna@erp', password: 'her secret & more' },
      { user: 'ben@erp', password: 'his' },
    ],
    ...options,
  })
  const gate = createPlaces(clock)
  const cookies = new Map<string, string>()
  const sealed = new Map([
    ['sealed:anna', 'her secret & more'],
    ['sealed:ben', 'his'],
    ['sealed:wrong', 'guessed'],
  ])
  const requests: Request[] = []
  /** What answers in place of the ERP */
  const network = { answer: null as ((request: Request) => Promise<Response>) | null }
  const remoteOptions = {
    origin: options.origin === undefined ? 'http://erp.test' : options.origin,
    fetch: async (request: Request) => {
      requests.push(request.clone())
      return network.answer ? network.answer(request) : emulated.fetch(request)
    },
    clock,
    places: gate.places,
    sessions: {
      get: async (login: string) => cookies.get(login) ?? null,
      put: async (login: string, cookie: string | null) => {
        if (cookie === null) cookies.delete(login)
        else cookies.set(login, cookie)
      },
    },
    unseal: async (text: string) => {
      const opened = sealed.get(text)
      if (opened === undefined) throw new Error(`The sealed text ${text} does not open`)
      return opened
    },
    timeout: options.timeout ?? 2_000,
  }
  const called: string[] = []
  const waits: (string | null)[] = []
  const open = () => erpRemote(remoteOptions)

  function context(list: ListName, dialect: Dialect, given: Partial<RemoteContext> = {}): RemoteContext {
    return {
      target: { list, user: 'anna', login: 'anna@erp', sealed: 'sealed:anna' },
      columns: columnsOf[list],
      parts: [part],
      subjects: [],
      memory: null,
      remember() {},
      keep: async () => true,
      scratch: new Map(),
      priority: 2,
      settings: { dialect, concurrency: 1 },
      ahead: 1,
      waits: (reason) => waits.push(reason),
      called: (kind) => called.push(kind),
      ...given,
    }
  }

  const remote = open()
  return {
    erp: emulated,
    person: emulated.person,
    clock,
    gate,
    cookies,
    requests,
    network,
    called,
    waits,
    open,
    remote,
    context,
    images: erpImages(remoteOptions),
    wait: (ms: number) => {
      now += ms
    },
    read: (list: ListName, dialect: Dialect, page = 1, given: Partial<RemoteContext> = {}) =>
      remote.read(context(list, dialect, given), part, String(page)),
    /** Paths that the ERP was called at since the last look */
    calls: () => {
      const paths = emulated.calls.map(({ method, path }) => `${method} ${path}`)
      emulated.calls.length = 0
      return paths
    },
  }
}

/** The value of an answer that must be good. */
export function good<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`not ok: ${JSON.stringify(answer.failure)}`)
  return answer.value
}

/** Values of a page's rows. */
export const valuesOf = (page: Page) => page.rows.map(({ values }) => values)

/** The failure of an answer that must not be good. */
export function bad(answer: Answer<unknown>) {
  if (answer.ok) throw new Error(`ok: ${JSON.stringify(answer.value)}`)
  return answer.failure
}
