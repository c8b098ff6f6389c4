import type { LiveEvent } from '../../../sync/protocol/runs.ts'

/** First wait before connecting again, and the longest, in milliseconds. */
const BACKOFF = { first: 1_000, longest: 30_000 } as const

export interface LaneSocket {
  close(): void
}

/**
 * Listens to one lane until closed.
 *
 *   connecting → open → (lost) → waiting → connecting
 *        └────── (refused) ──────┘   1 s, 2 s, 4 s … 30 s, each ± 20 %
 */
export function listen(
  lane: string,
  on: { event: (event: LiveEvent) => void; open: () => void; lost: (code: number) => void },
): LaneSocket {
  let socket: WebSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let isClosed = false

  connect()
  addEventListener('online', hurry)

  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      removeEventListener('online', hurry)
      socket?.close()
    },
  }

  function connect() {
    const url = new URL(`/api/live?lane=${encodeURIComponent(lane)}`, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    socket = new WebSocket(url)
    socket.onopen = () => {
      attempt = 0
      on.open()
    }
    socket.onmessage = ({ data }) => {
      const event = eventOf(data)
      if (event) on.event(event)
    }
    socket.onclose = ({ code }) => {
      if (isClosed) return
      on.lost(code)
      const wait = Math.min(BACKOFF.longest, BACKOFF.first * 2 ** attempt++)
      timer = setTimeout(connect, wait * (0.8 + Math.random() * 0.4))
    }
  }

  function hurry() {
    if (isClosed || socket?.readyState !== WebSocket.CLOSED) return
    clearTimeout(timer)
    attempt = 0
    connect()
  }
}

/** Events of a newer server that this page doesn't know are left alone. */
function eventOf(data: unknown): LiveEvent | null {
  if (typeof data !== 'string') return null
  try {
    const event = JSON.parse(data) as LiveEvent
    return event.type === 'run' || event.type === 'version' ? event : null
  } catch {
    return null
  }
}
