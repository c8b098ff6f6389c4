import { beforeEach, describe, expect, test } from 'vitest'
import {
  book,
  createBook,
  createRun,
  createWorld,
  email,
  must,
  part,
  readTab,
  type World,
} from './sheet-world.ts'

const header = ['Profile URL', 'Username', 'Followers', 'Likes', 'Comments', 'Videos', 'Views']
const row = (name: string, ...counts: (string | number | boolean | null)[]) => [
  `https://www.instagram.com/${name}/`,
  name,
  ...counts,
]

let world: World
beforeEach(() => {
  world = createWorld()
})

const kinds = (page: { warnings: readonly { kind: string }[] }) => page.warnings.map(({ kind }) => kind)

describe('A tab', () => {
  test('is read by header names, wherever they stand and however they are written', async () => {
    createBook(world, {
      A: [
        ['Our accounts', null, null],
        [],
        ['VIEWS', 'remarks', 'profile-url', 'subs', 'USER_name ', 'Likes', 'posts', 'comments'],
        [7, 'x', 'instagram.com/Ann', 5, 'ann', 1, 2, 3],
      ],
    })
    const page = await readTab(world, 'A')
    expect(page.rows).toEqual([
      {
        position: 0,
        values: {
          profile_url: 'instagram.com/Ann',
          profile_url_key: 'https://instagram.com/ann',
          username: 'ann',
          followers: 5,
          likes: 1,
          comments: 3,
          videos: 2,
          views: 7,
        },
      },
    ])
    expect(page.where(0, 'followers')).toBe('A!D4')
    expect(page.where(0, 'profile_url_key')).toBe('A!C4')
    expect(page.where(0)).toBe('A!4:4')
    expect(page.next).toBeNull()
  })

  test('without a required header is refused, naming the headers found and expected', async () => {
    createBook(world, {
      A: [
        ['Profil', 'Followers'],
        ['x', 1],
      ],
    })
    const { refused, rows } = await readTab(world, 'A')
    expect(rows).toEqual([])
    expect(refused?.reason).toContain('“Profil”, “Followers”')
    expect(refused?.reason).toContain('“Profile URL”')
    expect(refused?.mend).toContain('“url”')
  })

  test('that is empty is refused: it never looks like a tab whose rows were all deleted', async () => {
    createBook(world, { A: [] })
    expect((await readTab(world, 'A')).refused?.reason).toContain('nothing')
  })

  test('with the same header twice is refused, and an alias beside the header itself is only mentioned', async () => {
    createBook(world, {
      twice: [['url', 'Followers', 'followers']],
      aliases: [['Profile URL', 'subs', 'Subscribers']],
      both: [['Profile URL', 'Followers', 'subs'], ...[row('ann', 1)].map(([url]) => [url ?? '', 5, 9])],
    })
    expect((await readTab(world, 'twice')).refused?.reason).toContain('2 columns for “Followers”')
    expect((await readTab(world, 'aliases')).refused?.reason).toContain('“subs”, “Subscribers”')
    const page = await readTab(world, 'both')
    expect(page.rows[0]?.values.followers).toBe(5)
    expect(page.warnings.find(({ kind }) => kind === 'column_ignored')?.message).toContain('“subs”')
  })

  test('without an optional column is read without it, and says so once', async () => {
    createBook(world, {
      A: [
        ['url', 'Followers'],
        ['instagram.com/a', 1],
        ['instagram.com/b', 2],
      ],
    })
    const page = await readTab(world, 'A')
    expect(page.rows.map(({ values }) => values.followers)).toEqual([1, 2])
    expect(Object.keys(page.rows[0]?.values ?? {})).toEqual(['profile_url', 'profile_url_key', 'followers'])
    expect(kinds(page)).toEqual(['column_missing'])
    expect(page.warnings[0]?.message).toContain('“Likes”')
  })

  test('leaves out empty rows in silence and rows without a key with a word, and positions are the sheet’s', async () => {
    createBook(world, {
      A: [
        header,
        row('ann', 1, 1, 1, 1, 1),
        [],
        [null, null, false],
        [null, 'total', 9],
        row('bob', 2, 2, 2, 2, 2),
      ],
    })
    const page = await readTab(world, 'A')
    expect(page.rows.map(({ position }) => position)).toEqual([0, 4])
    expect(page.warnings).toEqual([
      { kind: 'no_key', message: 'Profile URL missing; the row was left out', where: 'A!5:5' },
    ])
  })

  test('that is larger than can be read at once is refused, not cut off', async () => {
    const rows = Array.from({ length: 20_001 }, (_, i) => [`instagram.com/n${i}`])
    createBook(world, { A: [['url'], ...rows] })
    const page = await readTab(world, 'A')
    expect(page.rows).toEqual([])
    expect(page.refused?.reason).toContain('beyond 11000 rows')
  })

  test('with a cell that is no profile URL leaves that row out and reports the cell', async () => {
    createBook(world, { 'My tab': [header, ['ask Ann', 'x', 1, 1, 1, 1, 1], ['=NA()', 'y', 1, 1, 1, 1, 1]] })
    const page = await readTab(world, 'My tab')
    expect(page.rows).toEqual([])
    expect(page.warnings).toEqual([
      expect.objectContaining({ kind: 'bad_url', where: "'My tab'!A2", raw: 'ask Ann' }),
      expect.objectContaining({ kind: 'unreadable', where: "'My tab'!A3" }),
    ])
  })
})

