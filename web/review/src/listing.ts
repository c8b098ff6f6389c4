import type { Scalar, Values } from './outbox.ts'

/** A row of `listings` as people see it. */
export interface Listing {
  readonly id: string
  readonly title: string
  readonly retailer: string
  readonly price: string
  /** Addresses that are safe to open, or null */
  readonly picture: string | null
  readonly link: string | null
}

export function listingOf(row: Values): Listing {
  const id = text(row.id)
  return {
    id,
    title: text(row.title) || 'Without a title',
    retailer: text(row.retailer),
    price: priceOf(row.price ?? null, text(row.currency)),
    picture: web(row.image_url),
    link: web(row.product_url) ?? web(id),
  }
}

/** Money in the currency's smallest unit; an unknown currency is shown as it is named. */
export function priceOf(amount: Scalar, currency: string): string {
  if (typeof amount !== 'number') return ''
  try {
    const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency: currency || 'EUR' })
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2
    const value = amount / 10 ** digits
    return currency ? format.format(value) : value.toFixed(digits)
  } catch {
    return `${(amount / 100).toFixed(2)} ${currency}`
  }
}

const text = (value: Scalar | undefined) => (value == null ? '' : String(value))

/** Only addresses of the web: a row may say `javascript:`. */
function web(value: Scalar | undefined): string | null {
  const address = text(value)
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? address : null
}
