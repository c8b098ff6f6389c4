import { type Digits, digitsOf, LONGEST, plainText, westernDigits } from './decimal.ts'
import { scaleOf } from './scale.ts'

/** A count as a person typed it, or why it can't be taken for one number. */
export type ParsedCount = { readonly value: number } | { readonly reason: string }

/**
 * Reads a count that stands as text in a sheet of this locale (`de_DE`): `1.234`, `1 234`, `3,4 M`, `2 Mio`. Strict: what
 * could mean two numbers, or isn't whole, gives a reason and never a guess. Rejecting a readable number costs a person
 * one look; accepting a wrong one is merged by MAX for good.
 */
export function parseCount(text: string, locale: string): ParsedCount {
  const plain = plainText(text)
  if (plain.length > LONGEST) return { reason: 'too long for a number' }
  const digits = westernDigits(plain, locale)
  if (!digits) return { reason: 'its digits are of two scripts, or not of this locale' }
  const { western, style } = digits
  const found = /^(?<number>\d(?:.*\d)?) ?(?<suffix>[\p{L}\p{M}]+\.?)?$/u.exec(western)?.groups
  if (!found?.number) return { reason: whyNot(western) }
  const power = scaleOf(found.suffix ?? '', locale)
  if (power === null) return { reason: `“${found.suffix}” is not a known unit` }
  return scaled(digitsOf(found.number, style, locale), power)
}

function scaled(digits: Digits, power: number): ParsedCount {
  if ('reason' in digits) return digits
  const decimals = digits.decimals.replace(/0+$/, '')
  if (decimals.length > power) return { reason: 'it is not a whole number' }
  const value = Number(digits.whole + decimals.padEnd(power, '0'))
  return Number.isSafeInteger(value) ? { value } : { reason: 'it is too large to be exact' }
}

function whyNot(text: string): string {
  if (/%/.test(text)) return 'a percentage is not a count'
  if (/^[-−–(]\s*\d/.test(text)) return 'a count is not negative'
  if (/^[~≈<>±+]|[+?]$/.test(text) && /\d/.test(text)) return 'it is not exact'
  return /\d/.test(text) ? 'it is not a plain number' : 'it is not a number'
}
