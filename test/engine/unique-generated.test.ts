import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { folded, whole } from '../../sync/engine/unique.ts'
import { type Said, type Site, site } from './site.ts'

// What is one unique value, and how values go from row to row within one push.

const letters = fc.constantFrom('a', 'B', 'ß', 'É', 'e\u0301', 'Å', 'ö', 'O\u0308', 'Ж', 'ж', 'ｆ', 'ﬁ', '1')
const word = fc.array(letters, { minLength: 1, maxLength: 6 }).map((all) => all.join(''))
const blanks = fc.constantFrom('', ' ', '\t', '\n  ', '\u00a0', '\u2003')

describe('a unique text', () => {
  test('is the same in any case, composed or not, with blanks around it or without', () => {
    fc.assert(
      fc.property(word, blanks, blanks, (text, before, after) => {
        const one = folded(text)
        for (const form of [
          text.normalize('NFC'),
          text.normalize('NFD'),
          text.toLowerCase(),
          `${before}${text}${after}`,
        ])
          expect(folded(form), JSON.stringify(form)).toBe(one)
        expect(folded(one), 'folding again changes nothing').toBe(one)
      }),
    )
  })

  test('claims nothing where it is empty, and keeps apart what differs inside', () => {
    for (const empty of [null, '', ' ', '\t\n', '\u00a0']) expect(folded(empty)).toBeNull()
    expect(folded('a b')).not.toBe(folded('ab'))
    expect(folded('ann')).not.toBe(folded('ánn'))
    expect([whole('Ann'), whole(' ann'), whole(''), whole(null)]).toEqual(['Ann', ' ann', null, null])
  })
})

const NAMES = ['n0', 'n1', 'n2', 'n3', 'n4', 'free', 'spare']
const written = [(name: string) => name, (name: string) => ` ${name.toUpperCase()}`]
const move = fc.record({
  row: fc.nat(4),
  to: fc.constantFrom(...NAMES),
  as: fc.nat(1),
  op: fc.constantFrom(
    'update' as const,
    'update' as const,
    'update' as const,
    'delete' as const,
    'insert' as const,
  ),
})

/** Rows r0 … r4, named n0 … n4. */
async function five(): Promise<Site> {
  const at = site()
  await at.push('first', ...[0, 1, 2, 3, 4].map((n): Said => ['insert', `r${n}`, { username: `n${n}` }]))
  return at
}

const namesOf = (at: Site) => new Map(at.admins().map(({ id, username }) => [String(id), String(username)]))

