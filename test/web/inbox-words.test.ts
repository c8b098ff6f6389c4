import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import type { Answer } from '../../web/src/data/answer.ts'
import { applyMany, type Deps, planMany } from '../../web/src/inbox/bulk.ts'
import { differences } from '../../web/src/inbox/differences.ts'
import { offerOf, recommended } from '../../web/src/inbox/recommended.ts'
import type { Resolved } from '../../web/src/inbox/shapes.ts'
import { happenings } from '../../web/src/inbox/timeline-groups.ts'
import { disputed, rowName, sentence, settledText } from '../../web/src/inbox/words.ts'
import { makeSync } from './fake-sync-world.ts'

const { conflicts } = makeSync(8, Date.parse('2026-11-21T12:00:00Z'), new Map())
const of = (id: string, more: Partial<SyncConflict> = {}): SyncConflict => ({
  ...conflicts.find(({ _id }) => _id === id)!,
  ...more,
})
const plain = (strategy: 'keep_local' | 'keep_remote') => ({ strategy, needsValue: false, suggestion: null })

test.each([
  [of('d_unique'), 'Two admins want the username “john”'],
  [of('d_unique', { remoteId: null, remote: null }), 'Two admins want the username “john”'],
  [of('d_merge'), 'Ann changed the description and seats here while Front desk changed them too'],
  [of('d_phone', { remoteBy: 'Ann' }), 'Ann changed the phone here while Office laptop changed it too'],
  [of('d_phone'), 'The phone changed both here and on Office laptop'],
  [of('d_deleted', { remoteBy: 'Ben' }), 'Edited on Front desk, deleted by Ben since'],
  [of('d_delete'), 'Deleted on Ann’s phone, edited here since'],
  [of('d_phone', { kind: 'undo' }), 'The phone changed again before it was undone'],
  [of('d_phone', { kind: 'other', notes: '' }), 'Other'],
])('a conflict in one sentence: %#', (conflict, text) => {
  expect(sentence(conflict)).toBe(text)
})

test('who made an edit is left out where it is not known', () => {
  const { localBy: _, ...unknown } = of('d_delete')
  expect(sentence(unknown)).toBe('Deleted on a device, edited here since')
})

test('a row is called by what sounds like a name, else by its key', () => {
  expect(rowName(of('d_unique'))).toBe('John Miller')
  expect(rowName(of('d_deleted'))).toBe('S. Rao')
  expect(rowName(of('d_phone'))).toBe('m_17')
})

test('disputed are the columns that the sides say differently, or those that the one side changed', () => {
  expect(disputed(of('d_merge'))).toEqual(['description', 'seats'])
  expect(disputed(of('d_unique'))).toEqual(['username'])
  expect(disputed(of('d_delete'))).toEqual(['people', 'status'])
})

test.each([
  ['a taken name gives way to the proposed one', of('d_unique'), 'Rename to john_a7k2'],
  [
    'a name that is free again stays',
    of('d_unique', { strategies: [plain('keep_local'), plain('keep_remote')] }),
    'Keep the local edit',
  ],
  ['the newer side of two edits', of('d_merge'), 'Keep what stands here'],
  [
    'the newer side of two edits, if it is the device’s',
    of('d_merge', { localAt: '2026-11-21T11:00:00.000Z' }),
    'Keep the local edit',
  ],
  ['an edited row comes back', of('d_deleted'), 'Bring it back'],
  ['a row that was edited is not deleted', of('d_delete'), 'Keep the row'],
])('recommended: %s', (_, conflict, text) => {
  expect(recommended(conflict)?.text).toBe(text)
})

test('a strategy that needs a value of a person’s own is not offered as a button', () => {
  expect(offerOf(of('d_merge'), 'merge')).toBeNull()
  expect(offerOf(of('d_merge'), 'rename_local')).toBeNull()
})

test('how it was settled, and by whom', () => {
  expect(settledText({ resolution: 'keep_remote', resolved_by: 'Ada' })).toBe('kept what stood here, by Ada')
  expect(settledText({ resolution: 'withdrawn', resolved_by: null })).toBe('taken back on the device')
})

