import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readValue, showValue, writeValue } from '../../sync/remotes/google-sheets/cell-types.ts'
import type { CellData, Entered } from '../../sync/remotes/google-sheets/tab.ts'

const locales = ['en_US', 'de_DE', 'fr_FR']
const zones = ['Etc/GMT', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia']
const us = { locale: 'en_US', timeZone: 'Etc/GMT' }

const cell = (value: Entered | string | number | boolean, format?: string): CellData => ({
  effectiveValue:
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'number'
        ? { numberValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : value,
  ...(format && { effectiveFormat: { numberFormat: { type: format } } }),
})

const money = fc.integer({ min: -(10 ** 14), max: 10 ** 14 })
const days = fc
  .integer({ min: Date.UTC(1000, 0, 1) / 86_400_000, max: Date.UTC(9999, 11, 31) / 86_400_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10))
/** Any moment, and those around which clocks change. */
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) }),
  fc
    .tuple(
      fc.constantFrom('2026-10-25T01:00Z', '2026-03-29T01:00Z', '2026-11-01T04:30Z', '2011-12-30T10:00Z'),
      fc.integer({ min: -7_200_000, max: 7_200_000 }),
    )
    .map(([around, ms]) => Date.parse(around) + ms),
)
const texts = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('007', ' 1', '=1+1', "'5", '1234567890123456', '1.5', 'TRUE', '2026-03-01', '5 %'),
  )
  .filter((text) => text !== '')

describe('What is written into a cell is read from it exactly, in any locale, time zone and format', () => {
  const cases: [string, fc.Arbitrary<string | number>, (string | undefined)[]][] = [
    ['string', texts, [undefined, 'TEXT', 'NUMBER', 'DATE', 'PERCENT', 'CURRENCY']],
    ['text', texts.map((text) => text.trim()).filter((text) => text !== ''), [undefined, 'TEXT', 'DATE']],
    ['integer', fc.maxSafeInteger(), [undefined, 'NUMBER', 'CURRENCY']],
    ['number', fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0), [undefined, 'NUMBER']],
    ['money', money, [undefined, 'NUMBER', 'CURRENCY']],
    [
      'percent',
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((n) => n + 0),
      [undefined, 'PERCENT', 'NUMBER'],
    ],
    ['boolean', fc.constantFrom(0, 1), [undefined]],
    ['date', days, [undefined, 'DATE', 'DATE_TIME', 'TEXT']],
    ['datetime', moments, [undefined, 'DATE', 'DATE_TIME', 'TEXT']],
  ]

  test.each(cases)('%s', (type, values, formats) => {
    fc.assert(
      fc.property(
        values,
        fc.constantFrom(...locales),
        fc.constantFrom(...zones),
        fc.constantFrom(...formats),
        (value, locale, timeZone, format) => {
          const before = cell('what was there', format)
          const written = writeValue(value, type, before, { locale, timeZone })
          if ('reason' in written) throw new Error(`${value}: ${written.reason}`)
          const after = { ...before, effectiveValue: written.entered ?? {} }
          expect(readValue(after, type, { locale, timeZone })).toEqual({ value })
        },
      ),
      { numRuns: 400 },
    )
  })

  test('nothing is written for no value and for no text, and a blank cell says null', () => {
    for (const [type] of cases) {
      expect(writeValue(null, type, {}, us)).toEqual({ entered: null })
      expect(readValue({}, type, us)).toEqual({ value: null })
      expect(readValue(cell(''), type, us)).toEqual({ value: null })
    }
  })

  test('50,000 characters pass, one more is refused with the limit', () => {
    expect(writeValue('x'.repeat(50_000), 'string', {}, us)).toEqual({
      entered: { stringValue: 'x'.repeat(50_000) },
    })
    expect(writeValue('x'.repeat(50_001), 'string', {}, us)).toEqual({
      reason: 'it has 50001 characters, and a cell holds 50000',
    })
  })

  test('what a cell would say otherwise is refused', () => {
    expect(writeValue(5, 'boolean', {}, us)).toHaveProperty('reason')
    expect(writeValue(5, 'money', cell(1, 'PERCENT'), us)).toHaveProperty('reason')
    expect(writeValue(' ann ', 'text', {}, us)).toHaveProperty('reason')
    expect(writeValue('2026-02-30', 'date', {}, us)).toHaveProperty('reason')
  })
})

