/** Largest JSON parameter in UTF-8 bytes. D1 takes 2,000,000 a value; the local runtime does not check. */
const PARAMETER_BYTES = 1_000_000

/** JSON arrays of the rows, each below the parameter limit. One row alone is never above it: plans cut long texts. */
export function chunks(rows: readonly string[]): string[] {
  const all: string[] = []
  let current: string[] = []
  let bytes = 2
  for (const row of rows) {
    const size = utf8Length(row) + 1
    if (bytes + size > PARAMETER_BYTES && current.length > 0) {
      all.push(`[${current.join(',')}]`)
      current = []
      bytes = 2
    }
    current.push(row)
    bytes += size
  }
  if (current.length > 0) all.push(`[${current.join(',')}]`)
  return all
}

/** Bytes of a text in UTF-8, without making them. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2
    else if (unit > 0x7f) bytes += 1
  }
  return bytes
}
