/** How a locale writes whole numbers in one script of digits. */
export interface NumberStyle {
  /** The locale's digit → 0–9 */
  readonly digits: ReadonlyMap<string, string>
  readonly decimal: string
  readonly groups: ReadonlySet<string>
  /** Digits in the last group, and in those before it */
  readonly sizes: readonly (readonly [last: number, others: number])[]
}

const apostrophes = ["'", '’']
const wide: readonly [string, string][] = [...'０１２３４５６７８９'].map((c, i) => [c, String(i)])

/**
 * The styles in which people write numbers in a spreadsheet of this locale (`de_DE`): Western digits first, then the
 * locale's own. An unknown locale gives digits alone: any separator in them would be a guess.
 */
export function numberStyles(locale: string): readonly NumberStyle[] {
  const styles = known.get(locale) ?? stylesOf(locale)
  known.set(locale, styles)
  return styles
}

/** What stands before decimals in this locale; a point where the locale isn't known. */
export function decimalSign(locale: string): string {
  const sign = numberStyles(locale)[0]?.decimal ?? '.'
  return sign === bare.decimal ? '.' : sign
}

/** A locale's styles never change, and asking Intl for them costs as much as a thousand readings. */
const known = new Map<string, readonly NumberStyle[]>()

function stylesOf(locale: string): readonly NumberStyle[] {
  const tag = tagOf(locale)
  if (!tag) return [bare]
  const own = new Intl.NumberFormat(tag).resolvedOptions().numberingSystem
  return [...new Set(['latn', own])].map((system) => styleOf(tag, system))
}

/** `de_DE` → `de-DE`; null where the runtime doesn't know the language. */
function tagOf(locale: string): string | null {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale.replaceAll('_', '-'))[0] ?? null
  } catch {
    return null
  }
}

const western: readonly [string, string][] = [...'0123456789'].map((c) => [c, c])
const bare: NumberStyle = { digits: new Map(western), decimal: '\0', groups: new Set(), sizes: [] }

function styleOf(tag: string, numberingSystem: string): NumberStyle {
  const format = new Intl.NumberFormat(tag, { numberingSystem, useGrouping: 'always' })
  const own = [...new Intl.NumberFormat(tag, { numberingSystem, useGrouping: false }).format(9876543210)]
  const digits = own.toReversed().map((c, i): [string, string] => [c, String(i)])
  const parts = format.formatToParts(123456789.5)
  const group = parts.find(({ type }) => type === 'group')?.value ?? ','
  const integers = parts.filter(({ type }) => type === 'integer').map(({ value }) => value.length)
  // Spaces group everywhere (ISO 80000-1) and are a decimal sign nowhere.
  const groups = new Set([
    ' ',
    group.replace(/\s/u, ' '),
    ...(apostrophes.includes(group) ? apostrophes : []),
  ])
  return {
    digits: new Map([...digits, ...(numberingSystem === 'latn' ? wide : [])]),
    decimal: parts.find(({ type }) => type === 'decimal')?.value ?? '.',
    groups,
    sizes: [
      [3, 3],
      [integers.at(-1) ?? 3, integers.at(-2) ?? 3],
    ],
  }
}
