import { type NumberStyle, numberStyles } from './number-style.ts'
import { scaleOf } from './scale.ts'

/** A count as a person typed it, or why it can't be taken for one number. */
export type ParsedCount = { readonly value: number } | { readonly reason: string }

/** Longer texts are not numbers; it also bounds the work. */
const LONGEST = 40

/**
 * Reads a count that stands as text in a sheet of this locale (`de_DE`): `1.234`, `1 234`, `3,4 M`, `2 Mio`. Strict: what
 * could mean two numbers, or isn't whole, gives a reason and never a guess. Rejecting a readable number costs a person
 * one look; accepting a wrong one is merged by MAX for good.
 */
export function parseCount(text: string, locale: string): ParsedCount {
  // Directional marks are invisible; every kind of space means the same.
  const plain = text
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/[\u00a0\u202f\u2007\u2009]/g, ' ')
    .trim()
  if (plain.length > LONGEST) return { reason: 'too long for a number' }
  const styles = numberStyles(locale)
  const style = styles.find(({ digits }) => [...plain].every((c) => !/\p{Nd}/u.test(c) || digits.has(c)))
  if (!style) return { reason: 'its digits are of two scripts, or not of this locale' }
  const western = [...plain].map((c) => style.digits.get(c) ?? c).join('')
  const found = /^(?<number>\d(?:.*\d)?) ?(?<suffix>[\p{L}\p{M}]+\.?)?$/u.exec(western)?.groups
  if (!found?.number) return { reason: whyNot(western) }
  const power = scaleOf(found.suffix ?? '', locale)
  if (power === null) return { reason: `“${found.suffix}” is not a known unit` }
  return scaled(found.number, power, style, locale)
}

function scaled(number: string, power: number, style: NumberStyle, locale: string): ParsedCount {
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
  const decimals = (fraction ?? '').replace(/0+$/, '')
  if (decimals.length > power) return { reason: 'it is not a whole number' }
  const value = Number(digits + decimals.padEnd(power, '0'))
  return Number.isSafeInteger(value) ? { value } : { reason: 'it is too large to be exact' }
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

function whyNot(text: string): string {
  if (/%/.test(text)) return 'a percentage is not a count'
  if (/^[-−–(]\s*\d/.test(text)) return 'a count is not negative'
  if (/^[~≈<>±+]|[+?]$/.test(text) && /\d/.test(text)) return 'it is not exact'
  return /\d/.test(text) ? 'it is not a plain number' : 'it is not a number'
}
