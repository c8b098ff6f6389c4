import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row, SqlValue } from '../../db/database.ts'
import type { PinRow } from '../../sync/engine/changes.ts'
import type { DeviceDeclaration, TableDeclaration } from '../../sync/engine/declare.ts'
import { changesOf, type Draft, draftOf } from '../../sync/engine/draft.ts'
import { type Edit, judgeEdit } from '../../sync/engine/edit.ts'
import { max, theirs, threeWay } from '../../sync/engine/merge.ts'
import type { MutationAnswer } from '../../sync/protocol/lane.ts'

// How an edit is judged, over a table made for it: `name` is whoever's, `count` only grows, `note` is merged by its base,
// `state` and `by` are one decision.

const NOW = 1_000
const device: DeviceDeclaration = {
  label: 'Things',
  lane: () => 'things',
  columns: {
    name: { type: 'text', write: true, max: 10 },
    count: { type: 'integer', write: true },
    note: { type: 'text', write: true },
    state: { type: 'text', write: true, required: true, values: ['open', 'done', 'torn'] },
    by: { type: 'text', write: true },
    link: { type: 'url', write: true },
    weight: { type: 'real', write: true },
    seen: { type: 'time', write: true },
    made: { type: 'integer', write: false },
  },
  key: (called) => called,
  admit: (values, { row, now, actor }) => {
    if (values.name === 'no') return { reject: 'no is no name' }
    const said = 'state' in values ? { by: values.by ?? actor } : {}
    return { values: { ...(row === null && { state: 'open', seen: now }), ...values, ...said } }
  },
  together: {
    by: ['state'],
    columns: ['state', 'by'],
    decide: (values, { row, base }) => {
      if (row.state === 'open') return { take: true, rule: 'first' }
      if (values.state === 'torn') return { conflict: `it was ${row.state}`, recommendations: ['Look.'] }
      return { take: base.state === row.state, rule: 'settled' }
    },
  },
  holds: (row) => (row.state === 'open' ? null : `it is ${row.state}`),
}
const table: TableDeclaration & { device: DeviceDeclaration } = {
  name: 'things',
  key: 'id',
  columns: ['id', ...Object.keys(device.columns), 'version', 'updated_at', 'deleted_at', 'origin'],
  merge: {
    name: theirs,
    count: max,
    note: threeWay,
    state: theirs,
    by: theirs,
    link: theirs,
    weight: theirs,
    seen: theirs,
  },
  history: true,
  inbox: false,
  whole: null,
  unique: [],
  device,
}
const stored = (over: Row = {}): Row => ({
  id: 'k',
  name: 'box',
  count: 5,
  note: 'n',
  state: 'open',
  by: null,
  link: null,
  weight: null,
  seen: 7,
  made: 3,
  version: 2,
  updated_at: 1,
  deleted_at: null,
  origin: 'x',
  ...over,
})
const pin = (col: string, value: SqlValue): PinRow => ({
  tbl: 'things',
  key: 'k',
  col,
  value,
  source: 'api',
  actor: 'ann',
  note: '',
  until: null,
  at: 0,
})
const edit = (op: Edit['op'], values: Row = {}, base: Row = {}): Edit => ({
  type: 'edit',
  op,
  table: 'things',
  key: 'k',
  values,
  base,
  at: null,
})
const draft = (before: Row | null, pins: readonly PinRow[] = []) =>
  draftOf(table, 'k', before, new Map(pins.map((each) => [each.col, each])))
const judge = (of: Draft, said: Edit): MutationAnswer =>
  judgeEdit(of, {
    table,
    edit: said,
    origin: 'device:d',
    context: { now: NOW, actor: 'phone', config: null },
    claims: new Map(),
  })
/** An edit of a stored row: its answer, and what the draft came to. */
function judged(before: Row | null, said: Edit, pins: readonly PinRow[] = []) {
  const of = draft(before, pins)
  const answer = judge(of, said)
  return {
    answer,
    of,
    after: of.after,
    changes: changesOf(of, table).map(({ op, columns }) => [op, ...columns]),
  }
}
const GONE = stored({ deleted_at: 9 })

