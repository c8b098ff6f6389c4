import { type NumberStyle, numberStyles } from './number-style.ts'

/** A number's digits as they were typed, or why they are none. */
export type Digits = { readonly whole: string; readonly decimals: string } | { readonly reason: string }

/** A number in Western digits with a point, `-12.50`, or why the text is none. */
export type ParsedDecimal =
  | { readonly decimal: string; readonly percent: boolean }
  | { readonly reason: string }

/** Longer texts are not numbers; it also bounds the work. */
export const LONGEST = 40

/** A text as it is read: directional marks are invisible, and every kind of space means the same. */
export const plainText = (text: string): string =>
  text
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/[\u00a0\u202f\u2007\u2009]/g, ' ')
    .trim()

/** The style in which a text's digits are written, and the text in Western ones; null: its digits are of none. */
export function westernDigits(
  plain: string,
  locale: string,
): { readonly western: string; readonly style: NumberStyle } | null {
  const style = numberStyles(locale).find(({ digits }) =>
    [...plain].every((c) => !/\p{Nd}/u.test(c) || digits.has(c)),
  )
  return style ? { western: [...plain].map((c) => style.digits.get(c) ?? c).join(''), style } : null
}

/** Takes digits with separators apart as the locale writes them. Strict: what could mean two numbers is refused. */
export function digitsOf(number: string, style: NumberStyle, locale: string): Digits {
  const [whole = '', fraction, ...more] = number.split(style.decimal)
  if (more.length > 0) return { reason: 'it has two decimal separators' }
  if (fraction !== undefined && !/^\d+$/.test(fraction))
    return { reason: 'it has thousands after the decimals' }
  const digits = ungrouped(whole, style)
  if (digits === null) return { reason: `its thousands are not grouped as ${locale} does` }
  if (/^0\d/.test(digits)) return { reason: 'it starts with a zero' }
  // `1.234` is a decimal number here and a grouped one elsewhere: whoever typed it knows, we don't.
  if (fraction?.length === 3 && whole === digits && digits.length <= 3 && digits !== '0')
    return { reason: 'it could mean thousands or decimals' }
  return { whole: digits, decimals: fraction ?? '' }
}

/** Reads a number that stands as text in a sheet of this locale: `-1.234,5`, `12,50 €`, `5 %`. */
export function parseDecimal(text: string, locale: string): ParsedDecimal {
  const plain = plainText(text)
  if (plain.length > LONGEST) return { reason: 'too long for a number' }
  const found = westernDigits(plain, locale)
  if (!found) return { reason: 'its digits are of two scripts, or not of this locale' }
  const parts = SHAPE.exec(found.western)?.groups
  const { sign, before, inner, number = '', percent, after } = parts ?? {}
  if (!parts || (before && (after || percent)) || (sign && inner))
    return { reason: /\d/.test(found.western) ? 'it is not a plain number' : 'it is not a number' }
  const digits = digitsOf(number, found.style, locale)
  if ('reason' in digits) return digits
  const decimals = digits.decimals === '' ? '' : `.${digits.decimals}`
  return { decimal: `${sign || inner ? '-' : ''}${digits.whole}${decimals}`, percent: percent !== undefined }
}

const MONEY = String.raw`(?:\p{Sc}|[A-Z]{3})`
const SHAPE = new RegExp(
  `^(?<sign>[-−])?(?:(?<before>${MONEY}) ?(?<inner>[-−])?)?(?<number>\\d(?:.*\\d)?)(?: ?(?:(?<percent>%)|(?<after>${MONEY})))?$`,
  'u',
)

/** A number written out in full: no exponent, and no more digits than tell it from its neighbours. */
export function decimalOf(number: number): string {
  const text = String(number)
  const [mantissa = '', exponent] = text.split('e')
  return exponent === undefined ? text : shifted(mantissa, Number(exponent))
}

/** A decimal with its point moved to the right: `shifted('12.5', 2)` is `1250`. Exact. */
export function shifted(decimal: string, places: number): string {
  const negative = decimal.startsWith('-')
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  const digits = whole + fraction
  const point = whole.length + places
  const padded = point <= 0 ? digits.padStart(digits.length - point + 1, '0') : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const right = padded.slice(at).replace(/0+$/, '')
  const size = right === '' ? left : `${left}.${right}`
  return negative && size !== '0' ? `-${size}` : size
}

/** Digits without their group separators; null where those don't stand as the locale puts them. */
function ungrouped(whole: string, { groups, sizes }: NumberStyle): string | null {
  if (/^\d+$/.test(whole)) return whole
  const separators = new Set(whole.replace(/\d/g, ''))
  const [separator = ''] = separators
  if (separators.size !== 1 || !groups.has(separator)) return null
  const parts = whole.split(separator)
  if (parts[0]?.startsWith('0')) return null
  return sizes.some((size) => fits(parts, size)) ? parts.join('') : null
}

function fits(parts: readonly string[], [last, others]: readonly [number, number]): boolean {
  return parts.every((part, index) => {
    if (index === parts.length - 1) return part.length === last
    return index === 0 ? part.length >= 1 && part.length <= others : part.length === others
  })
}
