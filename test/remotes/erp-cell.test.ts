import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHtmlCell, readJsonCell } from '../../sync/remotes/erp/cell.ts'

const value = (reading: ReturnType<typeof readJsonCell>) =>
  'value' in reading ? reading.value : 'unreadable'
const fromJson = (cell: unknown, type: string) => value(readJsonCell(cell, type))
const fromPage = (cell: string, type: string) => value(readHtmlCell(cell, type))

/** As the ERP's pages show numbers. */
const grouped = (whole: number | bigint) => String(whole).replace(/\B(?=(\d{3})+$)/g, '.')

describe('a cell of JSON', () => {
  it.each([
    ['text', 'Rossi & figli', 'Rossi & figli'],
    ['text', '  Rossi\u00a0 ', 'Rossi'],
    ['text', '', null],
    ['text', null, null],
    ['text', undefined, null],
    ['text', '\ud800x', '\ufffdx'],
    ['whole', 12, 12],
    ['whole', 0, 0],
    ['whole', -5, -5],
    ['money', 1234.5, 123_450],
    ['money', 0.07, 7],
    ['money', 1.15, 115],
    ['money', -3.1, -310],
    ['money', 9_999_999_999_999.99, 999_999_999_999_999],
    ['percent', 12.5, 1250],
    ['decimal', 0.125, 0.125],
    ['date', '2028-02-29', '2028-02-29'],
    ['time', '2026-11-21T08:05:09Z', Date.UTC(2026, 10, 21, 8, 5, 9)],
    ['time', '2026-11-21T08:05:09.123Z', Date.UTC(2026, 10, 21, 8, 5, 9)],
    ['date', '', null],
    ['whole', null, null],
  ])('%s %j is read as %j', (type, cell, read) => {
    expect(fromJson(cell, type)).toBe(read)
  })

  it.each([
    ['text', 5],
    ['text', true],
    ['text', ['a']],
    ['text', { a: 1 }],
    ['text', 'x'.repeat(50_001)],
    ['whole', 1.5],
    ['whole', -0],
    ['whole', Number.NaN],
    ['whole', Number.POSITIVE_INFINITY],
    ['whole', 2 ** 53],
    ['whole', '12'],
    ['whole', true],
    ['whole', [1]],
    ['whole', {}],
    ['money', 0.305],
    ['money', 0.1 + 0.2],
    ['money', 1e21],
    ['money', 1e-7],
    ['money', -0],
    ['money', '12.50'],
    ['money', 20_000_000_000_000],
    ['percent', 1.005],
    ['decimal', -0],
    ['decimal', '1,5'],
    ['date', '2026-02-31'],
    ['date', '2026-2-3'],
    ['date', '31/12/2026'],
    ['date', 20_261_231],
    ['date', '2026-11-21T08:05:09Z'],
    ['time', '2026-11-21'],
    ['time', '2026-11-21T24:00:00Z'],
    ['time', '2026-11-21T08:05:60Z'],
    ['time', '2026-11-21T08:05:09'],
    ['time', 1_700_000_000_000],
  ])('%s %j is unreadable', (type, cell) => {
    expect(fromJson(cell, type)).toBe('unreadable')
  })
})

describe('a cell of a page', () => {
  it.each([
    ['text', '\n   Rossi & figli  ', 'Rossi & figli'],
    ['text', '\u00a0', null],
    ['text', '5', '5'],
    ['whole', '1.234', 1234],
    ['whole', '12,00', 12],
    ['whole', '0', 0],
    ['whole', '\u00a0', null],
    ['money', '€ 1.234,50', 123_450],
    ['money', '€\u00a01.234,50', 123_450],
    ['money', '1.234,5', 123_450],
    ['money', '€ -1.234,50', -123_450],
    ['money', '-€ 1.234,50', -123_450],
    ['money', '1234,50', 123_450],
    ['money', '€ 0,070', 7],
    ['percent', '12,5', 1250],
    ['decimal', '1.000,125', 1000.125],
    ['date', '21/11/2026', '2026-11-21'],
    ['time', '21/11/2026 08:05:09', Date.UTC(2026, 10, 21, 8, 5, 9)],
  ])('%s %j is read as %j', (type, cell, read) => {
    expect(fromPage(cell, type)).toBe(read)
  })

  it.each([
    ['whole', '1,5'],
    ['whole', '1.5'],
    ['whole', '12.34'],
    ['whole', '1.2345'],
    ['whole', '007'],
    ['whole', 'NaN'],
    ['whole', 'Infinity'],
    ['whole', '1e3'],
    ['whole', '-0'],
    ['whole', '--1'],
    ['whole', '€ 5'],
    ['whole', 'true'],
    ['whole', '[object Object]'],
    ['whole', '9.007.199.254.740.992'],
    ['money', '1,234.50'],
    ['money', '€ 0,305'],
    ['money', '-€ -5'],
    ['money', '-0,00'],
    ['money', '€'],
    ['decimal', '-0,0'],
    ['date', '31/02/2026'],
    ['date', '1/2/2026'],
    ['date', '2026-11-21'],
    ['date', '21/11/26'],
    ['time', '21/11/2026'],
    ['time', '21/11/2026 25:00:00'],
    ['text', 'x'.repeat(50_001)],
  ])('%s %j is unreadable', (type, cell) => {
    expect(fromPage(cell, type)).toBe('unreadable')
  })
})

describe('any value', () => {
  const sign = (negative: boolean) => (negative ? '-' : '')

  it('of money is the same number of cents from both dialects, without rounding', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger().filter((cents) => Math.abs(cents) <= 10 ** 15),
        (cents) => {
          const digits = String(Math.abs(cents)).padStart(3, '0')
          const [units, rest] = [digits.slice(0, -2), digits.slice(-2)]
          const minus = sign(cents < 0)
          expect(fromJson(JSON.parse(`${minus}${units}.${rest}`), 'money')).toBe(cents)
          expect(fromPage(`€ ${minus}${grouped(BigInt(units))},${rest}`, 'money')).toBe(cents)
        },
      ),
    )
  })

  it('of a moment and its day is the same from both dialects', () => {
    const moments = fc.integer({ min: Date.UTC(1000) / 1_000, max: Date.UTC(9999) / 1_000 })
    fc.assert(
      fc.property(moments, (seconds) => {
        const iso = new Date(seconds * 1_000).toISOString()
        const day = iso.slice(0, 10)
        const shown = day.split('-').reverse().join('/')
        expect(fromJson(iso, 'time')).toBe(seconds * 1_000)
        expect(fromPage(`${shown} ${iso.slice(11, 19)}`, 'time')).toBe(seconds * 1_000)
        expect(fromJson(day, 'date')).toBe(day)
        expect(fromPage(shown, 'date')).toBe(day)
      }),
    )
  })

  it('is read as a number only if it is one: nothing is guessed', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom('whole', 'money', 'percent', 'decimal'), (cell, type) => {
        const read = fromJson(cell, type)
        if (typeof read === 'number') {
          expect(typeof cell).toBe('number')
          expect(Object.is(read, -0) || !Number.isFinite(read)).toBe(false)
        } else if (read === null)
          expect(cell === null || cell === undefined || String(cell).trim() === '').toBe(true)
      }),
    )
  })

  it('is never read as another on a page: a number is what its digits say', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,-€ ') }), (cell) => {
        const read = fromPage(cell, 'decimal')
        if (typeof read === 'number')
          expect(Number(cell.trim().replaceAll('.', '').replace(',', '.'))).toBe(read)
      }),
    )
  })
})
