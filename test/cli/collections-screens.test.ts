import { beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '../../workers/shared/app.ts'
import * as collections from './collections-data.ts'
import { beginAgain } from './data.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

// Every fact of the screens in the seed's document "CLI Usage" is on ours.

beforeEach(() => {
  beginAgain()
})

const { ID } = collections

describe('1. status', () => {
  it('says all of the seed: connection, sync, the last one, totals, and what to run', async () => {
    server.answers['collections.status'] = () => collections.status({ unresolvedConflicts: 1 })
    const { exit, out } = await here.run(['status'])
    expect(exit).toBe(1)
    const section = out.slice(out.indexOf('Collections\n')).replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, 'TIME')
    expect(section).toBe(
      [
        'Collections',
        'devices    on line',
        'sync       none under way',
        'last sync  TIME UTC (3 h ago), completed in 15.2 s',
        'syncs      42 completed',
        'conflicts  3 so far, 1 open',
        '! 1 conflict needs a person; see: tidemark conflicts',
        '',
      ].join('\n'),
    )
  })

  it('tells a sync under way, one that failed, and devices that are away', async () => {
    server.answers['collections.status'] = () =>
      collections.status({
        isOnline: false,
        isSyncing: true,
        lastSyncStatus: 'failed',
        lastSyncDuration: null,
      })
    const { exit, out } = await here.run(['status'])
    expect(exit).toBe(0)
    expect(out).toMatch(
      /devices {4}none on line\nsync {7}under way\nlast sync {2}.* UTC \(3 h ago\), failed\n/,
    )
  })

  it('is no failure where this token may not see it', async () => {
    server.answers['collections.status'] = () => {
      throw new Refusal({ type: 'forbidden', detail: 'This needs the role admin.' })
    }
    const { exit, out } = await here.run(['status'])
    expect(exit).toBe(0)
    expect(out).toContain('Collections\nnot shown: This needs the role admin.\n')
  })
})

describe('2. sync', () => {
  it('says status, duration, what was pushed and pulled, and conflicts, by collection', async () => {
    server.answers['collections.syncNow'] = () =>
      collections.outcome({
        conflicts: { admins: 1 },
        devices: [
          { name: 'office laptop', status: 'completed', error: null },
          { name: 'gate tablet', status: 'waiting', error: null },
        ],
      })
    const { exit, out, err } = await here.run(['sync', '--devices'])
    expect({ exit, err }).toEqual({ exit: 1, err: 'Asking the devices to sync all collections\n' })
    expect(out).toBe(
      [
        'Sync of 2 devices: completed in 15.23 s',
        '',
        'collection  pushed  pulled  conflicts',
        'admins           5       2          1',
        'bookings        12       0          0',
        '',
        'device         result',
        'office laptop  completed',
        'gate tablet    goes on; see: tidemark logs --server',
        '',
        '1 conflict; see: tidemark conflicts',
        '',
      ].join('\n'),
    )
    expect(server.calls.map(({ body }) => body)).toEqual([{}])
  })

  it('asks for some collections where told so, and without --devices too where no file is attached', async () => {
    expect((await here.run(['sync', '--collections', 'admins', 'bookings'])).exit).toBe(0)
    await here.run(['sync', '--devices', '--collections', 'admins'])
    expect(server.calls.map(({ path, body }) => [path, body])).toEqual([
      ['/api/sync/sync', { collections: ['admins', 'bookings'] }],
      ['/api/sync/sync', { collections: ['admins'] }],
    ])
  })

  it('says that no device is on line, and ends with 2 for a sync that failed', async () => {
    const empty = { devices: [], collections: [], localToRemote: {}, remoteToLocal: {}, conflicts: {} }
    server.answers['collections.syncNow'] = () => collections.outcome(empty)
    const alone = await here.run(['sync', '--devices'])
    expect([alone.exit, alone.out]).toEqual([
      0,
      'Sync of 0 devices: completed in 15.23 s\nNo device is on line. Each one syncs when it is back.\n',
    ])
    server.answers['collections.syncNow'] = () =>
      collections.outcome({ status: 'failed', error: 'The gate tablet has no room on its disk.' })
    const failed = await here.run(['sync', '--devices'])
    expect(failed.exit).toBe(2)
    expect(failed.out).toContain('failed in 15.23 s\n  The gate tablet has no room on its disk.\n')
  })

  it('names the sync to wait for where one is in progress', async () => {
    server.answers['collections.syncNow'] = () => {
      throw new Refusal({
        type: 'in_progress',
        detail: 'Sync 01SYNC1 is under way.',
        mend: 'Wait for it.',
        run: '01SYNC1',
      })
    }
    const { exit, out, err } = await here.run(['sync', '--devices'])
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain('Sync 01SYNC1 is under way.')
  })

  it('takes no file and all devices at once', async () => {
    const { exit, err } = await here.run(['sync', 'a.db', '--devices'])
    expect(exit).toBe(2)
    expect(err).toContain('--devices asks all devices')
    expect(server.calls).toEqual([])
  })
})

