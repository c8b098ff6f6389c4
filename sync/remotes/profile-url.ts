/** Where a profile lives. `other`: a host that is not known here. */
export type Platform =
  | 'youtube'
  | 'instagram'
  | 'tiktok'
  | 'x'
  | 'facebook'
  | 'threads'
  | 'twitch'
  | 'linkedin'
  | 'telegram'
  | 'vk'
  | 'other'

interface Site {
  readonly platform: Platform
  readonly hosts: readonly string[]
  /** Query parameters that are part of who is meant */
  readonly keeps?: readonly string[]
  /** How many leading segments of a path name the profile, and are compared without regard to case */
  readonly handle: (path: readonly string[]) => { readonly lower: number; readonly keep?: number }
}

const first = () => ({ lower: 1 })

/** The first host of a site is the one that stands in a key. */
const sites: readonly Site[] = [
  {
    platform: 'youtube',
    hosts: ['youtube.com'],
    keeps: ['v', 'list'],
    // `/channel/UC…` is case-sensitive; tabs (`/videos`, `/about`) are the same channel.
    handle: ([kind = '']) => {
      if (kind.startsWith('@')) return { lower: 1, keep: 1 }
      if (kind === 'channel') return { lower: 0, keep: 2 }
      return kind === 'c' || kind === 'user' ? { lower: 2, keep: 2 } : { lower: 0 }
    },
  },
  { platform: 'instagram', hosts: ['instagram.com'], handle: first },
  { platform: 'tiktok', hosts: ['tiktok.com'], handle: first },
  { platform: 'x', hosts: ['x.com', 'twitter.com'], handle: first },
  { platform: 'facebook', hosts: ['facebook.com', 'fb.com'], keeps: ['id', 'story_fbid'], handle: first },
  { platform: 'threads', hosts: ['threads.net', 'threads.com'], handle: first },
  { platform: 'twitch', hosts: ['twitch.tv'], handle: first },
  { platform: 'linkedin', hosts: ['linkedin.com'], handle: () => ({ lower: 2 }) },
  { platform: 'telegram', hosts: ['t.me', 'telegram.me'], handle: first },
  { platform: 'vk', hosts: ['vk.com', 'vk.ru'], handle: first },
]

/** Parameters that say where a link was shared, never who is meant. */
const tracking = /^(utm_.*|fbclid|gclid|igsh|igshid|si|ref|ref_src|feature|mc_cid|mc_eid)$/i

/**
 * One text for all the ways to write a profile's address, or null where it is none. Idempotent. https, no `www.` or `m.`,
 * no trailing slash, no fragment, percent-decoded NFC; handles in lower case where the site doesn't tell them apart.
 * Of the query only what identifies is kept; on an unknown host everything but trackers, because merging two profiles
 * is worse than listing one twice.
 */
export function profileUrlKey(text: string): string | null {
  const url = parse(text)
  if (!url) return null
  const host = bareHost(url)
  const site = siteOf(host)
  const all = url.pathname.split('/').filter((segment) => segment !== '')
  const path = all.map(readable)
  const { lower, keep = path.length } = site?.handle(path.map(fold)) ?? { lower: 0 }
  const named = path.slice(0, keep).map((segment, index) => (index < lower ? fold(segment) : segment))
  const query = [...url.searchParams]
    .filter(([name]) => (site ? (site.keeps?.includes(name) ?? false) : !tracking.test(name)))
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const search = query.length > 0 && keep >= path.length ? `?${new URLSearchParams(query)}` : ''
  const port = url.port ? `:${url.port}` : ''
  return `https://${site?.hosts[0] ?? host}${port}${named.map((segment) => `/${segment}`).join('')}${search}`
}

/** The platform that an address belongs to. */
export function platformOf(text: string): Platform {
  const url = parse(text)
  return (url && siteOf(bareHost(url))?.platform) ?? 'other'
}

function parse(text: string): URL | null {
  const typed = text.trim()
  if (/\s/.test(typed)) return null
  const scheme = /^([a-z][a-z0-9+.-]*):(?!\d)/i.exec(typed)?.[1]?.toLowerCase()
  if (scheme && scheme !== 'http' && scheme !== 'https') return null
  const url = URL.parse(scheme ? typed : `https://${typed.replace(/^\/\//, '')}`)
  // A host without a dot is a word, and one without letters a number (`1200` would be the address 0.0.4.176).
  if (!url || url.username || url.password || !/^[^.]+\..*[a-z][^.]*\.?$/.test(url.hostname)) return null
  return url
}

const bareHost = ({ hostname }: URL): string =>
  hostname.replace(/\.$/, '').replace(/^(?:(?:www|m|mobile)\.)+(?=[^.]+\.)/, '')

const siteOf = (host: string): Site | undefined => sites.find(({ hosts }) => hosts.includes(host))

const fold = (text: string): string => text.toLowerCase().normalize('NFC')

/** Percent-decoded, but for what would change how the address is read. */
function readable(segment: string): string {
  try {
    return decodeURIComponent(segment)
      .normalize('NFC')
      .replace(/[%/?#\\\s\p{Cc}]/gu, encodeURIComponent)
  } catch {
    return segment
  }
}
