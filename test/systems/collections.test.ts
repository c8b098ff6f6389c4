import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { openSqlite } from '../../db/node/sqlite.ts'
import { collectionColumns } from '../../db/schema.ts'
import type { DeviceDeclaration, EditContext, TableDeclaration } from '../../sync/engine/declare.ts'
import { collection } from '../../sync/systems/collection.ts'
import { collectionsSystem } from '../../sync/systems/collections.ts'
import { migrations } from '../engine/world.ts'

// What a collection is made of, and the rules of its edits, without database and doors.

const NOW = Date.UTC(2026, 10, 21, 9)
const MINUTE = 60_000

const shelves = collection(
  sqliteTable(
    'shelves',
    {
      id: text({ length: 12 }).primaryKey(),
      code: text({ length: 20 }).notNull(),
      title: text({ length: 200 }),
      state: text({ enum: ['open', 'shut'] })
        .notNull()
        .default('open'),
      price: integer(),
      open: integer({ mode: 'boolean' }).notNull().default(true),
      made: integer({ mode: 'timestamp_ms' }),
      code_key: text(),
      ...collectionColumns,
    },
    (t) => [uniqueIndex('shelves_code').on(t.code_key)],
  ),
  { label: 'Shelves', unique: { code: 'code_key' }, types: { price: 'money' } },
)
const { device } = shelves as TableDeclaration & { device: DeviceDeclaration }

const context = (over: Partial<EditContext> = {}): EditContext => ({
  key: 's1',
  now: NOW,
  actor: 'laptop',
  at: null,
  config: null,
  row: null,
  base: {},
  ...over,
})
const ROW: Row = {
  id: 's1',
  code: 'A1',
  title: 'Books',
  state: 'open',
  price: 100,
  open: 1,
  made: null,
  code_key: 'a1',
  edited_at: NOW - 9 * MINUTE,
  updated_at: NOW - 5 * MINUTE,
}
const admitted = (values: Row, over: Partial<EditContext> = {}): Row => {
  const found = device.admit(values, context(over))
  if ('reject' in found) throw new Error(found.reject)
  return found.values
}
const refusal = (values: Row, over: Partial<EditContext> = {}) => {
  const found = device.admit(values, context(over))
  return 'reject' in found ? found.reject : null
}

describe('a collection', () => {
  test('tells devices what its schema says: types, limits, what is never empty, and nothing of its own', () => {
    expect(device.columns).toEqual({
      code: { type: 'text', write: true, required: true, max: 20 },
      title: { type: 'text', write: true, required: false, max: 200 },
      state: { type: 'text', write: true, required: true, values: ['open', 'shut'] },
      price: { type: 'money', write: true, required: false },
      open: { type: 'integer', flag: true, write: true, required: true },
      made: { type: 'time', write: true, required: false },
    })
    expect([device.label, device.lane('ann'), device.lane(null)]).toEqual(['Shelves', 'shelves', 'shelves'])
    expect([device.key('x'.repeat(12)), device.key('x'.repeat(13))]).toEqual(['x'.repeat(12), null])
    expect([' ', '', '\ud83d'].map(device.key)).toEqual([null, null, null])
  })

  test('compares unique values without blanks and case, unless it is declared exact', () => {
    const [folding] = shelves.unique
    expect(folding).toMatchObject({ column: 'code', stored: 'code_key' })
    expect(['  ÉCLAIR ', 'e\u0301clair', '', '  ', null].map((value) => folding?.fold(value))).toEqual([
      'éclair',
      'éclair',
      null,
      null,
      null,
    ])
    const keys = sqliteTable('keys', {
      id: text().primaryKey(),
      code: text(),
      code_key: text(),
      ...collectionColumns,
    })
    const [exact] = collection(keys, { label: 'Keys', unique: { code: 'code_key' }, exact: ['code'] }).unique
    expect([' A ', 'a', ''].map((value) => exact?.fold(value))).toEqual([' A ', 'a', null])
  })

  test.each([
    ['times in seconds', integer({ mode: 'timestamp' })],
    ['objects', text({ mode: 'json' })],
  ])('can not be made of a column of %s', (_what, value) => {
    const odd = sqliteTable('odd', { id: text().primaryKey(), value, ...collectionColumns })
    expect(() => collection(odd, { label: 'Odd' })).toThrow('odd.value: devices keep text')
  })
})