describe('3. conflicts', () => {
  it('says all of the seed: the list by collection, each in full, recommendations, and what to run', async () => {
    server.answers['collections.conflicts'] = () => [collections.conflict()]
    const { exit, out } = await here.run(['conflicts'])
    expect(exit).toBe(1)
    expect(out.replace(/UTC \(.*\)/, 'UTC (WHEN)')).toBe(
      [
        'Collection admins: 1 conflict',
        "  1. username = 'john_admin'  ! unresolved",
        '',
        `1. Conflict ${ID}`,
        '   collection  admins',
        '   row         a11, against a12',
        '   field       username',
        "   local       'john_admin'",
        "   remote      'john_admin'",
        '              local',
        '     name     John',
        '     role_id  3',
        '   time        2025-10-19 10:25:00 UTC (WHEN)',
        "   notes       Unique field 'username' conflicts with existing remote document",
        '   what can be done',
        "     1. Rename local 'username' to 'john_admin_a7k2' to avoid conflict",
        '     2. Discard local changes and use remote value',
        '     3. Manually edit local document to use a different username',
        '     4. Contact the user to choose a new username',
        '   to settle it',
        `     tidemark resolve ${ID} --strategy rename_local --value john_admin_a7k2`,
        `     tidemark resolve ${ID} --strategy keep_remote`,
        '',
      ].join('\n'),
    )
    expect(server.calls.find(({ path }) => path === '/api/sync/conflicts')?.query).toMatchObject({
      resolved: 'false',
    })
  })

  it('groups by collection, numbers through, and with --all shows what is settled too', async () => {
    server.answers.listConflicts = () => []
    server.answers['collections.conflicts'] = ({ query }) =>
      query.resolved === undefined
        ? [collections.merge, collections.resolved, collections.conflict()]
        : [collections.merge, collections.conflict()]
    const { exit, out } = await here.run(['conflicts', '--all'])
    expect(exit).toBe(1)
    expect(out.split('\n').slice(0, 7)).toEqual([
      'Collection admins: 2 conflicts',
      "  1. username = 'ann'  ✓ resolved 2 days ago: rename_local by Ada",
      "  2. username = 'john_admin'  ! unresolved",
      '',
      'Collection bookings: 1 conflict',
      '  3. guests = 4  ! unresolved',
      '',
    ])
    expect(out).not.toContain('Conflict c_old')
    expect(out).toContain('Rules settle some of them: tidemark auto-resolve --dry-run')
  })

  it('shows all sides of a row of which several columns are in question', async () => {
    server.answers['collections.conflicts'] = () => [collections.merge]
    const { out } = await here.run(['conflicts', '--collection', 'bookings'])
    expect(out).toContain(
      [
        '   row         b7',
        '   field       guests',
        '   local       4',
        '   remote      3',
        '             before  local  remote',
        '     guests  2       4      3',
        '     room    –       Hall   Garden',
      ].join('\n'),
    )
    expect(out).toContain('     tidemark resolve c_merge --strategy merge --value …\n')
    expect(server.calls[0]?.query).toMatchObject({ collection: 'bookings', resolved: 'false' })
  })

  it('says of a deletion what the other side is', async () => {
    server.answers['collections.conflicts'] = () => [
      {
        ...collections.merge,
        kind: 'deleted',
        field: null,
        localValue: null,
        remoteValue: null,
        remote: null,
      },
    ]
    const { out } = await here.run(['conflicts'])
    expect(out).toContain('  1. row b7  ! unresolved')
    expect(out).toContain('remote      there is no such row\n')
  })

  it.each([
    [
      'deleted' as const,
      { base: { guests: 2 }, local: { guests: 4 }, remote: null },
      ['local       the row is changed', 'remote      there is no such row', 'before  local', '2       4'],
    ],
    [
      'delete' as const,
      { base: { guests: 2 }, local: null, remote: { guests: 3 } },
      ['local       the row is deleted', 'remote      the row is changed', 'before  remote', '2       3'],
    ],
  ])('says what the other side of a deletion changed (%s)', async (kind, sides, facts) => {
    server.answers['collections.conflicts'] = () => [
      { ...collections.merge, kind, field: null, localValue: null, remoteValue: null, ...sides },
    ]
    const { out } = await here.run(['conflicts'])
    for (const fact of facts) expect(out).toContain(fact)
  })

  it('says who can settle what this token may only see', async () => {
    server.answers['collections.conflicts'] = () => [collections.conflict({ strategies: [] })]
    const { out } = await here.run(['conflicts'])
    expect(out).toContain('   to settle it\n     ask an admin, or whoever made the edit\n')
  })

  it('a suggested value is one word for a shell, whatever it holds', async () => {
    const [first] = collections.conflict().strategies
    if (!first) throw new Error('there is a strategy')
    server.answers['collections.conflicts'] = () => [
      collections.conflict({ strategies: [{ ...first, suggestion: "it's $(rm)" }] }),
    ]
    const { out } = await here.run(['conflicts'])
    expect(out).toContain(`--value 'it'\\''s $(rm)'\n`)
  })

  it('ends with 2 where it could not be asked: nobody knows that nothing waits', async () => {
    server.answers['collections.conflicts'] = () => {
      throw new Refusal({ type: 'overloaded', detail: 'The lane is busy.' })
    }
    const { exit, out, err } = await here.run(['conflicts'])
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain('The lane is busy.')
  })

  it('ends with 0 where nothing is open', async () => {
    expect(await here.run(['conflicts'])).toEqual({ exit: 0, out: 'No conflicts.\n', err: '' })
    server.answers['collections.conflicts'] = () => [collections.resolved]
    expect((await here.run(['conflicts', '--all'])).exit).toBe(0)
  })
})

