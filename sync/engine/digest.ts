/** FNV-1a's offset basis and prime for 32 bits; the second pass starts elsewhere, so that the halves differ. */
const BASIS = 0x811c9dc5
const PRIME = 0x01000193
const SECOND_BASIS = 0x7a3d1f5b

/**
 * A 64-bit digest of a text in base 36: two FNV-1a passes, the second fed from the end. It tells whether a row of a
 * remote is the row that was read last time. WebCrypto would be asynchronous and slower by far; not for secrets.
 */
export function digest(text: string): string {
  let forward = BASIS
  let backward = SECOND_BASIS
  for (let i = 0, j = text.length - 1; j >= 0; i++, j--) {
    forward = Math.imul(forward ^ text.charCodeAt(i), PRIME)
    backward = Math.imul(backward ^ text.charCodeAt(j), PRIME)
  }
  return `${(forward >>> 0).toString(36)}${(backward >>> 0).toString(36).padStart(7, '0')}`
}