test('a collection of more fields than D1 can show in one value is refused where it is declared', () => {
  const wide = (fields: number) => {
    const columns = Array.from({ length: fields }, (_, i) => [`field_${i}`, text()] as const)
    const schema = { id: text().primaryKey(), ...Object.fromEntries(columns), ...collectionColumns }
    return () => collection(sqliteTable('wide', schema), { label: 'Wide' })
  }
  expect(wide(31)).not.toThrow()
  expect(wide(32)).toThrow('wide: 32 fields; at most 31')
})

describe('an edit', () => {
  test('that makes a row fills in what its schema has for silence, and needs the rest', () => {
    expect(admitted({ code: 'A1' })).toEqual({ code: 'A1', state: 'open', open: 1, edited_at: NOW })
    expect(admitted({ code: 'A1', state: 'shut', open: 0 })).toMatchObject({ state: 'shut', open: 0 })
    expect([refusal({ title: 'Books' }), refusal({ code: null })]).toEqual([
      'code is missing',
      'code is missing',
    ])
    expect(admitted({ title: 'Coats' }, { row: ROW, base: { title: 'Books' } })).toEqual({
      title: 'Coats',
      edited_at: NOW,
    })
  })

  test.each([
    [{ code: ' \u00a0' }, 'code: it is never empty'],
    [{ code: 'A1', open: 2 }, 'open: 2 is neither 0 nor 1'],
  ])('with %o is refused', (values, reason) => {
    expect(refusal(values)).toBe(reason)
    expect(refusal(values, { row: ROW })).toBe(reason)
  })

  test.each([
    [-MINUTE, -MINUTE],
    [5 * MINUTE, 5 * MINUTE],
    [5 * MINUTE + 1, 0],
  ])('by a clock that is %i ms ahead was made %i ms from now', (offset, made) => {
    expect(admitted({ code: 'A1' }, { at: NOW + offset }).edited_at).toBe(NOW + made)
  })

  test.each<[string, Row, Partial<EditContext>, boolean]>([
    ['says what stands already', { title: 'Books' }, { base: { title: 'Old' } }, false],
    ['changes nothing by its own word', { title: 'Old' }, { base: { title: 'Old' } }, false],
    [
      'changes one field and repeats another',
      { title: 'Books', price: 7 },
      { base: { title: 'Books', price: 100 } },
      true,
    ],
    ['is of something else than what stands', { title: 'Coats' }, { base: { title: 'Old' } }, true],
    ['empties a field, without saying what it was', { title: null }, {}, true],
  ])(
    'that %s moves the time of the last edit only if it says something new',
    (_what, values, over, moves) => {
      expect('edited_at' in admitted(values, { row: ROW, ...over })).toBe(moves)
    },
  )
})

describe('a field that was changed on both sides', () => {
  const decide = (strategy: string | null, at: number | null, row = ROW) =>
    device.disputed?.(
      'title',
      { title: 'Coats' },
      {
        ...context({ at, config: strategy === null ? null : { conflictResolutionStrategy: strategy } }),
        row,
      },
    )
  const unedited: Row = { ...ROW, edited_at: null }

  test.each([
    ['keep_local', null, ROW, { take: true, rule: 'keep_local' }],
    ['keep_remote', NOW, ROW, { take: false, rule: 'keep_remote' }],
    ['newest', NOW - 9 * MINUTE, ROW, { take: true, rule: 'newest(edited_at)' }],
    ['newest', NOW - 9 * MINUTE - 1, ROW, { take: false, rule: 'newest(edited_at)' }],
    // Without an edit's time, when it was committed counts; without a device's, now.
    ['newest', NOW - 6 * MINUTE, unedited, { take: false, rule: 'newest(edited_at)' }],
    ['newest', null, unedited, { take: true, rule: 'newest(edited_at)' }],
  ])('is settled by %s', (strategy, at, row, expected) => {
    expect(decide(strategy, at, row)).toEqual(expected)
  })

  test.each(['manual', null])('waits for a person by %s', (strategy) => {
    expect(decide(strategy, NOW)).toEqual({
      conflict: 'changed on both sides to different values',
      recommendations: [expect.stringMatching(/local/), expect.stringMatching(/remote/), expect.any(String)],
    })
  })

  test('a clock ahead of ours doesn’t win by that', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5 * MINUTE + 1, max: 10 ** 12 }),
        fc.integer({ min: 1, max: 10 ** 9 }),
        (ahead, later) => {
          const row = { ...ROW, edited_at: NOW + later }
          expect(decide('newest', NOW + ahead, row)).toMatchObject({ take: false })
        },
      ),
    )
  })
})