describe('4. resolve', () => {
  const CHANGED = [
    '✓ Changed 1 row of admins  version 118',
    '  update  a11',
    '    username  john_admin → john_admin_2',
    '    phone  1 → –',
    `  settles ${ID} by rename_local`,
  ]

  it('says how it was settled, what changed, and what comes next', async () => {
    const words = [
      'resolve',
      ID,
      '--strategy',
      'rename_local',
      '--value',
      'john_admin_2',
      '--notes',
      'agreed',
    ]
    const { exit, out, err } = await here.run(words)
    expect({ exit, err }).toEqual({ exit: 0, err: `Resolving ${ID}\n` })
    expect(out).toBe(
      [
        '✓ Conflict resolved using rename_local strategy',
        '  by Ada just now',
        ...CHANGED,
        '  next: the devices hear of it with their next sync; at once: tidemark sync --devices',
        `  undo: tidemark undo --conflict ${ID}`,
        '',
      ].join('\n'),
    )
    expect(server.calls.map(({ path, body }) => [path, body])).toEqual([
      [
        `/api/sync/conflicts/${ID}/resolve`,
        { strategy: 'rename_local', newValue: 'john_admin_2', notes: 'agreed', dry_run: false },
      ],
    ])
  })

  it('knows the seed’s strategies only', async () => {
    const { exit, err } = await here.run(['resolve', ID, '--strategy', 'toss'])
    expect(exit).toBe(2)
    expect(err).toContain('rename_local, keep_local, keep_remote, merge')
    expect((await here.run(['resolve', ID])).exit).toBe(2)
    expect(server.calls).toEqual([])
  })

  it('sends digits as a number where the column holds numbers, and nothing as no value', async () => {
    server.answers['collections.conflicts'] = () => [collections.merge, collections.conflict()]
    await here.run(['resolve', 'c_merge', '--strategy', 'merge', '--set', 'guests=5', '--set', 'room='])
    await here.run(['resolve', 'c_merge', '--strategy', 'merge', '--value', '6'])
    await here.run(['resolve', ID, '--strategy', 'rename_local', '--value', '2026'])
    const sent = server.calls.filter(({ path }) => path.endsWith('/resolve')).map(({ body }) => body)
    expect(sent).toMatchObject([{ values: { guests: 5, room: null } }, { newValue: 6 }, { newValue: '2026' }])
  })

  it.each([
    ['keep_remote', ['--value', 'x'], 'keep_remote takes no value'],
    ['rename_local', ['--value', 'x', '--set', 'room=2'], '--set is for merge'],
  ])('a value that %s would ignore is refused', async (strategy, given, title) => {
    const { exit, err } = await here.run(['resolve', ID, '--strategy', strategy, ...given])
    expect([exit, server.calls]).toEqual([2, []])
    expect(err).toContain(title)
  })

  it('tells what to give by the names of its options', async () => {
    server.answers['collections.resolve'] = () => {
      const mend = 'Give a `newValue` that is free, for example ann_k3f9.'
      throw new Refusal({ type: 'conflict', detail: 'It is taken.', mend })
    }
    const { err } = await here.run(['resolve', ID, '--strategy', 'keep_local'])
    expect(err).toContain('Give a --value that is free, for example ann_k3f9.')
  })

  it('a setting that says nothing is refused before anything is sent', async () => {
    const { exit, err } = await here.run(['resolve', ID, '--strategy', 'merge', '--set', 'guests'])
    expect(exit).toBe(2)
    expect(err).toContain('"guests" does not say what is set to what.')
    expect(server.calls).toEqual([])
  })
})