describe('A cell that a person filled', () => {
  const unreadable = expect.objectContaining({ reason: expect.any(String) })
  test.each<[string, CellData, string, string | number | null | typeof unreadable]>([
    ['string', cell(' a '), 'en_US', ' a '],
    ['string', cell(7), 'en_US', '7'],
    ['string', cell(1.5), 'de_DE', '1.5'],
    ['string', cell(999_999_999_999_999), 'en_US', '999999999999999'],
    ['string', cell(1_234_567_890_123_450), 'en_US', unreadable],
    ['string', cell(true), 'en_US', 'TRUE'],
    ['string', cell(46_082, 'DATE'), 'en_US', unreadable],
    ['string', cell(0.5, 'PERCENT'), 'en_US', unreadable],
    ['text', cell(' ann '), 'en_US', 'ann'],
    ['text', cell('  '), 'en_US', null],
    ['integer', cell(12), 'en_US', 12],
    ['integer', cell(-0), 'en_US', 0],
    ['integer', cell('1,234'), 'en_US', 1234],
    ['integer', cell('-1.234.567'), 'de_DE', -1_234_567],
    ['integer', cell('1.234'), 'en_US', unreadable],
    ['integer', cell(1.5), 'en_US', unreadable],
    ['integer', cell(1_234_567_890_123_450), 'en_US', unreadable],
    ['integer', cell('1234567890123456'), 'en_US', 1_234_567_890_123_456],
    ['integer', cell('9007199254740993'), 'en_US', unreadable],
    ['integer', cell(46_082, 'DATE'), 'de_DE', unreadable],
    ['integer', cell(false), 'en_US', unreadable],
    ['integer', cell('007'), 'en_US', unreadable],
    ['number', cell('0,125'), 'de_DE', 0.125],
    ['number', cell('about 5'), 'en_US', unreadable],
    ['money', cell(12.5), 'en_US', 1250],
    ['money', cell(0.1 + 0.2), 'en_US', 30],
    ['money', cell(12.345), 'en_US', unreadable],
    ['money', cell('12,50 €'), 'de_DE', 1250],
    ['money', cell('€ 1.234,50'), 'de_DE', 123_450],
    ['money', cell('1 234,50 EUR'), 'fr_FR', 123_450],
    ['money', cell('-$3.50'), 'en_US', -350],
    ['money', cell('12,50'), 'en_US', unreadable],
    ['money', cell('5 %'), 'en_US', unreadable],
    ['money', cell(0.05, 'PERCENT'), 'en_US', unreadable],
    ['percent', cell(0.05), 'en_US', 0.05],
    ['percent', cell(1.5, 'PERCENT'), 'en_US', 1.5],
    ['percent', cell(5), 'en_US', unreadable],
    ['percent', cell('5%'), 'en_US', 0.05],
    ['percent', cell('12,5 %'), 'de_DE', 0.125],
    ['percent', cell('150 %'), 'de_DE', 1.5],
    ['boolean', cell(true), 'en_US', 1],
    ['boolean', cell('false'), 'de_DE', 0],
    ['boolean', cell('yes'), 'en_US', unreadable],
    ['date', cell(46_082, 'DATE'), 'de_DE', '2026-03-01'],
    ['date', cell('2026-03-01'), 'de_DE', '2026-03-01'],
    ['date', cell('1.3.2026'), 'de_DE', unreadable],
    ['date', cell(46_082), 'de_DE', unreadable],
    ['date', cell(46_082.5, 'DATE'), 'de_DE', unreadable],
    ['datetime', cell(46_082.5, 'DATE_TIME'), 'en_US', Date.UTC(2026, 2, 1, 12)],
    ['datetime', cell('2026-03-01T12:00+01:00'), 'en_US', Date.UTC(2026, 2, 1, 11)],
    ['datetime', cell('2026-03-01 12:00'), 'en_US', unreadable],
    ['money', cell({ errorValue: { type: 'REF' } }), 'en_US', { reason: 'the cell shows the error #REF!' }],
  ])('%s: %j in %s', (type, given, locale, expected) => {
    const read = readValue(given, type, { locale, timeZone: 'Etc/GMT' })
    expect(read).toEqual(typeof expected === 'object' && expected !== null ? expected : { value: expected })
  })

  test('with a time that clocks showed twice, or never, must say which it is', () => {
    const berlin = { locale: 'de_DE', timeZone: 'Europe/Berlin' }
    const twice = readValue(cell(46_320 + 2.5 / 24, 'DATE_TIME'), 'datetime', berlin)
    expect(twice).toEqual({ reason: expect.stringContaining('twice') })
    const never = readValue(cell(46_110 + 2.5 / 24, 'DATE_TIME'), 'datetime', berlin)
    expect(never).toEqual({ reason: expect.stringContaining('put forward') })
  })

  test('is quoted as people write it', () => {
    const de = { locale: 'de_DE', timeZone: 'Europe/Berlin' }
    expect(showValue(125_000, 'money', de)).toBe('1250,00')
    expect(showValue(0.05, 'percent', de)).toBe('5 %')
    expect(showValue(Date.UTC(2026, 6, 1, 12), 'datetime', de)).toBe('2026-07-01 14:00')
    expect(showValue('Ann', 'string', de)).toBe('“Ann”')
    expect(showValue(1, 'boolean', de)).toBe('TRUE')
    expect(showValue(null, 'date', de)).toBe('nothing')
  })
})