describe('in one push', () => {
  test.each([2, 3, 5])('names go round between %i rows, in whatever order they are said', async (count) => {
    const ring = Array.from({ length: count }, (_, n) => n)
    for (const order of [ring, ring.toReversed()]) {
      const at = await five()
      const edits = order.map(
        (n): Said => ['update', `r${n}`, { username: `n${(n + 1) % count}` }, { username: `n${n}` }],
      )
      const results = await at.push('a', ...edits)
      expect(results.map(({ status }) => status)).toEqual(ring.map(() => 'applied'))
      expect([...namesOf(at).values()].slice(0, count)).toEqual(ring.map((n) => `n${(n + 1) % count}`))
    }
  })

  test('a name is free though its row is deleted after it is claimed', async () => {
    const at = await five()
    const results = await at.push(
      'a',
      ['insert', 'new', { username: 'N0' }],
      ['delete', 'r0', {}, { username: 'n0' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(namesOf(at).get('new')).toBe('N0')
  })

  test('a ring that one of its rows can’t leave goes no further than it can', async () => {
    const at = await five()
    await at.push('b', ['update', 'r1', { username: 'other' }, { username: 'n1' }])
    // r1 was renamed meanwhile, so a person must say what it is; r0 gets its old name, and r2 may not have that of r0 … n1 is free.
    const results = await at.push(
      'a',
      ['update', 'r0', { username: 'n1' }, { username: 'n0' }],
      ['update', 'r1', { username: 'n2' }, { username: 'n1' }],
      ['update', 'r2', { username: 'n0' }, { username: 'n2' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['applied', 'conflict', 'applied'])
    expect([...namesOf(at).values()]).toEqual(['n1', 'other', 'n0', 'n3', 'n4'])
  })

  test('a promise that is not kept is not built upon', async () => {
    const at = await five()
    await at.push('boss', ['update', 'r0', { role: 'x' }, { role: null }])
    const pin = {
      type: 'pin',
      table: 'admins',
      key: 'r0',
      column: 'username',
      note: '',
      until: null,
    } as const
    await at.lane.push({ id: 'p', actor: 'boss', origin: 'person', mutations: [pin] })
    const results = await at.push(
      'a',
      ['update', 'r1', { username: 'n0' }, { username: 'n1' }],
      ['update', 'r0', { username: 'n1' }, { username: 'n0' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['conflict', 'merged'])
    expect([...namesOf(at).values()].slice(0, 2)).toEqual(['n0', 'n1'])
  })

  test('whatever is said, no two rows hold one value, and what waits has a reason', async () => {
    let waited = 0
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 7 }), async (moves) => {
        const at = await five()
        const said = new Map(namesOf(at))
        const edits = moves.map(({ row, to, as, op }): Said => {
          const [key, was, name] = [`r${row}`, said.get(`r${row}`), written[as]?.(to) ?? to]
          if (op === 'delete') said.delete(key)
          else said.set(key, name)
          const base = was === undefined ? {} : { username: was }
          if (op === 'delete') return ['delete', key, {}, base]
          return [was === undefined ? 'insert' : 'update', key, { username: name }, base]
        })
        const results = await at.push('a', ...edits)
        expect(results.map(({ status }) => status)).not.toContain('rejected')
        const names = namesOf(at)
        const held = [...names.values()].map((name) => folded(name))
        expect(new Set(held).size).toBe(held.length)
        // Asked for by several rows in one push: the first has it, though it may give it up later in the same push.
        const asked = edits.flatMap(([, key, values]) =>
          values?.username ? [`${folded(values.username)} ${key}`] : [],
        )
        const by = Map.groupBy(new Set(asked), (one) => one.split(' ')[0])
        const contested = [...by].flatMap(([name, keys]) => (name && keys.length > 1 ? [name] : []))
        const open = at.conflicts().filter(({ kind, resolution }) => kind === 'unique' && resolution === null)
        for (const { key, theirs } of open) {
          const { username } = JSON.parse(String(theirs))
          const others = [...names].filter(([id]) => id !== key).map(([, name]) => folded(name))
          expect([...others, ...contested], `${key} waits for ${username}`).toContain(folded(username))
          waited++
        }
        const wanted = [...said.values()].map((name) => folded(name))
        if (new Set(wanted).size === wanted.length && contested.length === 0)
          expect([...names.values()].sort(), 'where all can have what they want, they have').toEqual(
            [...said.values()].sort(),
          )
      }),
      { numRuns: 300 },
    )
    expect(waited).toBeGreaterThan(100)
  })
})

describe('a name that was taken meanwhile', () => {
  async function taken() {
    const at = await five()
    await at.push('a', ['delete', 'r0', {}, { username: 'n0' }])
    await at.push('b', ['insert', 'new', { username: ' N0 ' }])
    return at
  }

  test('keeps a deleted row from coming back, until it has another', async () => {
    const at = await taken()
    const [result] = await at.push('a', ['insert', 'r0', { username: 'n0', name: 'again' }])
    expect(result?.status).toBe('conflict')
    expect(namesOf(at).has('r0')).toBe(false)
    const [open] = at.conflicts()
    await at.applied({
      type: 'resolve',
      conflict: String(open?.id),
      strategy: 'rename_local',
      newValue: 'n9',
      notes: '',
    })
    expect(namesOf(at).get('r0')).toBe('n9')
  })

  test('keeps an undo of the deletion waiting, and the rest of it goes on', async () => {
    const at = await five()
    await at.push('a', ['delete', 'r0', {}, { username: 'n0' }], ['delete', 'r1', {}, { username: 'n1' }])
    const version = at.version()
    await at.push('b', ['insert', 'new', { username: ' N0 ' }])
    const plan = await at.applied({ type: 'undo', of: { version }, pin: false })
    expect(plan.opens).toMatchObject([{ key: 'r0', kind: 'unique' }])
    expect([...namesOf(at).keys()]).toEqual(['new', 'r1', 'r2', 'r3', 'r4'])
  })

  test('keeps a backup’s row out, and says which', async () => {
    const at = await five()
    const columns = ['id', 'username']
    const rows = at.admins().map(({ id, username }) => [id ?? null, username ?? null])
    await at.push(
      'b',
      ['update', 'r0', { username: 'x' }, { username: 'n0' }],
      ['insert', 's', { username: 'n0' }],
    )
    const plan = await at.applied({
      type: 'restore',
      tables: [{ name: 'admins', columns, rows, from: 'r', until: 's' }],
    })
    expect(plan.skips).toEqual([{ about: 'admins r0', reason: "its username is another row's" }])
    expect(namesOf(at).get('r0')).toBe('x')
  })

  test('is not pinned to another row', async () => {
    const at = await five()
    const pin = (key: string, value: string) =>
      at.lane.push({
        id: `${key} ${value}`,
        actor: 'boss',
        origin: 'person',
        mutations: [{ type: 'pin', table: 'admins', key, column: 'username', value, note: '', until: null }],
      })
    expect(await pin('r0', 'N1')).toMatchObject({ results: [{ status: 'rejected' }] })
    expect(await pin('r0', 'Neu')).toMatchObject({ results: [{ status: 'applied' }] })
    const [result] = await at.push('b', ['insert', 'z', { username: 'neu ' }])
    expect(result?.status).toBe('conflict')
    const [open] = at.conflicts()
    expect(open).toMatchObject({ holder: 'r0' })
  })
})