describe('A count', () => {
  test('that is empty or garbled is absent, reported with its cell and what stands there, and never written over', async () => {
    createBook(world, { 'Tab 1': [header, row('ann', null, 'n/a', -1, 1.5, true)] })
    const page = await readTab(world, 'Tab 1')
    expect(Object.keys(page.rows[0]?.values ?? {})).toEqual(['profile_url', 'profile_url_key', 'username'])
    expect(page.warnings.map(({ kind, where, raw }) => [kind, where, raw])).toEqual([
      ['empty', "'Tab 1'!C2", undefined],
      ['unreadable', "'Tab 1'!D2", 'n/a'],
      ['unreadable', "'Tab 1'!E2", '-1'],
      ['unreadable', "'Tab 1'!F2", '1.5'],
      ['unreadable', "'Tab 1'!G2", 'TRUE'],
    ])
    expect(page.rows[0]?.locked).toEqual(['likes', 'comments', 'videos', 'views'])
  })

  test('that a person typed as text is understood by the sheet’s locale', async () => {
    createBook(
      world,
      { A: [header, row('ann', "'1.234", "'3,4 M", "'2 Mio", "'1,234", "'1.2K")] },
      { locale: 'de_DE' },
    )
    const page = await readTab(world, 'A')
    expect(page.rows[0]?.values).toMatchObject({ followers: 1234, likes: 3400000, comments: 2000000 })
    expect(page.warnings.map(({ where }) => where)).toEqual(['A!F2', 'A!G2'])
  })

  test('that Sheets took for a date or a percentage is not taken for a number', async () => {
    createBook(world, { A: [header, row('ann', '1.5', '100%', '12:00', 3, 4)] }, { locale: 'de_DE' })
    expect(world.person.cell(book, 'A!C2').format?.type).toBe('DATE')
    const page = await readTab(world, 'A')
    expect(page.rows[0]?.values).not.toHaveProperty('followers')
    expect(page.rows[0]?.values).not.toHaveProperty('likes')
    expect(kinds(page)).toEqual(['unreadable', 'unreadable', 'unreadable'])
  })

  test('of a formula is read as its value and locked; its error is reported as shown', async () => {
    createBook(world, { A: [header, row('ann', '=40+2', '=NOPE()', 1, 1, 1)] })
    const page = await readTab(world, 'A')
    expect(page.rows[0]?.values.followers).toBe(42)
    expect(page.rows[0]?.locked).toEqual(['followers', 'likes'])
    expect(page.warnings[0]).toMatchObject({ kind: 'unreadable', where: 'A!D2', raw: '#NAME?' })
  })
})

