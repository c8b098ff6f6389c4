import { effect } from '@preact/signals'
import { current, queue } from './page-state.ts'
import { type Message, SYNC } from './tell.ts'

/** Pictures fetched ahead */
const AHEAD = 24

/** Plain HTTP on another host has no service worker: the page then works online only, and says so. */
export const isInstallable = 'serviceWorker' in navigator

/** Background Sync, which TypeScript's set of pages does not know. */
interface Registration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> }
}

/** Installs the service worker and keeps the pictures that come next. */
export async function startOffline(): Promise<void> {
  if (!isInstallable) return
  await navigator.serviceWorker.register('/review-sw.js', { scope: '/review' })
  const { active } = await navigator.serviceWorker.ready
  let told = ''
  effect(() => {
    const next = [current.value, ...queue.value.slice(0, AHEAD).map(({ id }) => id)]
    const byId = new Map(queue.value.map(({ id, row }) => [id, row.image_url]))
    const urls = [...new Set(next.flatMap((id) => String(byId.get(id ?? '') ?? '') || []))]
    const webs = urls.filter((url) => /^https?:/i.test(url)).map((url) => new URL(url).href)
    if (webs.join('\n') === told) return
    told = webs.join('\n')
    tell({ type: 'pictures', urls: webs }, active)
  })
}

/** Keeps the copy from being cleared when the disk fills up. */
export const askToPersist = () => navigator.storage?.persist?.().catch(() => false)

/** Has the browser send what waits, even once the page is closed, where it can. */
export async function sendInBackground(): Promise<void> {
  if (!isInstallable) return
  const registration: Registration | undefined = await navigator.serviceWorker.getRegistration('/review')
  // Refused where a person has switched it off: then it leaves at the next opening.
  await registration?.sync?.register(SYNC).catch(() => {})
}

export const tellBroken = (url: string) => {
  if (isInstallable) tell({ type: 'broken picture', url }, navigator.serviceWorker.controller)
}

/** Hands what waits to the service worker, which outlives the page. */
export const sendInWorker = () => {
  if (isInstallable) tell({ type: 'send' }, navigator.serviceWorker.controller)
}

const tell = (message: Message, worker: ServiceWorker | null) => worker?.postMessage(message)
