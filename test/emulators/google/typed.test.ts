import { describe, expect, test } from 'vitest'
import { display } from './format.ts'
import { localeNamed } from './locale.ts'
import type { NumberFormat, Scalar } from './model.ts'
import { parseTyped } from './typed.ts'

const typed = (text: string, locale = 'en_US', format?: NumberFormat) =>
  parseTyped(text, { locale: localeNamed(locale), year: 2026, format })
const value = (text: string, locale?: string) => typed(text, locale).value
/** What a cell shows after the text was typed into it. */
const shows = (text: string, locale = 'en_US') => {
  const entry = typed(text, locale)
  return display(entry.value ?? '', entry.format, localeNamed(locale))
}

describe('typing a number', () => {
  test.each<[string, string, Scalar]>([
    ['en_US', '1234', 1234],
    ['en_US', '-3', -3],
    ['en_US', '+5', 5],
    ['en_US', '1,234', 1234],
    ['en_US', '1,234,567.5', 1_234_567.5],
    ['en_US', '.5', 0.5],
    ['en_US', '(12)', -12],
    ['en_US', ' 7 ', 7],
    ['en_US', '007', 7],
    ['en_US', '1e3', 1000],
    ['en_US', '12%', 0.12],
    ['en_US', '$1,234.50', 1234.5],
    ['en_US', '-$5', -5],
    ['de_DE', '1.234', 1234],
    ['de_DE', '1.234,5', 1234.5],
    ['de_DE', '3,5', 3.5],
    ['de_DE', '5 €', 5],
    ['fr_FR', '1 234,5', 1234.5],
    ['fr_FR', '1\u202f234', 1234],
    ['fr_FR', '1\u00a0234', 1234],
    ['ru_RU', '3,4', 3.4],
  ])('in %s: %s', (locale, text, expected) => {
    expect(value(text, locale)).toBe(expected)
  })

  test.each([
    ['en_US', '1 234'],
    ['en_US', '1,23'],
    ['en_US', '3,4 M'],
    ['en_US', '1.2K'],
    ['en_US', '5 €'],
    ['de_DE', '1,234,567'],
    ['fr_FR', '1,234.5'],
    ['en_US', '12a'],
    ['en_US', '--5'],
    ['en_US', '(5'],
  ])('stays text in %s: %s', (locale, text) => {
    expect(value(text, locale)).toBe(text)
  })

  test('keeps fifteen digits of a long number, and shows it in powers of ten', () => {
    expect(value('1234567890123456')).toBe(1_234_567_890_123_460)
    expect(shows('1234567890123456')).toBe('1.23457E+15')
    expect(shows('123456789012345')).toBe('123456789012345')
  })

  test('into a percentage is a percentage', () => {
    expect(typed('5', 'en_US', { type: 'PERCENT', pattern: '0%' }).value).toBe(0.05)
  })
})

describe('typing what looks like a date', () => {
  const secondOfJanuary = 46_024
  test.each([
    ['en_US', '1/2/2026', secondOfJanuary],
    ['en_US', '1/2', secondOfJanuary],
    ['en_US', '1-2-26', secondOfJanuary],
    ['en_US', '2026-01-02', secondOfJanuary],
    ['en_US', 'Jan 2', secondOfJanuary],
    ['en_GB', '2/1/2026', secondOfJanuary],
    ['fr_FR', '02/01/2026', secondOfJanuary],
    ['de_DE', '02.01.2026', secondOfJanuary],
    ['de_DE', '2.1.', secondOfJanuary],
    ['de_DE', '2.1', secondOfJanuary],
    ['en_US', '1/2/2026 6:00', secondOfJanuary + 0.25],
    ['en_US', '6:00 pm', 0.75],
  ])('in %s: %s is a serial number', (locale, text, serial) => {
    expect(value(text, locale)).toBe(serial)
  })

  test('is a number in one locale and a date in another', () => {
    expect(typed('1.5', 'en_US')).toEqual({ value: 1.5 })
    expect(typed('1.5', 'de_DE').format?.type).toBe('DATE')
    expect(shows('1.5', 'de_DE')).toBe('01.05.2026')
  })

  test.each(['13/13/2026', '2/30/2026', '25:00', '1/2/3/4'])(
    'is text when no such day or time exists: %s',
    (text) => {
      expect(value(text)).toBe(text)
    },
  )
})

