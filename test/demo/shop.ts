import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { productAt } from './catalogue.ts'
import { dress } from './dress.ts'

/** A stand-in for the shops: a page at `/<n>` and a picture at `/<n>.svg` for each product of the catalogue. */
export type Shop = {
  origin: string
  close: () => Promise<void>
}

/** @param host where it listens @param name under which browsers reach that */
export async function startShop(host: string, name: string, port: number): Promise<Shop> {
  const server = createServer(({ url = '' }, response) => {
    const [, digits = '-1', isPicture] = /^\/(\d{1,6})(\.svg)?$/.exec(url) ?? []
    const n = Number(digits)
    const { title } = productAt(n) ?? {}
    response.writeHead(title ? 200 : 404, {
      'content-type': isPicture ? 'image/svg+xml' : 'text/html; charset=utf-8',
    })
    response.end(
      title ? (isPicture ? dress(n) : `<!doctype html><title>${title}</title><h1>${title}</h1>`) : '',
    )
  })
  // The preferred port keeps the products' addresses the same; where it is taken, any other will do.
  await listen(server, port, host).catch(() => listen(server, 0, host))
  return {
    origin: `http://${name}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const listen = (server: Server, port: number, host: string) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