describe('an edit', () => {
  test('of a row takes what its rules take, and says nothing but that', () => {
    const { answer, after, changes, of } = judged(stored(), edit('update', { name: 'bag', count: 9 }))
    expect([answer, changes]).toEqual([{ status: 'applied' }, [['update', 'name', 'count']]])
    expect(after).toMatchObject({ name: 'bag', count: 9, note: 'n' })
    expect(of.why.name).toEqual(['device:d', 'theirs'])
  })

  test('that a rule refuses is answered with what stands and by which rule, and is kept', () => {
    const { answer, changes, of } = judged(stored(), edit('update', { name: 'bag', count: 2 }))
    expect(answer).toEqual({ status: 'merged', reason: 'kept by max', set: { count: 5 } })
    expect(changes).toEqual([
      ['update', 'name'],
      ['refuse', 'count'],
    ])
    expect(of.refused).toEqual({ count: { value: 2, origin: 'device:d', rule: 'max' } })
  })

  test('of a pinned column leaves the pin', () => {
    const { answer } = judged(stored(), edit('update', { name: 'bag' }), [pin('name', 'box')])
    expect(answer).toEqual({ status: 'merged', reason: 'kept by pin', set: { name: 'box' } })
    const done = judged(stored(), edit('update', { state: 'done' }), [pin('state', 'open')])
    expect(done.answer).toEqual({
      status: 'merged',
      reason: 'kept by pin',
      set: { state: 'open', by: 'phone' },
    })
  })

  test('uses the base that the device tells, and an absent one is none', () => {
    expect(judged(stored(), edit('update', { note: 'm' }, { note: 'n' })).answer).toEqual({
      status: 'applied',
    })
    expect(judged(stored(), edit('update', { note: 'm' }, { note: 'm' })).answer).toMatchObject({
      set: { note: 'n' },
    })
  })

  test('moves what its admission implies, and the answer tells', () => {
    const { answer, after } = judged(stored(), edit('update', { state: 'done' }))
    expect(answer).toEqual({ status: 'applied', set: { by: 'phone' } })
    expect(after).toMatchObject({ state: 'done', by: 'phone' })
  })

  test('whose columns are one decision has all of them refused or none', () => {
    const row = stored({ state: 'done', by: 'ann' })
    const refused = judged(row, edit('update', { state: 'open', by: 'bob', name: 'bag' }))
    expect(refused.answer).toEqual({
      status: 'merged',
      reason: 'kept by settled',
      set: { state: 'done', by: 'ann' },
    })
    expect(refused.after).toMatchObject({ state: 'done', by: 'ann', name: 'bag' })
    expect(Object.keys(refused.of.refused)).toEqual(['state', 'by'])
    const taken = judged(row, edit('update', { state: 'open', by: 'bob' }, { state: 'done' }))
    expect([taken.answer, taken.after.by]).toEqual([{ status: 'applied' }, 'bob'])
    // Without the column that calls for the decision there is none.
    expect(judged(row, edit('update', { by: 'bob' })).answer).toEqual({ status: 'applied' })
  })

  test('that a person must settle is a conflict; what does not clash is taken', () => {
    const { answer, of, changes } = judged(
      stored({ state: 'done', by: 'ann' }),
      edit('update', { state: 'torn', name: 'bag' }, { state: 'open', name: 'box' }),
    )
    expect(answer).toEqual({
      status: 'conflict',
      reason: 'it was done',
      conflict: of.conflicts[0]?.id,
      set: { state: 'done' },
    })
    expect(of.conflicts).toEqual([
      {
        op: 'update',
        origin: 'device:d',
        saidAt: null,
        id: expect.stringMatching(/^c_/),
        part: null,
        tbl: 'things',
        key: 'k',
        col: null,
        kind: 'merge',
        base: '{"state":"open"}',
        ours: '{"state":"done","by":"ann"}',
        theirs: '{"state":"torn","by":"phone"}',
        detail: 'update: it was done (device:d)',
        recommendations: ['Look.'],
      },
    ])
    expect(changes).toEqual([
      ['update', 'name'],
      ['refuse', 'state', 'by'],
    ])
  })

  test('that the rule of a column can’t settle is a conflict too', () => {
    const { answer, of, after } = judged(stored(), edit('update', { note: 'm', name: 'bag' }, { note: 'l' }))
    const reason = 'note: changed on both sides to different values'
    expect(answer).toEqual({ status: 'conflict', reason, conflict: of.conflicts[0]?.id, set: { note: 'n' } })
    expect(of.conflicts).toMatchObject([
      { col: 'note', ours: '{"note":"n"}', theirs: '{"note":"m"}', base: '{"note":"l"}' },
    ])
    expect(after).toMatchObject({ note: 'n', name: 'bag' })
  })

  test('is one conflict when it is said again, and another when it says something else', () => {
    const row = stored({ state: 'done', by: 'ann' })
    const of = draft(row)
    const ids = [
      judge(of, edit('update', { state: 'torn' })),
      judge(of, edit('update', { state: 'torn' })),
      judge(of, edit('update', { state: 'torn', by: 'bea' })),
    ].map(({ conflict }) => conflict)
    const other = draftOf(table, 'k2', { ...row, id: 'k2' })
    expect(judge(other, edit('update', { state: 'torn' })).conflict).not.toBe(ids[0])
    expect([ids[0] === ids[1], ids[0] === ids[2], of.conflicts.length]).toEqual([true, false, 2])
  })

  test('of a row that is not there is rejected, and of one that is gone a conflict', () => {
    expect(judged(null, edit('update', { name: 'bag' }))).toMatchObject({
      answer: { status: 'rejected', reason: 'Things has no row k' },
    })
    const { answer, of, after, changes } = judged(GONE, edit('update', { name: 'bag' }, { name: 'box' }))
    expect(answer).toEqual({
      status: 'conflict',
      reason: 'it was deleted meanwhile',
      conflict: of.conflicts[0]?.id,
    })
    expect(of.conflicts).toMatchObject([
      { kind: 'deleted', base: '{"name":"box"}', ours: null, theirs: '{"name":"bag"}' },
    ])
    expect([after.deleted_at, after.name, changes]).toEqual([9, 'box', [['refuse', 'name']]])
  })

  test.each([
    [{ other: 1 }, 'Things has no column other'],
    [{ id: 'k2' }, 'Things has no column id'],
    [{ toString: 'x' }, 'Things has no column toString'],
    [{ made: 1 }, "made can't be set"],
    [{ state: null }, 'state: it is never empty'],
    [{ state: 'lost' }, 'state: "lost" is none of open, done, torn'],
    [{ name: 7 }, 'name: 7 is not a text'],
    [{ name: 'x'.repeat(11) }, 'name: a text of 11 characters; at most 10'],
    [{ note: 'x'.repeat(20_001) }, 'note: a text of 20001 characters; at most 20000'],
    [{ name: 'a\ud83d' }, 'name: a text with half a character'],
    [{ count: '7' }, 'count: "7" is not a number'],
    [{ count: 1.5 }, 'count: 1.5 is not a whole number'],
    [{ count: 2 ** 53 }, 'count: 9007199254740992 is not a whole number'],
    [{ count: Number.POSITIVE_INFINITY }, 'count: null is not a number'],
    [{ link: 'ftp://x' }, 'link: "ftp://x" is not an address'],
    [{ link: 'https://' }, 'link: "https://" is not an address'],
    [{ link: `x${'y'.repeat(200)}` }, `link: "x${'y'.repeat(99)}…" is not an address`],
    [{ seen: 253_402_300_800_000 }, 'seen: 253402300800000 is not a time'],
    [{ seen: -62_167_219_200_001 }, 'seen: -62167219200001 is not a time'],
    [{ name: 'no' }, 'no is no name'],
  ])('of %j is rejected, and nothing of it is taken', (values: Row, reason) => {
    const { answer, changes, of } = judged(stored(), edit('update', { note: 'm', ...values }))
    expect([answer, changes, of.conflicts]).toEqual([{ status: 'rejected', reason }, [], []])
  })

  test.each([
    { name: 'x'.repeat(10) },
    { name: '' },
    { name: '😀' },
    { weight: 0.5 },
    { weight: -1e300 },
    { count: 2 ** 53 - 1 },
    { note: 'x'.repeat(20_000) },
    { seen: 253_402_300_799_999 },
    { seen: -62_167_219_200_000 },
    { link: 'HTTP://x' },
    { name: null },
    { state: 'torn' },
  ])('of %j is taken', (values: Row) => {
    expect(judged(stored({ note: null }), edit('update', values)).answer.status).toBe('applied')
  })
})