describe('A pin', () => {
  test('is a note that begins with the word, or a name in the pin column', async () => {
    createBook(world, {
      A: [
        [...header, 'Pin'],
        [...row('ann', 1, 2, 3, 4, 5), 'Views; subs, typo'],
        [...row('bob', 1, 2, 3, 4, 5), null],
      ],
    })
    world.person.setNote(book, { cell: 'A!C3', note: ' PIN: agreed with Ann' })
    world.person.setNote(book, { cell: 'A!D3', note: 'pinterest is better' })
    const page = await readTab(world, 'A')
    expect(page.rows.map(({ pinned }) => pinned)).toEqual([['views', 'followers'], ['followers']])
    expect(page.warnings).toEqual([
      expect.objectContaining({ kind: 'unknown_pin', where: 'A!H2', raw: 'typo' }),
    ])
  })

  test('on a cell that can’t be read pins nothing new: there is no value, and the cell is reported', async () => {
    createBook(world, { A: [header, row('ann', 'about 9', 1, 1, 1, 1)] })
    world.person.setNote(book, { cell: 'A!C2', note: 'pin' })
    const page = await readTab(world, 'A')
    expect(page.rows[0]?.values).not.toHaveProperty('followers')
    expect(page.rows[0]?.pinned).toEqual(['followers'])
    expect(kinds(page)).toEqual(['unreadable'])
  })
})

