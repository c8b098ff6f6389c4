import { openStore } from './database.ts'
import { sendWaiting } from './exchange.ts'
import { forgetPicture, keepPictures, pictureOf } from './pictures.ts'
import { type Message, SYNC, tellTabs } from './tell.ts'
import type { WorkerScope } from './worker-types.ts'

declare const self: WorkerScope
/** Written in by the build: the page's files, and a digest of them. */
declare const __FILES__: readonly string[]
declare const __VERSION__: string

const SHELL = 'review-shell-'
const shell = SHELL + __VERSION__
/** An answer can be undone before it leaves: a page that is open sends it by itself, and this comes after it. */
const AFTER_THE_PAGE = 3_000

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.addAll(__FILES__.map((file) => new Request(file, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldShells().then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET') return
  if (origin === self.location.origin && pathname.startsWith('/api/')) return
  if (request.mode === 'navigate') {
    if (pathname === '/review') event.respondWith(shellOr(request, '/review'))
  } else if (origin === self.location.origin && __FILES__.includes(pathname))
    event.respondWith(shellOr(request, pathname))
  else if (request.destination === 'image') event.respondWith(pictureOf(request))
})

self.addEventListener('message', (event) => {
  const message = event.data as Message
  if (message.type === 'pictures') event.waitUntil(keepPictures(message.urls))
  if (message.type === 'send') event.waitUntil(send().catch(() => {}))
  if (message.type === 'broken picture') event.waitUntil(forgetPicture(message.url))
})

self.addEventListener('sync', (event) => {
  if (event.tag === SYNC) event.waitUntil(afterThePage().then(send))
})

/** Rejects where something still waits: the browser then calls again. */
async function send(): Promise<void> {
  const store = await openStore()
  try {
    const outcome = await sendWaiting(store)
    tellTabs()
    // Signing in again is a person's act, and sends what waits.
    if (outcome.type === 'away') throw new Error(outcome.detail)
  } finally {
    store.close()
  }
}

const afterThePage = () => new Promise((resolve) => setTimeout(resolve, AFTER_THE_PAGE))

async function shellOr(request: Request, file: string): Promise<Response> {
  const cache = await caches.open(shell)
  return (await cache.match(file)) ?? fetch(request)
}

async function dropOldShells(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith(SHELL) && name !== shell) await caches.delete(name)
}