describe('an insert', () => {
  test('makes a row with what it implies', () => {
    const { answer, after, changes, of } = judged(null, edit('insert', { name: 'bag' }))
    expect(answer).toEqual({ status: 'applied', set: { state: 'open', seen: NOW } })
    expect(after).toMatchObject({ id: 'k', name: 'bag', state: 'open', seen: NOW, count: null })
    expect(changes[0]?.[0]).toBe('insert')
    expect(Object.keys(of.why)).toEqual(['name', 'state', 'seen'])
  })

  test('of a row that is there is merged into it', () => {
    const { answer, after } = judged(stored(), edit('insert', { name: 'bag', count: 1 }))
    expect(answer).toEqual({ status: 'merged', reason: 'kept by max', set: { count: 5 } })
    expect(after).toMatchObject({ name: 'bag', seen: 7 })
  })

  test('of a row that is gone brings it back, and tells what it brought back with it', () => {
    const { answer, after, of, changes } = judged(GONE, edit('insert', { name: 'bag' }))
    expect(answer).toEqual({
      status: 'applied',
      set: { count: 5, note: 'n', state: 'open', seen: NOW, made: 3 },
    })
    expect([after.deleted_at, of.why.deleted_at]).toEqual([null, ['device:d', 'returned']])
    expect(changes[0]?.[0]).toBe('update')
  })

  test('that is rejected brings nothing back', () => {
    expect(judged(GONE, edit('insert', { name: 'no' }))).toMatchObject({
      answer: { status: 'rejected' },
      after: { deleted_at: 9 },
      changes: [],
    })
  })
})

