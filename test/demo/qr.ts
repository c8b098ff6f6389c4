import encodeQR from 'qr'

/** A link as a QR code for a terminal, two rows of it a line. In colours of its own: not every phone reads an inverted one. */
export function qrLines(link: string, coloured: boolean): string[] {
  const lines = encodeQR(link, 'ascii', { border: 4 }).trimEnd().split('\n')
  return coloured ? lines.map((line) => `\x1b[40;97m${line}\x1b[0m`) : lines
}
