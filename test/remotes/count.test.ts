import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCount } from '../../sync/remotes/google-sheets/count.ts'

const locales = [
  'en_US',
  'en_GB',
  'en_IN',
  'hi_IN',
  'de_DE',
  'de_CH',
  'de_AT',
  'fr_FR',
  'es_ES',
  'es_MX',
  'pt_BR',
]
const more = [
  'pt_PT',
  'it_IT',
  'pl_PL',
  'ru_RU',
  'sv_SE',
  'ja_JP',
  'zh_CN',
  'ar_EG',
  'fa_IR',
  'bn_BD',
  'mr_IN',
  'iw_IL',
]
const allLocales = [...locales, ...more]

describe('A count that a person typed as text', () => {
  test.each([
    ['1,234', 'en_US', 1234],
    ['12,345,678', 'en_US', 12345678],
    ['1 234', 'en_US', 1234],
    ['1\u00a0234', 'de_DE', 1234],
    ['1\u202f234\u202f567', 'fr_FR', 1234567],
    ['1.234', 'de_DE', 1234],
    ["1'234'567", 'de_CH', 1234567],
    ['1’234', 'de_CH', 1234],
    ['12,34,567', 'en_IN', 1234567],
    ['1,234,567', 'en_IN', 1234567],
    ['12,34,567', 'hi_IN', 1234567],
    ['1.2K', 'en_US', 1200],
    ['1.2k', 'en_US', 1200],
    ['3,4 M', 'de_DE', 3400000],
    ['3,4 M', 'fr_FR', 3400000],
    ['2 Mio', 'de_DE', 2000000],
    ['2 Mio.', 'de_DE', 2000000],
    ['1,5 Mrd', 'de_DE', 1500000000],
    ['1.5B', 'en_US', 1500000000],
    ['1.5bn', 'en_GB', 1500000000],
    ['2 million', 'en_GB', 2000000],
    ['1,2 mil', 'es_ES', 1200],
    ['1,2 млн', 'ru_RU', 1200000],
    ['1.2万', 'ja_JP', 12000],
    ['12.00', 'en_US', 12],
    ['0', 'en_US', 0],
    ['0.5K', 'en_US', 500],
    ['  42 ', 'en_US', 42],
    ['１２３', 'ja_JP', 123],
    ['１２3', 'ja_JP', 123],
    ['١٬٢٣٤', 'ar_EG', 1234],
    ['9007199254740991', 'en_US', 9007199254740991],
  ])('%s in %s is %i', (text, locale, value) => {
    expect(parseCount(text, locale)).toEqual({ value })
  })

  test.each([
    ['1.234', 'en_US', /thousands or decimals/],
    ['1.000', 'en_US', /thousands or decimals/],
    ['1,234', 'de_DE', /thousands or decimals/],
    ['1.234K', 'en_US', /thousands or decimals/],
    ['1,2', 'en_US', /grouped/],
    ['1.2', 'de_DE', /grouped/],
    ['1.5', 'en_US', /not a whole/],
    ['1.2345K', 'en_US', /not a whole/],
    ['12,34', 'en_US', /grouped/],
    ['1234,567', 'en_US', /grouped/],
    ['1,234 567', 'en_US', /grouped/],
    ["1'234", 'en_US', /grouped/],
    ['0,123', 'en_US', /grouped/],
    ['12,34,567', 'en_US', /grouped/],
    ['1.2.3', 'en_US', /two decimal/],
    ['1.2,345', 'en_US', /after the decimals/],
    ['~100', 'en_US', /not exact/],
    ['100+', 'en_US', /not exact/],
    ['1-2k', 'en_US', /grouped|plain/],
    ['-5', 'en_US', /negative/],
    ['−5', 'en_US', /negative/],
    ['(5)', 'en_US', /negative/],
    ['50%', 'en_US', /percentage/],
    ['007', 'en_US', /zero/],
    ['1.5B', 'de_DE', /unit|grouped/],
    ['2 B', 'de_DE', /unit/],
    ['2 mil', 'en_US', /unit/],
    ['2 T', 'en_IN', /unit/],
    ['10²', 'en_US', /plain/],
    ['1e5', 'en_US', /plain|grouped/],
    ['n/a', 'en_US', /not a number/],
    ['', 'en_US', /not a number/],
    ['١2', 'ar_EG', /scripts/],
    ['9007199254740992', 'en_US', /too large/],
    ['10,000,000 B', 'en_US', /too large/],
    ['1,234', 'xx_YY', /grouped/],
    ['1'.repeat(60), 'en_US', /too long/],
  ])('%s in %s is refused with a reason', (text, locale, reason) => {
    const parsed = parseCount(text, locale)
    expect('reason' in parsed && parsed.reason).toMatch(reason)
  })

  test('reads back what any locale writes', () => {
    const counts = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
    fc.assert(
      fc.property(fc.constantFrom(...allLocales), counts, (locale, value) => {
        const text = new Intl.NumberFormat(locale.replace('_', '-'), { useGrouping: 'always' }).format(value)
        expect(parseCount(text, locale)).toEqual({ value })
      }),
      { numRuns: 500 },
    )
  })

  test('is whole, not negative and exact whatever stands there, and the same once its separators are gone', () => {
    const char = fc.constantFrom(..."0123456789.,\u00a0 '’KkMBmio-+%~１٣٬", 'Mio', 'bn', '000', '123')
    const text = fc.array(char, { maxLength: 9 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(fc.constantFrom(...allLocales), text, (locale, typed) => {
        const parsed = parseCount(typed, locale)
        if (!('value' in parsed)) return
        expect(Number.isSafeInteger(parsed.value) && parsed.value >= 0).toBe(true)
        if (/[^\d., \u00a0'’]/.test(typed)) return
        // Accepted without a unit: at most trailing zero decimals may fall away with the separators.
        const digits = typed.replace(/\D/g, '')
        // `0,000` is nothing whichever way it is read.
        const zeros = parsed.value === 0 && /^0+$/.test(digits)
        expect(
          zeros || ['', '0', '00', '0000', '00000'].some((tail) => `${parsed.value}${tail}` === digits),
        ).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  test('that one locale accepts with a separator is never read as another number by the opposite locale', () => {
    const text = fc
      .tuple(
        fc.integer({ min: 1, max: 999 }),
        fc.constantFrom('.', ','),
        fc.stringMatching(/^\d{3}$/),
        fc.constantFrom('', 'K', ' M'),
      )
      .map(([a, separator, b, unit]) => `${a}${separator}${b}${unit}`)
    fc.assert(
      fc.property(text, (typed) => {
        const readings = ['en_US', 'de_DE'].map((locale) => parseCount(typed, locale))
        expect(readings.filter((reading) => 'value' in reading)).toHaveLength(1)
      }),
    )
  })
})