describe('a deletion', () => {
  test('is done, and of what is gone or never was it is done already', () => {
    const { answer, after, of, changes } = judged(stored(), edit('delete'))
    expect([answer, after.deleted_at, of.why.deleted_at]).toEqual([
      { status: 'applied' },
      NOW,
      ['device:d', 'deleted'],
    ])
    expect(changes).toEqual([['delete', 'deleted_at']])
    for (const before of [GONE, null])
      expect(judged(before, edit('delete'))).toMatchObject({ answer: { status: 'applied' }, of: { why: {} } })
    expect(judged(GONE, edit('delete')).changes).toEqual([])
  })

  test('of what is held is a conflict, and the answer is the row', () => {
    const { answer, of, after, changes } = judged(
      stored({ state: 'done' }),
      edit('delete', {}, { name: 'box' }),
    )
    const row = {
      name: 'box',
      count: 5,
      note: 'n',
      state: 'done',
      by: null,
      link: null,
      weight: null,
      seen: 7,
      made: 3,
    }
    expect(answer).toEqual({
      status: 'conflict',
      reason: 'it is done',
      conflict: of.conflicts[0]?.id,
      set: row,
    })
    expect(of.conflicts).toMatchObject([
      {
        kind: 'delete',
        base: '{"name":"box"}',
        ours: JSON.stringify(row),
        theirs: null,
        detail: 'delete: it is done (device:d)',
      },
    ])
    expect([after.deleted_at, changes]).toEqual([null, [['refuse', 'deleted_at']]])
  })

  test('and an insert in one push leave the row', () => {
    const of = draft(stored())
    expect([judge(of, edit('delete')), judge(of, edit('insert', { name: 'bag' })).status]).toEqual([
      { status: 'applied' },
      'applied',
    ])
    expect(of.after).toMatchObject({ deleted_at: null, name: 'bag' })
    const back = draft(null)
    expect([
      judge(back, edit('insert', { name: 'bag' })).status,
      judge(back, edit('update', { name: 'sack' })).status,
      judge(back, edit('delete')).status,
    ]).toEqual(['applied', 'applied', 'applied'])
    expect(judge(back, edit('update', { name: 'bag' }))).toMatchObject({
      status: 'conflict',
      reason: 'it was deleted meanwhile',
    })
  })
})