describe('Finding tabs', () => {
  const tabs = Object.fromEntries(
    ['A', 'B', 'C', 'D', 'E'].map((tab) => [
      tab,
      [header, ...Array.from({ length: 10 }, (_, i) => row(`${tab}${i}`, i, i, i, i, i))],
    ]),
  )
  const parts = Object.keys(tabs).map((tab) => part(tab))

  async function readAll(run = createRun(parts)) {
    const pages = []
    for (const each of parts) pages.push(must(await world.remote.read(run.context, each, null)))
    return pages
  }

  test('five tabs are one call, and one more the first time', async () => {
    createBook(world, tabs)
    const memory = { value: null }
    const run = createRun(parts, memory)
    must(await world.remote.probe(run.context))
    expect((await readAll(run)).map(({ rows }) => rows.length)).toEqual([10, 10, 10, 10, 10])
    expect(world.calls()).toEqual(['drive.files.get', 'sheets.get', 'sheets.getByDataFilter'])
    expect(run.called).toEqual(['drive', 'read', 'read'])
    await readAll(createRun(parts, memory))
    expect(world.calls()).toEqual(['sheets.getByDataFilter'])
  })

  test('20 tabs of 500 rows are at most 8 calls, each near 2 MB at most', async () => {
    const big = Object.fromEntries(
      Array.from({ length: 20 }, (_, t) => [
        `Tab ${t}`,
        [
          [...header, 'Remark'],
          ...Array.from({ length: 500 }, (_, i) => [
            ...row(`account_number_${t}_${i}`, i, i, i, i, i),
            'instagram',
          ]),
        ],
      ]),
    )
    createBook(world, big)
    const all = Object.keys(big).map((tab) => part(tab))
    const memory = { value: null }
    for (const most of [8, 7]) {
      const run = createRun(all, memory)
      for (const each of all)
        expect(must(await world.remote.read(run.context, each, null)).rows).toHaveLength(500)
      const bytes = world.google.calls.map((call) => call.bytes)
      expect(Math.max(...bytes)).toBeLessThan(2_500_000)
      expect(world.calls().length).toBeLessThanOrEqual(most)
    }
  })

  test('a renamed tab is found by its id without another call', async () => {
    createBook(world, tabs)
    const memory = { value: null }
    await readAll(createRun(parts, memory))
    world.person.renameTab(book, { tab: 'B', title: 'Beta' })
    world.calls()
    const pages = await readAll(createRun(parts, memory))
    expect(pages[1]?.rows).toHaveLength(10)
    expect(pages[1]?.where(0, 'followers')).toBe('Beta!C2')
    expect(world.calls()).toEqual(['sheets.getByDataFilter'])
  })

  test('a tab that was deleted and made anew is found by its title', async () => {
    createBook(world, tabs)
    const memory = { value: null }
    await readAll(createRun(parts, memory))
    world.person.deleteTab(book, { tab: 'B' })
    world.person.addTab(book, { title: 'B', rows: [header, row('new', 1, 1, 1, 1, 1)] })
    const pages = await readAll(createRun(parts, memory))
    expect(pages.map(({ rows }) => rows.length)).toEqual([10, 1, 10, 10, 10])
  })

  test('a tab that is gone fails its own part only, with the tabs found', async () => {
    createBook(world, tabs)
    const memory = { value: null }
    await readAll(createRun(parts, memory))
    world.person.deleteTab(book, { tab: 'B' })
    const pages = await readAll(createRun(parts, memory))
    expect(pages.map(({ rows }) => rows.length)).toEqual([10, 0, 10, 10, 10])
    expect(pages[1]?.refused?.reason).toContain('no tab “B”; found: “A”, “C”, “D”, “E”')
  })

  test('a renamed tab is found by its id also while another is looked for by its title', async () => {
    createBook(world, tabs)
    const memory = { value: null }
    await readAll(createRun(parts, memory))
    world.person.renameTab(book, { tab: 'B', title: 'Beta' })
    world.person.deleteTab(book, { tab: 'D' })
    const pages = await readAll(createRun(parts, memory))
    expect(pages.map(({ rows }) => rows.length)).toEqual([10, 10, 10, 0, 10])
  })

  test('another configured title is another tab, whatever is remembered', async () => {
    createBook(world, tabs)
    const memory = { value: null }
    const a = part('p', 'A')
    await world.remote.read(createRun([a], memory).context, a, null)
    const c = part('p', 'C')
    const page = must(await world.remote.read(createRun([c], memory).context, c, null))
    expect(page.rows[0]?.values.username).toBe('C0')
  })

  test('a run that lost its memory in the middle reads only what is left', async () => {
    createBook(world, tabs)
    const run = createRun(parts)
    must(await world.remote.read(run.context, parts[0] ?? part('A'), null))
    run.context.scratch.clear()
    world.calls()
    for (const each of parts.slice(1)) must(await world.remote.read(run.context, each, null))
    expect(world.calls()).toEqual(['sheets.getByDataFilter'])
  })

  test('values, notes and title are of one moment: a sort during the call changes all or none', async () => {
    createBook(world, { A: [header, row('ann', 1, 1, 1, 1, 1), row('bob', 2, 2, 2, 2, 2)] })
    world.person.setNote(book, { cell: 'A!C2', note: 'pin' })
    const hold = world.google.faults.hold({ api: 'sheets.getByDataFilter' })
    const reading = readTab(world, 'A')
    await hold.arrived()
    world.person.sort(book, { tab: 'A', by: 'Followers', descending: true })
    hold.release()
    const page = await reading
    expect(page.rows.map(({ values, pinned }) => [values.username, pinned])).toEqual([
      ['bob', undefined],
      ['ann', ['followers']],
    ])
  })
})

test('the fingerprint moves with every change and costs one call', async () => {
  createBook(world, { A: [header] })
  const run = createRun([part('A')])
  const before = must(await world.remote.probe(run.context))
  expect(must(await world.remote.probe(run.context))).toBe(before)
  world.person.set(book, { cell: 'A!A2', text: 'x' })
  expect(must(await world.remote.probe(run.context))).not.toBe(before)
  expect(world.asked).toEqual(['drive', 'drive', 'drive'])
  expect(email).toContain('@')
})
