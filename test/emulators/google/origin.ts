import type { YouTube } from '../youtube/index.ts'
import type { Google } from './google.ts'
import { createPages } from './page/pages.ts'
import { createControl } from './person-http.ts'

/** Everything under one origin, as one fetch: the APIs, the people, faults and calls, and the grid page. */
export function createOrigin({ google, youtube = null }: { google: Google; youtube?: YouTube | null }) {
  const control = createControl(google, youtube)
  const pages = createPages(google)
  return async function fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const own = (await control(request)) ?? pages(request)
    if (own) return own
    const video = youtube && /^\/(youtube\/v3|stats)\//.test(pathname)
    return video ? youtube.fetch(request) : google.fetch(request)
  }
}
