import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cursor, readCursor, writeCursor } from '../../workers/push-pull/cursor.ts'

const generation = fc.stringMatching(/^\w{1,40}$/)
const version = fc.integer({ min: 0, max: 999_999_999_999_999 })
const cursor: fc.Arbitrary<Cursor> = fc.oneof(
  fc.record({ type: fc.constant('feed' as const), generation, version }),
  fc.record({
    type: fc.constant('snapshot' as const),
    generation,
    version,
    table: fc.nat(999),
    // Keys hold dots, line ends and anything else.
    key: fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.stringMatching(/^[\d.\n]*$/)),
  }),
)

test('a cursor that was written is read as it was', () => {
  fc.assert(
    fc.property(cursor, (each) => {
      expect(readCursor(writeCursor(each))).toEqual(each)
    }),
  )
})

test('whatever is read is what would have been written, or nothing', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[\w.' ;%-]{0,30}$/), cursor.map(writeCursor))
  fc.assert(
    fc.property(text, (each) => {
      const read = readCursor(each)
      if (read !== null) expect(readCursor(writeCursor(read))).toEqual(read)
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  '',
  '.',
  '1',
  '1.',
  '.1',
  '1.x',
  '1.-1',
  '1.1.',
  '1.1.x.key',
  '1.1.0',
  '1.1e3',
  '1.1000000000000000',
  `${'g'.repeat(41)}.1`,
  "1'; DROP TABLE listings; --.1",
  ' 1.1',
  '1.1\n',
])('%j is no cursor', (text) => expect(readCursor(text)).toBeNull())
