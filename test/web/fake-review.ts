import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { problem } from '../../sync/protocol/failures.ts'
import { dress } from '../demo/dress.ts'
import { serveFile } from './fake-files.ts'
import { FakeLane, type LaneReply, type PushBody } from './fake-lane.ts'
import { type Reply, refuse } from './fake-reply.ts'
import { acceptSocket } from './fake-socket.ts'

/** How the fake behaves; a test changes these while it runs. */
export interface ReviewBehaviour {
  /** Everything of the API is answered 503 */
  isDown: boolean
  /** So many pushes are taken, and their answers lost */
  loseAnswers: number
  /** Sessions have ended */
  isOver: boolean
  /** Pushes and pulls are answered 400 */
  refuses: boolean
  /** Answers wait for this */
  gate: Promise<void> | null
}

export interface ReviewServer {
  readonly url: string
  readonly port: number
  readonly lane: FakeLane
  readonly behaviour: ReviewBehaviour
  /** Requests of the API, as `POST /api/push` */
  readonly requests: string[]
  readonly sockets: () => number
  /** Tells who listens that the lane has moved */
  readonly tell: () => void
  readonly close: () => Promise<void>
}

export const PAIRING = 'ABCDE-FGHJK'
const COOKIE = 'review=yes'
const STATUSES = [
  { id: 'modest', label: 'Modest', approved: true },
  { id: 'moderately_modest', label: 'Moderately modest', approved: true },
  { id: 'not_modest', label: 'Not modest', approved: false },
]
const SHOPS = ['Anthropologie', 'Sézane', 'Toast', 'Arket', 'COS']
const NAMES = [
  'Linen midi dress',
  'Pleated wrap dress',
  'Wool coat with belt',
  'Silk slip dress',
  'Cotton shirt dress',
]

/** Listings as a catalogue monitor would find them; pictures come from another host. */
export function addListings(lane: FakeLane, count: number, port: number, from = 0): void {
  for (let i = from; i < from + count; i++) {
    const id = `https://shop.example/p/${String(i).padStart(3, '0')}`
    lane.edit(id, {
      title: `${NAMES[i % NAMES.length]} ${String.fromCharCode(65 + (i % 26))}`,
      retailer: SHOPS[i % SHOPS.length] ?? null,
      price: 4_900 + i * 1_300,
      currency: 'GBP',
      image_url: `http://localhost:${port}/pictures/${i}.svg`,
      product_url: id,
      lifecycle_stage: 'pending_assessment',
      assessed_at: null,
      assessed_by: null,
      modesty_status: null,
      shopify_status: 'draft',
      first_seen_at: new Date(Date.parse('2026-11-20T08:00:00.000Z') + i * 60_000).toISOString(),
      last_updated: '2026-11-20T08:00:00.000Z',
    })
  }
}

/** The server's side of the phone page from memory. A lane that is handed in outlives the server. */
export async function startReview(
  directory: string,
  {
    listings = 13,
    lane = new FakeLane(50),
    port = 0,
  }: { listings?: number; lane?: FakeLane; port?: number } = {},
): Promise<ReviewServer> {
  const behaviour: ReviewBehaviour = {
    isDown: false,
    loseAnswers: 0,
    isOver: false,
    refuses: false,
    gate: null,
  }
  const sockets = new Set<ReturnType<typeof acceptSocket>>()
  const requests: string[] = []
  let isUsed = false
  const tell = () => {
    const event = { type: 'version', lane: 'listings', version: lane.state.version }
    for (const socket of sockets) socket.send(JSON.stringify(event))
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    if (url.pathname.startsWith('/pictures/')) return picture(url.pathname, response)
    if (!url.pathname.startsWith('/api/')) return serveFile(directory, url.pathname, response)
    requests.push(`${request.method} ${url.pathname}`)
    const body = await textOf(request)
    await behaviour.gate
    const reply = answer(request, url, body)
    if (reply === null) return void response.destroy()
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
    response.end(JSON.stringify(reply.body))
  })
  server.on('upgrade', (request, socket) => {
    if (behaviour.isDown || !isIn(request)) {
      socket.destroy()
      return
    }
    const accepted = acceptSocket(request, socket)
    sockets.add(accepted)
    socket.on('close', () => sockets.delete(accepted))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const bound = (server.address() as AddressInfo).port
  if (Object.keys(lane.state.rows).length === 0) addListings(lane, listings, bound)
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    lane,
    behaviour,
    requests,
    sockets: () => sockets.size,
    tell,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.end()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  function answer(request: IncomingMessage, url: URL, body: string): Reply | null {
    if (behaviour.isDown) return refuse('overloaded', 'The database did not answer in time.', 'Try again.')
    if (url.pathname === '/api/session' && request.method === 'POST') {
      if (JSON.parse(body).code !== PAIRING || (isUsed && !behaviour.isOver))
        return refuse(
          'unauthorized',
          'The code was used already, or its 10 minutes are over.',
          'Ask for a new link.',
        )
      isUsed = true
      behaviour.isOver = false
      const cookie = `${COOKIE}; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400`
      return { body: { role: 'user', user: 'ada', name: 'Ada' }, headers: { 'set-cookie': cookie } }
    }
    if (!isIn(request)) return refuse('unauthorized', 'Nobody is signed in.', 'Sign in with a link.')
    if (url.pathname === '/api/assessments/rules') return { body: { statuses: STATUSES } }
    if (behaviour.refuses) return refuse('bad_request', 'The cursor is unreadable.', 'Update the page.')
    if (url.pathname === '/api/pull') return replyOf(lane.pull(url.searchParams.get('cursor')))
    if (url.pathname !== '/api/push') return refuse('not_found', 'There is nothing here.', 'See /docs.')
    const before = lane.state.version
    const reply = lane.push(JSON.parse(body) as PushBody)
    if (lane.state.version > before) tell()
    if (behaviour.loseAnswers > 0 && JSON.parse(body).mutations.length > 0) {
      behaviour.loseAnswers--
      return null
    }
    return replyOf(reply)
  }

  function isIn(request: IncomingMessage): boolean {
    return !behaviour.isOver && (request.headers.cookie ?? '').includes(COOKIE)
  }
}

function replyOf(reply: LaneReply): Reply {
  if (reply.status === 200) return { body: reply.body }
  const body = { ...problem({ type: 'conflict', detail: 'The numbers do not fit.' }), status: 409 }
  return {
    status: 409,
    body: { ...body, type: `urn:tidemark:problem:${reply.type}`, expected: reply.expected },
  }
}

function picture(path: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'image/svg+xml' })
  response.end(dress(Number(/\d+/.exec(path)?.[0])))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  try {
    for await (const part of request) parts.push(part as Buffer)
  } catch {
    // The page went away in the middle.
  }
  const bytes = Buffer.concat(parts)
  return String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes)
}
