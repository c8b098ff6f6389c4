import { LiveEvent, type Run } from '../sync/protocol/runs.ts'
import type { Server } from './config.ts'

/** Hears what a lane tells about its runs. Node's WebSocket, unlike a browser's, sends the token in a header. */
export function listenTo({ url, token }: Server) {
  return (lane: string, hear: (run: Run) => void) => {
    const address = new URL(`/api/live?lane=${encodeURIComponent(lane)}`, url)
    address.protocol = address.protocol.replace('http', 'ws')
    const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
    socket.addEventListener('message', ({ data }) => {
      const event = eventOf(data)
      if (event?.type === 'run') hear(event.run)
    })
    // A refused or lost socket is no failure: the runs are polled instead.
    socket.addEventListener('error', () => {})
    return { isOpen: () => socket.readyState === WebSocket.OPEN, close: () => socket.close() }
  }
}

/** Events of a newer server are left alone. */
function eventOf(data: unknown): LiveEvent | undefined {
  if (typeof data !== 'string') return undefined
  try {
    return LiveEvent.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}
