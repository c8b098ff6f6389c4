import { isListName, type ListName } from './lists.ts'

export type DialectName = 'json' | 'html'

/** What a request asks for. */
export type Asked =
  | { readonly type: 'login' | 'login_page' | 'home' | 'create' | 'unknown' }
  | { readonly type: 'list'; readonly list: ListName; readonly page: number; readonly ref: string | null }
  | { readonly type: 'stamp'; readonly list: ListName }
  | { readonly type: 'order' | 'ddt'; readonly id: string }
  | { readonly type: 'image' }

export interface Call {
  readonly method: string
  readonly path: string
  /** Path and query */
  readonly target: string
  readonly dialect: DialectName
  readonly asked: Asked
  /** Whose session it comes with */
  readonly user: string | null
}

/** Reads a request's line; the body is left alone. */
export function callOf({ method, url }: Request, user: string | null): Call {
  const { pathname, search, searchParams } = new URL(url)
  const inJson = pathname === '/api' || pathname.startsWith('/api/')
  const names = pathname.slice(inJson ? '/api/'.length : 1).split('/')
  return {
    method,
    path: pathname,
    target: pathname + search,
    dialect: inJson ? 'json' : 'html',
    asked: askedBy(method, inJson ? ['api', ...names] : names, searchParams),
    user,
  }
}

function askedBy(method: string, names: readonly string[], query: URLSearchParams): Asked {
  const inJson = names[0] === 'api'
  const [first = '', second = '', third] = inJson ? names.slice(1) : names
  const length = names.length - (inJson ? 1 : 0)
  if (method === 'POST') {
    if (length === 1 && first === 'login') return { type: 'login' }
    if (length === 1 && first === 'orders') return { type: 'create' }
  }
  if (method !== 'GET') return { type: 'unknown' }
  if (inJson && length === 1 && isListName(first)) return listAsked(first, query)
  if (inJson && length === 2 && isListName(first) && second === 'stamp') return { type: 'stamp', list: first }
  if (!inJson && length === 2 && first === 'lists' && isListName(second)) return listAsked(second, query)
  if (first === 'orders' && length === 2) return { type: 'order', id: decoded(second) }
  if (first === 'orders' && length === 3 && third === 'ddt') return { type: 'ddt', id: decoded(second) }
  if (inJson) return { type: 'unknown' }
  if (length === 2 && first === 'images') return { type: 'image' }
  if (length === 1 && first === 'login') return { type: 'login_page' }
  return length === 1 && (first === 'home' || first === '') ? { type: 'home' } : { type: 'unknown' }
}

function listAsked(list: ListName, query: URLSearchParams): Asked {
  const page = Number(query.get('page') ?? '1')
  return { type: 'list', list, page, ref: query.get('external_ref') }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
