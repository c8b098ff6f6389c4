import { LIMITS } from '../sync/protocol/common.ts'

/** A value and its place in the input, counted from 0: the element of an array, the line that is not empty. */
export interface Found {
  readonly index: number
  readonly value: unknown
}
export interface Unreadable {
  readonly index: number
  readonly reason: string
}

/** JSON array or JSON lines. A line that isn't JSON is told, and doesn't stop the others. */
export function readingsIn(text: string): { found: Found[]; unreadable: Unreadable[] } {
  const unreadable: Unreadable[] = []
  const whole = text.trimStart().startsWith('[') ? parse(text).value : undefined
  if (Array.isArray(whole)) {
    return { found: whole.map((value: unknown, index) => ({ index, value })), unreadable }
  }
  const found: Found[] = []
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  for (const [index, line] of lines.entries()) {
    const { value, error } = parse(line)
    if (error === undefined) found.push({ index, value })
    else unreadable.push({ index, reason: `not JSON: ${error}` })
  }
  return { found, unreadable }
}

/** At most a page of readings, and at most so many bytes, in each. */
export function* chunksOf(found: readonly Found[]): Generator<Found[]> {
  let chunk: Found[] = []
  let bytes = 0
  for (const one of found) {
    const size = Buffer.byteLength(JSON.stringify(one.value)) + 1
    if (chunk.length === LIMITS.page || (chunk.length > 0 && bytes + size > BODY)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(one)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

/** The limit of a body, less what stands around the readings. */
const BODY = LIMITS.body - 100

function parse(text: string): { value?: unknown; error?: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { error: (error as Error).message }
  }
}
