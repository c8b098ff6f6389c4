const CACHE = 'review-pictures'
/** Pictures kept: those to come, and as many that were shown. Browsers count one of another site as several MB. */
const MOST = 48
/** Pictures fetched at once, beside the one that is looked at. */
const AT_ONCE = 3

/** A picture from the cache, else from its shop; then it is kept. */
export async function pictureOf(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(request.url)) ?? fetchAndKeep(cache, request.url)
}

/** Fetches the pictures that will be looked at next, and drops the oldest others. */
export async function keepPictures(urls: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE)
  const missing: string[] = []
  for (const url of urls) if (!(await cache.match(url))) missing.push(url)
  const fetchNext = async (): Promise<void> => {
    const url = missing.shift()
    if (url === undefined) return
    // One that can't be had now is asked for again when it is looked at.
    await fetchAndKeep(cache, url).catch(() => {})
    return fetchNext()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, fetchNext))
  const others = (await cache.keys()).map(({ url }) => url).filter((url) => !urls.includes(url))
  for (const url of others.slice(0, Math.max(0, others.length + urls.length - MOST))) await cache.delete(url)
}

export async function forgetPicture(url: string): Promise<void> {
  await (await caches.open(CACHE)).delete(url)
}

/** Another site's answer is opaque: whether it is a picture shows when it is drawn. */
async function fetchAndKeep(cache: Cache, url: string): Promise<Response> {
  const response = await fetch(url, { mode: 'no-cors', credentials: 'omit' })
  if (response.ok || response.type === 'opaque') {
    // A full disk costs the picture, not the page.
    await cache.put(url, response.clone()).catch(() => {})
  }
  return response
}
