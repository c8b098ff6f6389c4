// The part of the service worker's world that ours uses: TypeScript's full set contradicts that of pages.

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}

interface Fetching extends Extendable {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

interface Syncing extends Extendable {
  readonly tag: string
}

interface Told extends Extendable {
  readonly data: unknown
}

export interface WorkerScope {
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  addEventListener(type: 'sync', listener: (event: Syncing) => void): void
  addEventListener(type: 'message', listener: (event: Told) => void): void
}
