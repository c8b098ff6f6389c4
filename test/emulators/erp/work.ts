import type { Call } from './call.ts'
import type { Dialect } from './dialect.ts'
import type { Shaping } from './faults.ts'
import { homePage, html, loginPage } from './html.ts'
import { imageOf } from './images.ts'
import { json, stampAnswer } from './json.ts'
import { listingOf } from './listing.ts'
import type { ListName } from './lists.ts'
import { createOrders } from './orders.ts'
import { type Sessions, sessionCookie } from './sessions.ts'
import type { Store } from './store.ts'

interface Parts {
  readonly store: Store
  readonly sessions: Sessions
  readonly clock: () => number
  /** Lists that tell a change stamp */
  readonly stamps: readonly string[]
}

/** What a call comes with besides its line. */
export interface Brought {
  readonly body: string
  /** Of the session */
  readonly token: string | null
  readonly shaping: Shaping | null
}

export const dialects: Readonly<Record<Call['dialect'], Dialect>> = { json, html }

/** Does what calls ask for, and answers in their dialect. */
export function createWork({ store, sessions, clock, stamps }: Parts) {
  const orders = createOrders(store, clock)
  let images: { readonly changes: number; readonly paths: ReadonlySet<unknown> } | null = null

  function perform({ asked, dialect, path }: Call, { body, token, shaping }: Brought): Response {
    const speak = dialects[dialect]
    if (asked.type === 'login_page') return loginPage()
    if (asked.type === 'login') return login(speak, body)
    const user = sessions.userOf(token)
    if (user === null) return speak.expired()
    switch (asked.type) {
      case 'list': {
        const { list, page, ref } = asked
        const { rows } = store.state(list, user)
        const shown = ref === null ? rows : rows.filter(({ external_ref }) => external_ref === ref)
        const listing = listingOf(shown, { list, page, stamp: stampOf(list, user), shaping })
        return listing ? speak.list(listing) : speak.missing('page')
      }
      case 'stamp': {
        const stamp = stampOf(asked.list, user)
        if (stamp === null) return speak.missing('stamp')
        return stampAnswer(stamp, store.state(asked.list, user).rows.length)
      }
      case 'order':
      case 'ddt': {
        const detail = store.detail(user, asked.id)
        return detail ? speak[asked.type](asked.id, detail) : speak.missing('order')
      }
      case 'create': {
        const creation = orders.create(user, speak.orderIn(body))
        return creation.ok ? speak.created(creation.id, creation.number) : speak.refused(creation.reason)
      }
      case 'image':
        if (!hasImage(path)) return speak.missing('image')
        return new Response(imageOf(path), { headers: { 'content-type': 'image/jpeg' } })
      case 'home':
        return homePage(user)
      default:
        return speak.missing('page')
    }
  }

  function login(speak: Dialect, body: string): Response {
    const { user, password } = speak.credentialsIn(body)
    const token = sessions.login(user, password)
    if (token === null) return speak.wrongLogin()
    return speak.signedIn(user, `${sessionCookie}=${token}; Path=/; HttpOnly`)
  }

  /** Changes with every change of the list; null where the list offers none. */
  function stampOf(list: ListName, user: string): string | null {
    return stamps.includes(list) ? `${list.slice(0, 2)}${store.state(list, user).changes.toString(36)}` : null
  }

  function hasImage(path: string): boolean {
    const { rows, changes } = store.state('products', '')
    if (images?.changes !== changes) images = { changes, paths: new Set(rows.map(({ image }) => image)) }
    return images.paths.has(path)
  }

  return perform
}
