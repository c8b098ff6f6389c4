import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digest } from '../../sync/engine/digest.ts'

test('a digest is stored, so it stays what it is', () => {
  // Another function would read every remote again once, and open every conflict a second time.
  expect(['', 'a', 'Ärger 🙂', '[1,null,"x"]'].map(digest)).toEqual([
    'ztntfp0xx0biz',
    '1r9wi7g1aoao26',
    '21bqxe1h1wwxe',
    'o8q0dl0rqvs0v',
  ])
  // FNV-1a's published value for this text.
  expect(digest('foobar')).toMatch(new RegExp(`^${(0xbf9cf968).toString(36)}.{7}$`))
})

test('one character changed, anywhere, is another digest', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.nat(),
      fc.integer({ min: 1, max: 0xffff }),
      (text, place, bits) => {
        const at = place % text.length
        const other = String.fromCharCode(text.charCodeAt(at) ^ bits)
        expect(digest(text.slice(0, at) + other + text.slice(at + 1))).not.toBe(digest(text))
      },
    ),
  )
})

test('rows that differ in a number, an order or a border between cells have digests of their own', () => {
  const texts = new Set<string>()
  for (let a = 0; a < 250; a++)
    for (let b = 0; b < 250; b++) {
      texts.add(JSON.stringify([a, b]))
      texts.add(JSON.stringify([`${a}`, b]))
      texts.add(JSON.stringify([`${a}${b}`]))
    }
  expect(new Set([...texts].map(digest)).size).toBe(texts.size)
})

test('a digest is short and plain, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
      expect(digest(text)).toMatch(/^[0-9a-z]{8,14}$/)
      expect(digest(text)).toBe(digest(text))
    }),
  )
})
