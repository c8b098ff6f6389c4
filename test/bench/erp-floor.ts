import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** Where pages are fetched from, and as whom. */
interface Asked {
  readonly origin: string
  readonly user: string
  readonly password: string
  readonly list: string
  readonly pages: number
}

/** The floor: a list's pages fetched and read one after the other by a thread of its own; milliseconds of each. */
export async function fetchPages(asked: Asked): Promise<number[]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: asked })
  const [times] = (await once(worker, 'message')) as [number[]]
  return times
}

async function measure({ origin, user, password, list, pages }: Asked): Promise<number[]> {
  const login = await fetch(`${origin}/api/login`, {
    method: 'POST',
    body: JSON.stringify({ user, password }),
  })
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const times: number[] = []
  for (let page = 1; page <= pages; page++) {
    const start = performance.now()
    const answer = await fetch(`${origin}/api/${list}?page=${page}`, { headers: { cookie } })
    await answer.text()
    if (!answer.ok) throw new Error(`page ${page} was answered ${answer.status}`)
    times.push(performance.now() - start)
  }
  return times
}

if (!isMainThread) parentPort?.postMessage(await measure(workerData as Asked))