describe('a row that is to be deleted', () => {
  const { holds } = device
  test('is held by name where it says otherwise than the device knew, and only there', () => {
    expect(holds(ROW, context({ base: { title: 'Books', price: 100 } }))).toBeNull()
    expect(holds(ROW, context())).toBeNull()
    expect(holds(ROW, context({ base: { title: 'Old' } }))).toBe('title was changed meanwhile')
    expect(holds(ROW, context({ base: { title: 'Old', price: null, nothing: 1 } }))).toBe(
      'title, price were changed meanwhile',
    )
  })
})

test('edits in any order leave a row that its schema takes', () => {
  const scalar = fc.oneof(fc.constantFrom(null, '', ' ', 'A1', 0, 1, 2), fc.string({ maxLength: 5 }))
  const edit = fc.dictionary(fc.constantFrom('code', 'title', 'state', 'open'), scalar)
  fc.assert(
    fc.property(
      fc.array(edit, { maxLength: 6 }),
      fc.constantFrom('manual', 'newest', 'keep_local'),
      (edits, strategy) => {
        let row: Row | null = null as Row | null
        for (const given of edits as Row[]) {
          const over = { row, base: {}, config: { conflictResolutionStrategy: strategy } }
          const found = device.admit(given, context(over))
          if ('reject' in found) continue
          // Nothing that was said is lost on the way, and nothing is invented but for silence of a new row.
          expect(found.values).toMatchObject(given)
          if (row !== null)
            expect(Object.keys(found.values).filter((name) => !(name in given))).toEqual(
              'edited_at' in found.values ? ['edited_at'] : [],
            )
          row = { ...row, ...found.values }
          expect([row.open, String(row.code).trim()]).toEqual([
            expect.any(Number),
            expect.stringMatching(/./),
          ])
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

describe('the collections that ship', () => {
  const file = openSqlite(migrations)
  const { tables } = collectionsSystem
  const look = (sql: string, ...params: string[]) => file.prepare(sql).all(...params) as Row[]

  test('are the seed’s sixteen, the named ones first', () => {
    expect(tables.map(({ name }) => name).slice(0, 6)).toEqual([
      'admins',
      'available_rituals',
      'bookings',
      'employee_bookings',
      'events',
      'employees',
    ])
    expect(new Set(tables.map(({ name }) => name)).size).toBe(16)
    expect(tables.flatMap(({ name, unique }) => unique.map(({ column }) => `${name}.${column}`))).toEqual([
      'admins.username',
      'employees.employee_id',
    ])
  })

  test.each(tables)(
    '$name is kept as the database keeps it',
    ({ name, columns, device: kept, merge, unique }) => {
      const stored = look('SELECT name, type, "notnull" AS required FROM pragma_table_info(?)', name)
      expect(stored.map(({ name: column }) => column)).toEqual(columns)
      const integers = ['integer', 'money', 'time']
      for (const [column, { type, required }] of Object.entries(kept?.columns ?? {})) {
        const of = stored.find((each) => each.name === column)
        expect([column, integers.includes(type), required]).toEqual([
          column,
          of?.type === 'INTEGER',
          of?.required === 1,
        ])
        expect(merge[column]?.name).toBe('threeWay')
      }
      // At most one live row has a unique value: the database itself says so.
      for (const { stored: key } of unique)
        expect(
          look(`SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql LIKE '%UNIQUE INDEX%'`, name),
        ).toEqual([{ sql: expect.stringMatching(`\\(\`${key}\`\\) WHERE deleted_at IS NULL$`) }])
    },
  )
})
