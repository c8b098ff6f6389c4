/** What the page tells its service worker. */
export type Message =
  | { readonly type: 'pictures'; readonly urls: readonly string[] }
  | { readonly type: 'broken picture'; readonly url: string }
  /** The page may be ended at any moment: the worker sends what waits */
  | { readonly type: 'send' }

/** The tag of the Background Sync that sends what waits. */
export const SYNC = 'review-send'

/** One for all: what it says it does not hear itself. */
const channel = new BroadcastChannel('tidemark-review')

/** Tells the other tabs that the copy has changed. */
export const tellTabs = (): void => channel.postMessage('changed')

export function hearTabs(changed: () => void): void {
  channel.onmessage = changed
}