describe('typing anything else', () => {
  test('an apostrophe makes text and is not kept', () => {
    expect(typed("'007")).toEqual({ value: '007' })
  })

  test('a text format keeps everything as it is', () => {
    expect(typed('007', 'en_US', { type: 'TEXT' })).toEqual({ value: '007' })
    expect(typed('=A1', 'en_US', { type: 'TEXT' })).toEqual({ value: '=A1' })
  })

  test('an equals sign begins a formula, a plus before text as well', () => {
    expect(typed('=A1+1')).toEqual({ formula: '=A1+1' })
    expect(typed('+49 30 123')).toEqual({ formula: '=+49 30 123' })
  })

  test('truth is known in English and in the language of the locale', () => {
    expect([value('true'), value('Wahr', 'de_DE'), value('faux', 'fr_FR'), value('wahr')]).toEqual([
      true,
      true,
      false,
      'wahr',
    ])
  })

  test('spaces of a text are kept', () => {
    expect(value('  two words ')).toBe('  two words ')
  })
})

describe('a cell shows', () => {
  test.each([
    ['en_US', '1,234.5', '1,234.50'],
    ['de_DE', '1.234,5', '1.234,50'],
    ['fr_FR', '1 234,5', '1\u202f234,50'],
    ['en_US', '12%', '12%'],
    ['en_US', '12.5%', '12.50%'],
    ['en_US', '$5', '$5'],
    ['en_US', '-$5.5', '-$5.50'],
    ['de_DE', '1.234,5 €', '1.234,50\u00a0€'],
    ['en_US', '1/2/2026', '1/2/2026'],
    ['de_DE', '02.01.2026', '02.01.2026'],
    ['fr_FR', '02/01/2026', '02/01/2026'],
    ['en_US', '2026-01-02', '2026-01-02'],
    ['en_US', '6:05 pm', '6:05:00 PM'],
    ['en_US', '1e3', '1.00E+03'],
    ['en_US', 'TRUE', 'TRUE'],
    ['de_DE', 'TRUE', 'WAHR'],
  ])('in %s after typing %s: %s', (locale, text, shown) => {
    expect(shows(text, locale)).toBe(shown)
  })

  test.each<[number, NumberFormat, string]>([
    [1234.567, { type: 'NUMBER' }, '1,234.57'],
    [1234.567, { type: 'NUMBER', pattern: '0' }, '1235'],
    [5, { type: 'NUMBER', pattern: '000' }, '005'],
    [0.5, { type: 'NUMBER', pattern: '#.##' }, '.5'],
    [-5, { type: 'NUMBER', pattern: '0;(0)' }, '(5)'],
    [5, { type: 'NUMBER', pattern: '0" pcs"' }, '5 pcs'],
    [0.256, { type: 'PERCENT' }, '25.60%'],
    [46_024.75, { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss' }, '2026-01-02 18:00:00'],
    [46_024, { type: 'DATE', pattern: 'd mmm yyyy' }, '2 Jan 2026'],
    [1_500, { type: 'SCIENTIFIC' }, '1.50E+03'],
    [1 / 3, { type: 'TEXT' }, '0.3333333333'],
  ])('%d under %o as %s', (number, format, shown) => {
    expect(display(number, format, localeNamed('en_US'))).toBe(shown)
  })

  test('a number without a format plainly, with the decimal mark of the locale', () => {
    expect(display(1234.5, undefined, localeNamed('de_DE'))).toBe('1234,5')
    expect(display(0.1 + 0.2, undefined, localeNamed('en_US'))).toBe('0.3')
  })
})
