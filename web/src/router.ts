import { signal } from '@preact/signals'

/** Where the page is. `moves` counts navigations: 0 is the first load, which keeps the browser's own focus. */
export const place = signal({
  path: location.pathname,
  query: new URLSearchParams(location.search),
  moves: 0,
})

/** Goes to a path of this page. `replace` changes the address only: no new entry, no scrolling, no focus. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(history.state, '', to)
    place.value = { ...here(), moves: place.value.moves }
    return
  }
  leave()
  shown = ++entries
  history.pushState({ entry: shown }, '', to)
  place.value = { ...here(), moves: place.value.moves + 1 }
  scrollTo(0, 0)
}

/** Parameters of `pattern` (`/runs/:id`) in `path`; null where it doesn't match. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const found = path.replace(/(.)\/$/, '$1').split('/')
  if (wanted.length !== found.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const value = found[i] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decode(value)
    else if (part !== value) return null
  }
  return params
}

/** Takes over plain clicks on links of this page, and the browser's back and forward. */
export function startRouter(): void {
  history.scrollRestoration = 'manual'
  history.replaceState({ entry: shown }, '')
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const to = link?.getAttribute('href') ?? ''
    if (!link || link.target || !to.startsWith('/') || SERVED.test(to)) return
    event.preventDefault()
    navigate(to)
  })
  addEventListener('popstate', (event) => {
    leave()
    shown = entryOf(event.state)
    place.value = { ...here(), moves: place.value.moves + 1 }
    // What was read before is rendered at once; two frames later the page has its height again.
    const top = scrolled.get(shown) ?? 0
    requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, top)))
  })
}

/** Paths that the server answers itself. */
const SERVED = /^\/(api|docs|review|openapi\.json)(\/|$)/

const scrolled = new Map<number, number>()
let entries = entryOf(history.state)
let shown = entries

const leave = () => scrolled.set(shown, scrollY)

const here = () => ({ path: location.pathname, query: new URLSearchParams(location.search) })

function entryOf(state: unknown): number {
  return state !== null && typeof state === 'object' && 'entry' in state ? Number(state.entry) : 0
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