test('a table whose admission names a column without a rule is a bug', () => {
  const wrong = { ...table, merge: { name: theirs } }
  expect(() =>
    judgeEdit(draft(null), {
      table: wrong,
      edit: edit('insert', { name: 'bag' }),
      origin: 'd',
      context: { now: 0, actor: '', config: null },
      claims: new Map(),
    }),
  ).toThrow('things.state has no merge rule')
})

const values = fc.record(
  {
    name: fc.constantFrom(null, 'bag', 'box', 'no', 'far too long'),
    count: fc.option(fc.nat(9)),
    note: fc.constantFrom(null, 'm', 'n'),
    state: fc.constantFrom('open', 'done', 'torn'),
    by: fc.constantFrom(null, 'ann', 'bob'),
  },
  { requiredKeys: [] },
)
const said = fc.record({
  op: fc.constantFrom('insert' as const, 'update' as const, 'delete' as const),
  values,
  base: values,
})
const begun = fc.constantFrom(null, stored(), stored({ state: 'done', by: 'ann', note: null }), GONE)
const pinned = fc.subarray([pin('name', 'pinned'), pin('state', 'done'), pin('note', 'kept')])

test('a device that takes its answer over has the row as it stands, and nothing that it said is lost', () => {
  fc.assert(
    fc.property(begun, fc.array(said, { minLength: 1, maxLength: 5 }), pinned, (before, edits, pins) => {
      const of = draft(before, pins)
      for (const each of edits) {
        const found: Row | null =
          of.before === null && Object.keys(of.why).length === 0 ? null : { ...of.after }
        const live = found !== null && found.deleted_at == null
        const opened = of.conflicts.length
        const answer = judge(
          of,
          edit(each.op, each.op === 'delete' ? {} : { ...each.values }, { ...each.base }),
        )
        const columns = Object.keys(device.columns)
        const shown = Object.fromEntries(columns.map((column) => [column, of.after[column] ?? null]))
        if (answer.status === 'rejected') {
          expect([answer.reason, found === null ? null : of.after]).toEqual([expect.any(String), found])
          continue
        }
        expect((answer.conflict === undefined) === (answer.status !== 'conflict')).toBe(true)
        if (answer.conflict !== undefined) expect(of.conflicts.map(({ id }) => id)).toContain(answer.conflict)
        else expect(of.conflicts.length).toBe(opened)
        if (each.op === 'delete') {
          if (answer.status === 'applied')
            expect(of.before === null && found === null ? 1 : of.after.deleted_at).not.toBeNull()
          else expect({ ...shown, ...answer.set }).toEqual(shown)
          continue
        }
        if (!live && each.op === 'update') {
          expect(answer.status).toBe('conflict')
          continue
        }
        // Insert and update: the row with what was said and what the answer sets is the server's row.
        const empty = Object.fromEntries(columns.map((column) => [column, null]))
        const was = live
          ? Object.fromEntries(columns.map((column) => [column, found?.[column] ?? null]))
          : empty
        expect({ ...was, ...each.values, ...answer.set }).toEqual(shown)
        for (const [column, value] of Object.entries(each.values)) {
          // Nothing said: the admission fills it.
          if (value === null) continue
          const told =
            of.after[column] === value ||
            of.refused[column]?.value === value ||
            of.conflicts.some(({ col, theirs: kept }) =>
              col === column ? kept === value : col === null && String(kept).includes(JSON.stringify(value)),
            )
          expect([column, value, told]).toEqual([column, value, true])
        }
      }
    }),
    { numRuns: 2_000 },
  )
})
