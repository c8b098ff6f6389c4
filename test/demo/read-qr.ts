import decodeQR from 'qr/decode.js'

/** Pixels a module is drawn with before it is read */
const SCALE = 4

/** What a QR code of dark (true) and light modules says, its quiet zone included. */
export function readModules(dark: readonly (readonly boolean[])[]): string {
  const [height, width] = [dark.length * SCALE, (dark[0]?.length ?? 0) * SCALE]
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (dark[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)])
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3)
  return decodeQR({ width, height, data })
}

/** What a QR code in a terminal says: each letter is two modules, one above the other. */
export function readTerminal(text: string): string {
  const lines = text.split('\n').filter((line) => /^ *[█▀▄ ]{20,}$/.test(line))
  return readModules(
    lines.flatMap((line) => {
      const letters = [...line.trim()]
      return [
        letters.map((letter) => !'█▀'.includes(letter)),
        letters.map((letter) => !'█▄'.includes(letter)),
      ]
    }),
  )
}
