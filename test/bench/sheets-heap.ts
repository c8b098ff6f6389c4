import { fileURLToPath } from 'node:url'
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import type { TokenCache } from '../../sync/remotes/google/token.ts'
import { googleSheets } from '../../sync/remotes/google-sheets/google-sheets.ts'
import type { Credentials, Google } from '../emulators/google/index.ts'
import { googleWorld } from '../engine/google-world.ts'
import { type NamedBy, wideFill, wideTab, wideTable, wideWorld } from '../engine/wide-world.ts'
import { migrations, testClock, testRandom } from '../engine/world.ts'
import { print } from './print.ts'

// How small a heap the largest tab can be synced in: a thread has one of its own, as an isolate of a Worker has, and the
// emulated Google is in another. Smaller and smaller heaps are tried until one is too small.

const ROWS = 10_000
/** Megabytes of the young generation, beside what is tried */
const YOUNG = 16
const STEP = 8

interface Scene {
  readonly by: NamedBy
  readonly typed: number
  readonly here: number
  readonly credentials: Credentials
}

interface Asked {
  readonly url: string
  readonly method: string
  readonly headers: [string, string][]
  readonly body: string
}

interface Answered {
  readonly status: number
  readonly headers: [string, string][]
  readonly body: ArrayBuffer
}

/** Prints the smallest heaps of a first sync, from a tab and to a blank one. */
async function measure(): Promise<void> {
  const lines: string[][] = []
  for (const by of ['ids', 'code'] as const)
    for (const [typed, here] of [
      [ROWS, 0],
      [0, ROWS],
    ] as const) {
      let [fits, tooSmall] = [160, 48]
      while (fits - tooSmall > STEP) {
        const tried = Math.round((fits + tooSmall) / 2 / STEP) * STEP
        if (await fitsIn(tried, { by, typed, here })) fits = tried
        else tooSmall = tried
      }
      lines.push([typed > 0 ? 'a full tab' : 'to a blank tab', by, `${fits} + ${YOUNG} MB`])
    }
  print(`smallest heap for a tab of ${ROWS} rows × 20 columns`, lines)
}

async function fitsIn(megabytes: number, scene: Omit<Scene, 'credentials'>): Promise<boolean> {
  const { google, credentials } = googleWorld(testClock())
  wideTab(google, scene.typed)
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { ...scene, credentials },
    resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: YOUNG },
  })
  worker.on('message', (asked: Asked) => void answer(google, worker, asked))
  return new Promise((resolve, reject) => {
    worker.on('error', (error: Error & { code?: string }) =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(false) : reject(error),
    )
    worker.on('exit', () => resolve(true))
  })
}

async function answer(google: Google, worker: Worker, { url, method, headers, body }: Asked): Promise<void> {
  const response = await google.fetch(new Request(url, { method, headers, ...(body && { body }) }))
  const answered: Answered = {
    status: response.status,
    headers: [...response.headers],
    body: await response.arrayBuffer(),
  }
  worker.postMessage(answered, [answered.body])
}

async function play(port: MessagePort, { by, typed, here, credentials }: Scene): Promise<void> {
  const clock = testClock()
  const file = openSqlite(migrations)
  const database = sqliteDatabase(file)
  let token: Awaited<ReturnType<TokenCache['get']>> = null
  const remote = googleSheets({
    credentials: { email: credentials.client_email, privateKey: credentials.private_key },
    origin: 'http://google.test',
    async fetch(request) {
      const asked: Asked = {
        url: request.url,
        method: request.method,
        headers: [...request.headers],
        body: await request.text(),
      }
      const answered = new Promise<Answered>((resolve) => port.once('message', resolve))
      port.postMessage(asked)
      const { status, headers, body } = await answered
      return new Response(body, { status, headers })
    },
    clock,
    random: testRandom(),
    pacer: { permit: async () => ({ granted: true }), penalise: async () => undefined },
    gate: 'google',
    tokenCache: {
      get: async () => token,
      put: async (fresh) => {
        token = fresh
      },
    },
  })
  await wideTable(database)
  await wideFill(database, here)
  const google = { calls: [] } as unknown as Google
  const wide = wideWorld({ database, storage: new Map(), clock, alarm: null }, google, remote, by)
  for (let run = 0; run < 2; run++) {
    const { status } = await wide.sync(run > 0)
    if (status === 'failed') throw new Error(`the sync failed, ${typed} rows there and ${here} here`)
  }
  port.removeAllListeners()
}

if (isMainThread) await measure()
else if (parentPort) {
  const port = parentPort
  // Keeps the thread alive while it waits for an answer.
  port.ref()
  await play(port, workerData as Scene)
  port.unref()
}
