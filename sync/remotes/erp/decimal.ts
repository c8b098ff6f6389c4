/**
 * The digits of a decimal as a whole number of its `places`-th part: 12.5 with two places is 1250. Digits are moved, not
 * multiplied, so nothing is rounded. null: further digits that are not zero, or too large to be exact.
 */
export function scaled(sign: string, whole: string, fraction: string, places: number): number | null {
  const digits = fraction.replace(/0+$/, '')
  if (digits.length > places) return null
  const number = Number(whole + digits.padEnd(places, '0'))
  if (!Number.isSafeInteger(number)) return null
  // Minus zero is nobody's number: something was lost on its way here.
  return sign === '' ? number : number === 0 ? null : -number
}