describe('words that differ', () => {
  test.each([
    ['Lamps at dusk.', 'Lamps at noon.', ['dusk']],
    ['a b c', 'a b c', []],
    ['new words here', 'here', ['new words']],
    ['oil, please.', 'oil.', [', please']],
    ['', 'x', []],
  ])('%s | %s', (text, other, marked) => {
    expect(differences(text, other).flatMap(({ text, differs }) => (differs ? text : []))).toEqual(marked)
  })

  test('the pieces are the text, whatever it is; the same text has no mark, and blanks alone never have one', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', 'ü', '\n'), maxLength: 40 })
    fc.assert(
      fc.property(text, text, (mine, theirs) => {
        const pieces = differences(mine, theirs)
        expect(pieces.map((piece) => piece.text).join('')).toBe(mine)
        expect(differences(mine, mine).some(({ differs }) => differs)).toBe(false)
        for (const piece of pieces.filter(({ differs }) => differs))
          expect(piece.text.trim()).toBe(piece.text)
      }),
    )
  })

  test('a text as long as a book is compared as one', () => {
    const book = 'word '.repeat(5_000)
    expect(differences(book, `${book}.`)).toEqual([{ text: book, differs: true }])
  })
})

describe('many at once', () => {
  const answer = (more: Partial<Resolved> = {}): Answer<Resolved> => ({
    ok: true,
    status: 200,
    next: null,
    value: {
      success: true,
      message: '',
      conflict_id: '',
      resolved_by: null,
      resolved_at: null,
      lane: 'l',
      version: 1,
      dry_run: false,
      plans: [],
      ...more,
    },
  })
  const refused = (status: number, type: string): Answer<Resolved> => ({
    ok: false,
    problem: { type: `urn:tidemark:problem:${type}`, title: '', status, detail: 'No.', kept: '', mend: '' },
  })
  const deps = (resolve: Deps['resolve'], more: Partial<Deps> = {}): Deps => ({
    resolve,
    wait: async () => {},
    onProgress: () => {},
    isStopped: () => false,
    ...more,
  })

  test('what the server has no time for is tried again, and then given up with the reason', async () => {
    let asked = 0
    const waits: number[] = []
    const busy = deps(async () => (++asked < 3 ? refused(429, 'too_many') : answer()), {
      wait: async (ms) => {
        waits.push(ms)
      },
    })
    const [planned] = await planMany([of('d_phone')], 'keep_remote', busy)
    expect(planned).toMatchObject({ how: { strategy: 'keep_remote' } })
    expect(waits).toEqual([2_000, 4_000])
    const [given] = await planMany(
      [of('d_phone')],
      'keep_remote',
      deps(async () => refused(503, 'overloaded')),
    )
    expect(given).toMatchObject({ reason: 'No.' })
  })

  test('outcomes are in the order of the list, and at most four are asked for at once', async () => {
    let open = 0
    let most = 0
    const slow = deps(async () => {
      most = Math.max(most, ++open)
      await Promise.resolve()
      open--
      return answer()
    })
    const all = Array.from({ length: 30 }, (_, i) => of('d_phone', { _id: `c${i}` }))
    const jobs = await planMany(all, 'keep_remote', slow)
    const outcomes = await applyMany(jobs, '', slow)
    expect(outcomes.map(({ conflict }) => conflict._id)).toEqual(all.map(({ _id }) => _id))
    expect(most).toBe(4)
  })

  test('one without a name to give way to is left to a person, and never sent', async () => {
    const nameless = of('d_unique', {
      strategies: [{ strategy: 'keep_local', needsValue: true, suggestion: null }],
    })
    const never = deps(async () => {
      throw new Error('asked')
    })
    expect(await planMany([nameless], 'keep_local', never)).toMatchObject([
      { reason: 'It needs a value that only you can give.' },
    ])
  })
})

test('entries of one commit or one run are one happening; a refusal alone can’t be undone', () => {
  const entry = (version: number, op: HistoryEntry['op'], run_id: string | null = null): HistoryEntry => ({
    lane: 'l',
    version,
    op,
    at: '2026-11-21T12:00:00.000Z',
    origin: 'api',
    actor: 'Ada',
    run_id,
    changes: [],
  })
  expect(
    happenings([
      entry(9, 'resolve'),
      entry(9, 'update'),
      entry(8, 'refuse'),
      entry(7, 'update', 'r1'),
      entry(6, 'update', 'r1'),
      entry(5, 'insert'),
      entry(4, 'delete', 'r1'),
    ]).map(({ entries, undoing }) => [entries.length, undoing]),
  ).toEqual([
    [2, { lane: 'l', version: 9 }],
    [1, null],
    [2, { run: 'r1' }],
    [1, { lane: 'l', version: 5 }],
    [1, { run: 'r1' }],
  ])
})
