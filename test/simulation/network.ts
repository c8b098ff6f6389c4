import { gunzipSync } from 'node:zlib'
import { httpFor } from '../../cli/http.ts'
import type { Crash, DeviceServer } from './device-world.ts'

export const ORIGIN = 'https://tidemark.example'

/** What the network does to one request, or the server to its lane. */
export type Cut = 'none' | 'before' | 'after' | 'twice' | Crash

/** The way from a laptop's own HTTP client to the doors of a server in this process. */
export function networkTo(server: DeviceServer, user: string) {
  const network = {
    sent: [] as string[],
    next: (): Cut => 'none',
    http: httpFor(ORIGIN, null, {
      fetch: async (input) => through(input as Request),
      wait: async () => {},
      onWait: () => {},
    }),
  }
  async function through(request: Request): Promise<Response> {
    const { method, url, headers } = request
    const { pathname, search } = new URL(url)
    const bytes = new Uint8Array(await request.arrayBuffer())
    const isPacked = headers.get('content-encoding') === 'gzip'
    const text = isPacked ? gunzipSync(bytes).toString() : new TextDecoder().decode(bytes)
    const body = method === 'GET' ? undefined : isPacked ? bytes : text
    const ask = (crash?: Crash) => server.ask(user, method, pathname + search, body, crash)
    const cut = network.next()
    network.sent.push(body === undefined ? pathname : text)
    if (cut === 'before') throw new TypeError('cut before')
    if (cut === 'twice') await ask()
    const answer = await ask(typeof cut === 'object' ? cut : undefined)
    if (cut === 'after' || answer === null) throw new TypeError('cut after')
    return answer
  }
  return network
}
