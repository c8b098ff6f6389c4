import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

const CLOSE = 8

/** The server's half of RFC 6455 that the page needs: accept, send text, close. All else that the page sends is ignored. */
export function acceptSocket(
  request: IncomingMessage,
  socket: Duplex,
): { send: (text: string) => void; end: () => void } {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  socket.on('error', () => socket.destroy())
  // One that gives up while it connects says nothing more, and Node keeps the half that is open.
  socket.on('end', () => socket.end())
  // A page that closes waits for the server to do so too.
  socket.on('data', (bytes: Buffer) => {
    if (((bytes[0] ?? 0) & 0x0f) === CLOSE) socket.end()
  })
  return {
    send: (text) => socket.write(frame(Buffer.from(text))),
    end: () => socket.destroy(),
  }
}

function frame(payload: Buffer): Buffer {
  const { length } = payload
  const head =
    length < 126
      ? Buffer.from([0x81, length])
      : length < 65_536
        ? Buffer.from([0x81, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0]), uint32(length)])
  return Buffer.concat([head, payload])
}

function uint32(n: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}
