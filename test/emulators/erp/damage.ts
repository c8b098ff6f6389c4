import type { Damage, FaultAction } from './faults.ts'

/** What happens to a good answer on its way. Throws as `fetch` does where the connection dies before the answer began. */
export async function damaged(response: Response, damage: Damage): Promise<Response> {
  if ('lost' in damage) throw connectionLost()
  const bytes = new Uint8Array(await response.arrayBuffer())
  // A redirect without its body would still be a good one.
  const status = response.status >= 300 && response.status < 400 ? 200 : response.status
  const headers = { 'content-type': response.headers.get('content-type') ?? 'text/plain' }
  if ('empty' in damage) return new Response('', { status, headers })
  if ('truncated' in damage)
    return new Response(bytes.subarray(0, Math.floor(bytes.length * damage.truncated)), { status, headers })
  if ('endless' in damage) return new Response(endless(new TextDecoder().decode(bytes)), { status, headers })
  if (damage.cut <= 0) throw connectionLost()
  return new Response(cut(bytes.subarray(0, damage.cut)), {
    status: response.status,
    headers: response.headers,
  })
}

export function isDamage(fault: FaultAction): fault is Damage {
  return ['lost', 'empty', 'truncated', 'endless', 'cut'].some((name) => name in fault)
}

/** As undici tells it. */
function connectionLost(): TypeError {
  const cause = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  return new TypeError('fetch failed', { cause })
}

function cut(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false
  return new ReadableStream(
    {
      pull(controller) {
        if (sent) return controller.error(connectionLost())
        sent = true
        controller.enqueue(bytes)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Rows in one piece of an answer without an end. */
const ROWS_A_PIECE = 100

const starts = [
  {
    pattern: /"(rows|lines|ddt)":\[/,
    row: (n: number) => `{"id":"E${n}","line":${n},"name":"Endless ${n}"},`,
  },
  { pattern: /<tbody>/, row: (n: number) => `<tr><td>E${n}</td><td>Endless</td></tr>` },
]

/** The answer up to its rows, then rows until the reader has had enough. */
function endless(text: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const start = starts.find(({ pattern }) => pattern.test(text))
  const found = start?.pattern.exec(text)
  const row = start?.row ?? ((n: number) => ` ${n}`)
  let next = found ? text.slice(0, found.index + found[0].length) : text
  let rows = 0
  return new ReadableStream(
    {
      async pull(controller) {
        controller.enqueue(encoder.encode(next))
        next = ''
        for (let i = 0; i < ROWS_A_PIECE; i += 1) next += row(++rows)
        // Timers and sockets get their turn: whoever reads may want to stop.
        await new Promise((resolve) => setImmediate(resolve))
      },
    },
    { highWaterMark: 0 },
  )
}
