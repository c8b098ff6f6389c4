import { invalid } from './failure.ts'

/** How a spreadsheet's locale writes numbers, dates and truth. */
export interface Locale {
  readonly decimal: string
  /** What stands between thousands on display */
  readonly group: string
  readonly dateOrder: 'mdy' | 'dmy'
  readonly datePattern: string
  readonly timePattern: string
  readonly currency: string
  readonly currencyFirst: boolean
  readonly yes: string
  readonly no: string
}

const narrowSpace = '\u202f'
const hardSpace = '\u00a0'

const locales: Readonly<Record<string, Locale>> = {
  en_US: {
    decimal: '.',
    group: ',',
    dateOrder: 'mdy',
    datePattern: 'm/d/yyyy',
    timePattern: 'h:mm:ss am/pm',
    currency: '$',
    currencyFirst: true,
    yes: 'TRUE',
    no: 'FALSE',
  },
  en_GB: {
    decimal: '.',
    group: ',',
    dateOrder: 'dmy',
    datePattern: 'dd/mm/yyyy',
    timePattern: 'hh:mm:ss',
    currency: '£',
    currencyFirst: true,
    yes: 'TRUE',
    no: 'FALSE',
  },
  de_DE: {
    decimal: ',',
    group: '.',
    dateOrder: 'dmy',
    datePattern: 'dd.mm.yyyy',
    timePattern: 'hh:mm:ss',
    currency: '€',
    currencyFirst: false,
    yes: 'WAHR',
    no: 'FALSCH',
  },
  fr_FR: {
    decimal: ',',
    group: narrowSpace,
    dateOrder: 'dmy',
    datePattern: 'dd/mm/yyyy',
    timePattern: 'hh:mm:ss',
    currency: '€',
    currencyFirst: false,
    yes: 'VRAI',
    no: 'FAUX',
  },
  es_ES: {
    decimal: ',',
    group: '.',
    dateOrder: 'dmy',
    datePattern: 'd/m/yyyy',
    timePattern: 'h:mm:ss',
    currency: '€',
    currencyFirst: false,
    yes: 'VERDADERO',
    no: 'FALSO',
  },
  ru_RU: {
    decimal: ',',
    group: hardSpace,
    dateOrder: 'dmy',
    datePattern: 'dd.mm.yyyy',
    timePattern: 'h:mm:ss',
    currency: '₽',
    currencyFirst: false,
    yes: 'ИСТИНА',
    no: 'ЛОЖЬ',
  },
}

/** The locale of that name; refuses one that the emulator doesn't know. */
export function localeNamed(name: string): Locale {
  const locale = locales[name]
  if (!locale) throw invalid(`Unsupported locale: ${name} (known: ${Object.keys(locales).join(', ')})`)
  return locale
}

/** Thousands may be typed with any kind of space where the locale groups by one. */
export function groupPattern(locale: Locale): string {
  return /\s/.test(locale.group) ? `[ ${hardSpace}${narrowSpace}]` : `[${locale.group}]`
}

/** A locale's pattern for money, with or without cents. */
export function currencyPattern(locale: Locale, cents: boolean): string {
  const digits = cents ? '#,##0.00' : '#,##0'
  return locale.currencyFirst ? `"${locale.currency}"${digits}` : `${digits}"${hardSpace}${locale.currency}"`
}

const dayLength = 86_400_000
/** Serial number of 1970-01-01, counted from 1899-12-30 */
const unixEpoch = 25_569

/** The serial number of a calendar day, or null where no such day exists. */
export function serialOf(year: number, month: number, day: number): number | null {
  const time = Date.UTC(year, month - 1, day)
  const date = new Date(time)
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return real ? time / dayLength + unixEpoch : null
}

/** The wall clock that a serial number shows, as UTC fields. */
export function dateOfSerial(serial: number): Date {
  return new Date(Math.round((serial - unixEpoch) * dayLength))
}