describe('5. auto-resolve', () => {
  it('says how many were resolved, skipped and failed, why, and what to run', async () => {
    const { exit, out, err } = await here.run(['auto-resolve'])
    expect({ exit, err }).toEqual({ exit: 1, err: 'Resolving up to 10 conflicts\n' })
    expect(out.slice(out.indexOf('  skips'))).toBe(
      [
        '  skips c4: a person must say',
        ...['c5', 'c6', 'c7', 'c8'].map((id) => `  ! ${id} skipped: a person must say`),
        '✓ Resolved: 3',
        '! Skipped (a person must say): 5',
        '  Failed: 0',
        '  next: the devices hear of it with their next sync; at once: tidemark sync --devices',
        '',
      ].join('\n'),
    )
    await here.run(['auto-resolve', '--max', '50'])
    expect(server.calls.map(({ query }) => query.max)).toEqual([10, 50])
  })

  it('ends with 0 where all were settled, and where there was none', async () => {
    const none = { resolved: 0, skipped: 0, failed: 0, results: [], dry_run: false, plans: [] }
    server.answers['collections.autoResolve'] = () => none
    const { exit, out } = await here.run(['auto-resolve'])
    expect(exit).toBe(0)
    expect(out).toContain('No conflict is open.')
  })
})

describe('6. config', () => {
  it('says all of the seed', async () => {
    expect(await here.run(['config'])).toEqual({
      exit: 0,
      err: '',
      out: [
        'sync by themselves           yes  autoSyncEnabled',
        'and at least                 only with a reason  syncIntervalMinutes',
        'conflicts                    manual  conflictResolutionStrategy',
        'edits at once                100  batchSize',
        'tries of a failing sync      3  maxRetries',
        '',
        'collections to sync (6)  collectionsToSync',
        ...collections.COLLECTIONS.map((name) => `  ${name}`),
        '',
      ].join('\n'),
    })
  })

  it('sets what is named, each as its kind', async () => {
    const words = ['autoSyncEnabled=false', 'syncIntervalMinutes=60', 'conflictResolutionStrategy=newest']
    const { exit, out } = await here.run(['config', 'set', ...words, 'collectionsToSync=admins, events'])
    expect(exit).toBe(0)
    expect(out).toContain('every 60 minutes')
    await here.run(['config', 'set', 'syncIntervalMinutes=off', 'collectionsToSync=all'])
    expect(server.calls.map(({ body }) => body)).toEqual([
      {
        autoSyncEnabled: false,
        syncIntervalMinutes: 60,
        conflictResolutionStrategy: 'newest',
        collectionsToSync: ['admins', 'events'],
      },
      { syncIntervalMinutes: null, collectionsToSync: null },
    ])
  })

  it('tells the server’s own words about what it does not take', async () => {
    const { exit, err } = await here.run(['config', 'set', 'maxRetries=99', 'colour=red'])
    expect(exit).toBe(2)
    expect(err).toMatch(/\n {4}maxRetries {2}Too big/)
    expect(err).toContain('colour')
    expect(server.calls).toEqual([])
  })

  it('gets one setting, and who changed them when', async () => {
    expect((await here.run(['config', 'get', 'batchSize'])).out).toBe('100\n')
    expect((await here.run(['config', 'get', 'colour'])).err).toContain('They are autoSyncEnabled, ')
    expect((await here.run(['config', '--history'])).out).toBe(
      ['when        who  set to', '2 days ago  Ada  batchSize=100', '3 days ago  Ben  default', ''].join(
        '\n',
      ),
    )
    const of = { key: 'sync.collections', by: 'Ada', at: new Date().toISOString() }
    server.answers['collections.configHistory'] = () => [
      { ...of, value: { batchSize: 50, syncIntervalMinutes: null, maxRetries: 3 } },
      { ...of, value: { batchSize: 100, syncIntervalMinutes: 60, maxRetries: 3 } },
    ]
    expect((await here.run(['config', '--history'])).out).toBe(
      [
        'when      who  set to',
        'just now  Ada  batchSize=50 syncIntervalMinutes=default',
        'just now  Ada  batchSize=100 syncIntervalMinutes=60 maxRetries=3',
        '',
      ].join('\n'),
    )
  })
})

