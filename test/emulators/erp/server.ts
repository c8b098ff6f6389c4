import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { Erp } from './erp.ts'
import { createPages } from './page/pages.ts'

export interface ServeErpOptions {
  readonly erp: Erp
  /** 0 takes a free one */
  readonly port?: number
  readonly host?: string
}

export interface ServedErp {
  /** Without a slash at the end */
  readonly url: string
  close(): Promise<void>
}

/** Puts the ERP behind HTTP, with the page for people at `/`. A lost answer or a cut one closes the socket. */
export async function serveErp({ erp, port = 0, host = '127.0.0.1' }: ServeErpOptions): Promise<ServedErp> {
  const page = createPages(erp)
  const fetch = async (request: Request) => (await page(request)) ?? erp.fetch(request)
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
    if (value !== undefined) headers.set(name, String(value))
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
  // Waits for the reader: an answer without an end must not fill the memory.
  if (response.body) await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing)
  else outgoing.end()
}
