const euros = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' })
const percents = [2, 1, 0].map(
  (digits) =>
    new Intl.NumberFormat('en-GB', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: 'always',
    }),
)

/** Cents as euros, with a true minus; a dash where there is no price. */
export const money = (cents: number | null) =>
  cents === null ? '–' : euros.format(cents / 100).replace('-', '−')

export interface Difference {
  readonly way: 'up' | 'down' | 'new' | 'gone'
  /** `+4.2 %`; without a number that it could be a share of, in words or in euros */
  readonly text: string
}

/** How a price moved, from and to in cents. */
export function difference(from: number | null, to: number | null): Difference {
  if (from === null) return { way: 'new', text: 'first price' }
  if (to === null) return { way: 'gone', text: 'no price now' }
  const way = to > from ? 'up' : 'down'
  if (from === 0) return { way, text: `${to > from ? '+' : ''}${money(to - from)}` }
  const percent = ((to - from) / Math.abs(from)) * 100
  const size = Math.abs(percent)
  if (size < 0.01) return { way, text: 'under 0.01 %' }
  const format = percents[size < 1 ? 0 : size < 100 ? 1 : 2]
  return { way, text: `${format?.format(percent).replace('-', '−')} %` }
}
