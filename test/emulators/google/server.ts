import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { YouTube } from '../youtube/index.ts'
import type { Google } from './google.ts'
import { createOrigin } from './origin.ts'

export interface ServeOptions {
  readonly google: Google
  readonly youtube?: YouTube | null
  /** 0 takes a free one */
  readonly port?: number
  readonly host?: string
}

export interface Served {
  /** Without a slash at the end */
  readonly url: string
  close(): Promise<void>
}

/** Puts the emulators behind HTTP. A lost answer or a cut one closes the connection, as on a bad line. */
export async function serve({
  google,
  youtube = null,
  port = 0,
  host = '127.0.0.1',
}: ServeOptions): Promise<Served> {
  const fetch = createOrigin({ google, youtube })
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, fetch).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host}:${taken}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fetch: (request: Request) => Promise<Response>,
): Promise<void> {
  const aborted = new AbortController()
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) aborted.abort()
  })
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const body = Buffer.concat(chunks)
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !name.startsWith(':')) headers.set(name, String(value))
  }
  const { method = 'GET' } = incoming
  const request = new Request(`http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`, {
    method,
    headers,
    signal: aborted.signal,
    ...(body.length > 0 && method !== 'GET' && method !== 'HEAD' && { body }),
  })
  const response = await fetch(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body) {
    for await (const chunk of response.body) outgoing.write(chunk)
  }
  outgoing.end()
}
