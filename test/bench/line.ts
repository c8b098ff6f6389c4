import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A line between a device and a server: milliseconds of a round trip, and bits a second each way. */
export interface LineOptions {
  readonly roundTrip: number
  readonly down: number
  readonly up: number
}

export const LOOPBACK: LineOptions = { roundTrip: 0, down: Infinity, up: Infinity }
/** PLATFORM §10 */
export const MOBILE: LineOptions = { roundTrip: 50, down: 10_000_000, up: 5_000_000 }

export interface Line {
  readonly url: URL
  /** Bytes since the last call, both ways, with the headers */
  bytes(): number
  close(): Promise<void>
}

/** A TCP relay that holds back what passes as a line of that delay and width would; one width for all of its connections. */
export async function openLine(target: URL, { roundTrip, down, up }: LineOptions): Promise<Line> {
  let passed = 0
  const sockets = new Set<Socket>()
  const ways = { down: { free: 0, bits: down }, up: { free: 0, bits: up } }
  const relay = (from: Socket, to: Socket, way: { free: number; bits: number }) => {
    from.setNoDelay(true)
    sockets.add(from)
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    from.on('error', () => to.destroy())
    from.on('data', (chunk: Buffer) => {
      passed += chunk.length
      const now = performance.now()
      way.free = Math.max(now, way.free) + (chunk.length * 8_000) / way.bits
      const wait = way.free - now + roundTrip / 2
      if (wait < 0.5) to.write(chunk)
      else setTimeout(() => to.write(chunk), wait)
    })
  }
  const server = createServer((device) => {
    const far = connect(Number(target.port), target.hostname)
    relay(device, far, ways.up)
    relay(far, device, ways.down)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    bytes() {
      const sum = passed
      passed = 0
      return sum
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
