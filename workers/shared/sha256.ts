const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** SHA-256 in lower-case hexadecimal; `bytes`: only so many from its beginning. */
export async function sha256(of: string | Uint8Array<ArrayBuffer>, bytes = 32): Promise<string> {
  const data = typeof of === 'string' ? new TextEncoder().encode(of) : of
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data), 0, bytes)
  let text = ''
  // One of 256 texts each: this is on the way of every request.
  for (const byte of hash) text += HEX[byte]
  return text
}
