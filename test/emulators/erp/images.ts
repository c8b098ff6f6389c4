import { crc32, deflateSync } from 'node:zlib'

/** Pixels of each side. */
const SIZE = 24

/** A small PNG that is the same for the same name and looks different for another. */
export function imageOf(name: string): Uint8Array<ArrayBuffer> {
  const hash = crc32(name)
  const colour = [hash & 0xff, (hash >>> 8) & 0xff, (hash >>> 16) & 0xff]
  const line = SIZE * 3 + 1
  const pixels = new Uint8Array(line * SIZE)
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      const inside = (x - SIZE / 2) ** 2 + (y - SIZE / 2) ** 2 < (SIZE / 3) ** 2
      pixels.set(inside ? colour : [0xff, 0xff, 0xff], y * line + 1 + x * 3)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIZE, 0)
  header.writeUInt32BE(SIZE, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return new Uint8Array(
    Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(pixels)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  )
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
