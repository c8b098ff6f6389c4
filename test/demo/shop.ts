import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dress } from './dress.ts'

/** A stand-in for the shops: a page and a picture for each product that the catalogue monitor found. */
export type Shop = {
  listings: readonly Record<string, string | number>[]
  close: () => Promise<void>
}

const NAMES = [
  ['Linen midi dress', 'Anthropologie', 14_900],
  ['Pleated wrap dress', 'Sézane', 13_500],
  ['Wool coat with belt', 'Toast', 39_500],
  ['Silk slip dress', 'Arket', 11_900],
  ['Cotton shirt dress', 'COS', 9_900],
  ['Velvet evening gown', 'Anthropologie', 24_800],
  ['Ribbed knit dress', 'Arket', 8_900],
  ['Tiered maxi dress', 'Toast', 18_500],
  ['Denim pinafore', 'Sézane', 12_000],
  ['Satin mini dress', 'COS', 7_900],
  ['Embroidered kaftan', 'Anthropologie', 16_800],
  ['Jersey wrap skirt', 'Arket', 5_900],
  ['Quilted jacket', 'Toast', 22_500],
] as const

/** @param host where it listens @param name under which browsers reach that */
export async function startShop(host: string, name: string, port: number): Promise<Shop> {
  const server = createServer(({ url = '' }, response) => {
    const n = Number(/^\/(\d+)/.exec(url)?.[1])
    const [title] = NAMES[n] ?? []
    const isPicture = url.endsWith('.svg')
    response.writeHead(title ? 200 : 404, {
      'content-type': isPicture ? 'image/svg+xml' : 'text/html; charset=utf-8',
    })
    response.end(
      title ? (isPicture ? dress(n) : `<!doctype html><title>${title}</title><h1>${title}</h1>`) : '',
    )
  })
  // The preferred port keeps the products' addresses the same; where it is taken, any other will do.
  await listen(server, port, host).catch(() => listen(server, 0, host))
  const origin = `http://${name}:${(server.address() as AddressInfo).port}`
  return {
    listings: NAMES.map(([title, retailer, price], n) => ({
      product_url: `${origin}/${n}`,
      title,
      retailer,
      price,
      currency: 'GBP',
      image_url: `${origin}/${n}.svg`,
    })),
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
