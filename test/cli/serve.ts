import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'

/** Serves a Worker's handler over HTTP. */
export async function serve(handle: (request: Request) => Response | Promise<Response>) {
  const server = createServer(async (incoming, outgoing) => {
    const answer = await handle(requestOf(incoming))
    const cut = answer.headers.get(CUT)
    const plain = Buffer.from(await answer.arrayBuffer())
    // As Cloudflare's runtime does: what is said to be packed is packed on its way out.
    const body = answer.headers.get('content-encoding') === 'gzip' ? gzipSync(plain) : plain
    if (cut !== null && cut !== 'half') {
      outgoing.destroy()
      return
    }
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (cut === null) outgoing.end(body)
    else outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** An answer with this header is never given, or only `half` of it: the connection is cut. */
export const CUT = 'x-cut'

export const stop = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', url = '/', headers } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(new URL(url, `http://${headers.host}`), {
    method,
    headers: headers as Record<string, string>,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  })
}
