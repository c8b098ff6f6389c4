import { LONGEST_ANSWER } from './limits.ts'

/** Reads a body as it comes. Ends, with what `signal` gives as its reason, also where the body never does. */
export interface Body {
  /** The next piece; null at the end. Throws `TooLong` beyond the limit. */
  next(): Promise<Uint8Array<ArrayBufferLike> | null>
  /** The rest is not wanted. */
  stop(): Promise<void>
}

/** More bytes than any proper answer has; it is not read further. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
  constructor(limit: number) {
    super(`it is longer than ${limit} bytes`)
  }
}

/** No connection, or it ended before the answer did. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
  constructor(cause: unknown) {
    super('the connection was lost', { cause })
  }
}

/** Ends with `ConnectionLost` whatever way the network's own error looks; bugs of ours stay what they are. */
export const overNetwork = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  orAborted(
    work.catch((error: unknown) => {
      throw new ConnectionLost(error)
    }),
    signal,
  )

export function bodyOf(response: Response, signal: AbortSignal, limit: number): Body {
  const reader = response.body?.getReader()
  let bytes = 0
  // Not awaited: a body that hangs may hang in its `cancel` too, and the place is a lease.
  const stop = async () => void reader?.cancel().catch(() => {})
  return {
    async next() {
      if (!reader) return null
      const { done, value } = await overNetwork(reader.read(), signal)
      if (done) return null
      bytes += value.byteLength
      if (bytes <= limit) return value
      await stop()
      throw new TooLong(limit)
    },
    stop,
  }
}

/** The whole body as text, UTF-8. */
export async function textOf(response: Response, signal: AbortSignal): Promise<string> {
  const body = bodyOf(response, signal, LONGEST_ANSWER)
  const decoder = new TextDecoder()
  const pieces: string[] = []
  for (let piece = await body.next(); piece; piece = await body.next())
    pieces.push(decoder.decode(piece, { stream: true }))
  return pieces.join('') + decoder.decode()
}

/** `work`, or the abort's reason if that comes first: not every `fetch` and stream ends by itself. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
