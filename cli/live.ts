import { LiveEvent, type Run } from '../sync/protocol/runs.ts'
import type { Server } from './config.ts'

/** A socket to a lane. Node's WebSocket, unlike a browser's, sends the token in a header. */
export function openLive(
  { url, token }: Server,
  lane: string,
  hear: (event: LiveEvent) => void,
  opened: () => void = () => {},
) {
  const address = new URL(`/api/live?lane=${encodeURIComponent(lane)}`, url)
  address.protocol = address.protocol.replace('http', 'ws')
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
  socket.addEventListener('open', opened)
  socket.addEventListener('message', ({ data }) => {
    const event = eventOf(data)
    if (event) hear(event)
  })
  // A refused or lost socket is no failure: whoever opened it asks now and then instead.
  socket.addEventListener('error', () => {})
  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    isOver: () => socket.readyState === WebSocket.CLOSED,
    close: () => socket.close(),
  }
}

/** Hears what a lane tells about its runs. */
export const listenTo = (server: Server) => (lane: string, hear: (run: Run) => void) =>
  openLive(server, lane, (event) => {
    if (event.type === 'run') hear(event.run)
  })

/** Events of a newer server are left alone. */
function eventOf(data: unknown): LiveEvent | undefined {
  if (typeof data !== 'string') return undefined
  try {
    return LiveEvent.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}
