import type { Listing } from './listing.ts'
import type { OrderDetail } from './store.ts'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** An order as somebody sent it. */
export interface SentOrder {
  readonly externalRef: string | null
  readonly customerId: string
  readonly note: string | null
  readonly lines: readonly SentLine[]
}

export interface SentLine {
  readonly productId: string
  readonly quantity: number
  readonly price?: number | undefined
  readonly discount?: number | undefined
}

/** How one dialect hears and answers; the work is the same for both. */
export interface Dialect {
  credentialsIn(body: string): Credentials
  /** null: this is no order at all */
  orderIn(body: string): SentOrder | null
  list(listing: Listing): Response
  order(id: string, detail: OrderDetail): Response
  ddt(id: string, detail: OrderDetail): Response
  created(id: string, number: string): Response
  refused(reason: string): Response
  signedIn(user: string, cookie: string): Response
  wrongLogin(): Response
  expired(): Response
  missing(what: string): Response
  busy(): Response
  /** With a body that somebody else wrote */
  bare(status: number, body: string | undefined): Response
  errorText(text: string): Response
}