describe('logs', () => {
  it('shows the syncs of all devices where no file is attached, the newest 20', async () => {
    server.answers['collections.logs'] = () => [
      collections.log({ conflicts: { admins: 2 } }),
      collections.log({
        status: 'failed',
        trigger: 'automatic',
        device: null,
        durationSeconds: null,
        error: 'No answer.',
      }),
    ]
    const { exit, out } = await here.run(['logs'])
    expect(exit).toBe(0)
    expect(out).toBe(
      [
        'when     status     why        device            took  pushed  pulled  conflicts  collections       error',
        '3 h ago  completed  by hand    office laptop  15.23 s      17       2          2  admins, bookings',
        '3 h ago  failed     by itself  all on line                 17       2             admins, bookings  No answer.',
        '',
      ].join('\n'),
    )
    await here.run(['logs', '--server', '--limit', '3'])
    expect(server.calls.map(({ query }) => query.limit)).toEqual([20, 3])
  })
})

describe('why', () => {
  it('says of each column where it came from, what it replaced, what was not taken, and pins', async () => {
    server.answers.listHistory = () => collections.past
    server.answers['devices.tables'] = () => {
      throw new Refusal({ type: 'forbidden', detail: 'No tables.' })
    }
    const { exit, out } = await here.run(['why', 'admins', 'a11'])
    expect(exit).toBe(0)
    expect(out).toBe(
      [
        'a11 of admins',
        '',
        'name  Ann Lee',
        '  from Ada by office laptop 1 day ago, rule rename_local  admins 5, in place of Ann',
        '  not taken since: Anna, from device:phone by office laptop 1 h ago, rule newest(edited_at)  admins 7',
        '',
        'role_id  3',
        '  from device:laptop by office laptop 10 days ago, rule theirs  admins 2, in place of –',
        '  pinned at 3: from Ada: agreed by office laptop 2 h ago, rule pin  admins 6',
        '',
      ].join('\n'),
    )
    server.answers.listHistory = () => [
      collections.entry('resolve', 8, 1, {
        column: 'conflict',
        before: null,
        after: 'c_1',
        rule: 'keep_remote',
        origin: 'Ada',
      }),
      collections.entry('update', 5, 24, {
        column: 'edited_at',
        before: 1,
        after: 1_795_285_725_247,
        rule: 'theirs',
        origin: 'Ada',
      }),
      ...collections.past,
    ]
    expect((await here.run(['why', 'admins', 'a11'])).out).toBe(out)
    const one = await here.run(['why', 'admins', 'a11', 'role_id'])
    expect(one.out).not.toContain('Ann Lee')
    const none = await here.run(['why', 'admins', 'a11', 'colour'])
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining('Known are name, role_id.')])
  })
})
