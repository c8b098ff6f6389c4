import { describe, expect, it } from 'vitest'
import * as collections from './collections-data.ts'
import * as data from './data.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

describe('what people read', () => {
  it('status', async () => {
    server.answers['collections.status'] = () =>
      collections.status({ lastSyncTime: null, totalSyncsCompleted: 0, totalConflicts: 0 })
    const { out, err, exit } = await here.run(['status'])
    expect(out).toMatchInlineSnapshot(`
      "last run   done 4 h ago  01RUN2
      next due   in 5 h
      sheet      reachable
      conflicts  none
      projects   1 of 2 active

      project        accounts  followers   likes  comments  videos       views              id
      Harbour Films         2  1,234,567  89,000       310      42  98,765,432              harbour
      海藻の森              1        900       –         –       –           –  not active  kelp

      Collections
      devices    on line
      sync       none under way
      last sync  none yet; begin one: tidemark sync --devices
      syncs      0 completed
      conflicts  0 so far, none open
      "
    `)
    expect({ err, exit }).toEqual({ err: '', exit: 0 })
  })
  it('status, where something needs a person', async () => {
    server.answers.syncStatus = () =>
      data.status({
        last_run: null,
        next_due: null,
        open_conflicts: 3,
        sheets_reachable: false,
        sheets_trouble: 'Google answered 403. Share the sheet with x@y.example.',
      })
    const { out, exit } = await here.run(['status'])
    expect(out.split('\n').slice(0, 4)).toEqual([
      'last run   none yet; begin one: tidemark sync',
      'next due   nothing is due',
      'sheet      not reachable: Google answered 403. Share the sheet with x@y.example.',
      'conflicts  3 open; see: tidemark conflicts',
    ])
    expect(exit).toBe(1)
  })
  it('projects', async () => {
    expect((await here.run(['projects'])).out).toMatchInlineSnapshot(`
      "project        accounts  followers   likes  comments  videos       views              id
      Harbour Films         2  1,234,567  89,000       310      42  98,765,432              harbour
      海藻の森              1        900       –         –       –           –  not active  kelp
      "
    `)
  })
  it('accounts', async () => {
    expect((await here.run(['accounts', 'harbour', '--sort', 'followers'])).out).toMatchInlineSnapshot(`
      "account           platform  followers    likes  comments  videos       views  changed  id
      @harbour          YouTube   1,200,000  *88,000         –      40  98,000,000  2 h ago  acc-1
      tiktok.com/@kelp  TikTok       34,567   88,000         –      40  98,000,000  2 h ago  acc-2

      * 1 value pinned by a person
      "
    `)
  })
  it('account', async () => {
    expect((await here.run(['account', 'acc-1'])).out).toMatchInlineSnapshot(`
      "@harbour  YouTube  acc-1
      https://youtube.com/@harbour
      changed 2 h ago by smart-sync.sheet, version 1041

                        now    24 h  7 d  30 d  last 30 days
      followers   1,200,000  +1,200  −40     –  ▁▂ ▅█
      likes          88,000       0    0     0
      comments            –       –    –     –
      videos             40      +1   +1    +1
      views      98,000,000  +1,200  −40     –

      pinned  likes at 88,000 by Ada 2 days ago: bot likes removed
      "
    `)
  })
  it('history', async () => {
    expect((await here.run(['history', 'acc-1'])).out).toMatchInlineSnapshot(`
      "when        what     column        before      after  rule    from              who       version  run
      2 h ago     update   followers  1,100,000  1,200,000  max     Harbour Films!C4  cron         1041  01RUN2
                           username           –    harbour  theirs  Harbour Films!B4
      3 days ago  refused  followers  1,100,000        900  max     parser-1          parser-1      990  01RUN1
      "
    `)
  })
  it('runs', async () => {
    expect((await here.run(['runs'])).out).toMatchInlineSnapshot(`
      "when     status    why          by     took  read  written  warnings  conflicts  id
      3 h ago  done      on schedule  cron  1.5 s     2        1                       01RUN2
      3 h ago  degraded  by hand      Ada   1.5 s     2        1         1          1  01RUN1
      "
    `)
  })
  it('run', async () => {
    server.answers.getRun = () => data.degraded
    expect((await here.run(['run', '01RUN1'])).out).toMatchInlineSnapshot(`
      "degraded  smart-sync.sheet of main, by hand (Ada), 3 h ago, 1.5 s
      run 01RUN1
      Google Sheets answered 403.
      To do  Share the sheet with tidemark@example.com.

      2 rows read · 1 merged · 1 written · 1 as they were · 1 conflict · 3 calls

      part           status    rows  updated  snapshots
      Harbour Films  degraded     2        1          2

      Harbour Films
        ! Harbour Films!D6 "n/a": is not a number: the cell took no part in the merge
      "
    `)
  })
  it('conflicts', async () => {
    server.answers.listConflicts = () => [data.conflict(), data.settled]
    expect((await here.run(['conflicts', '--all'])).out).toMatchInlineSnapshot(`
      "! Duplicate key in accounts of acc-1  con-1
        The same address stands in rows 5 and 14. Row 5 is synced.
        ours    row 5
        theirs  row 14
        → Delete row 14 if it is a copy.
        harbour, smart-sync.sheet, opened 3 h ago

      ✓ Duplicate key in accounts of acc-1  con-0
        The same address stands in rows 5 and 14. Row 5 is synced.
        ours    row 5
        theirs  row 14
        settled 1 h ago: row 14 is gone
        harbour, smart-sync.sheet, opened 3 h ago
      "
    `)
  })
  it('conflicts between whole rows: only what differs', async () => {
    const row = { profile_url: 'https://tiktok.com/@a', followers: 41_912, comments: null }
    const theirs = { ...row, profile_url: 'https://tiktok.com/@a?utm=1', followers: 5 }
    server.answers.listConflicts = () => [
      data.conflict({ ours: JSON.stringify(row), theirs: JSON.stringify(theirs), recommendations: [] }),
      data.conflict({ id: 'con-2', ours: JSON.stringify(row), theirs: JSON.stringify(row), part: null }),
    ]
    expect((await here.run(['conflicts'])).out).toMatchInlineSnapshot(`
      "! Duplicate key in accounts of acc-1  con-1
        The same address stands in rows 5 and 14. Row 5 is synced.
                     ours                   theirs
        profile_url  https://tiktok.com/@a  https://tiktok.com/@a?utm=1
        followers    41,912                 5
        harbour, smart-sync.sheet, opened 3 h ago

      ! Duplicate key in accounts of acc-1  con-2
        The same address stands in rows 5 and 14. Row 5 is synced.
        The rows are alike.
        → Delete row 14 if it is a copy.
        smart-sync.sheet, opened 3 h ago
      "
    `)
  })
  it('tokens', async () => {
    expect((await here.run(['tokens'])).out).toMatchInlineSnapshot(`
      "name  role   kind   last used  made         id
      Ada   admin  token  5 h ago    20 days ago  a1b2c3
      "
    `)
    expect((await here.run(['tokens', 'list', '--all'])).out).toMatchInlineSnapshot(`
      "name  role   kind   last used  made                  id
      Ada   admin  token  5 h ago    20 days ago           a1b2c3
      Old   admin  token  5 h ago    20 days ago  revoked  d4
      "
    `)
  })
  it('sync', async () => {
    server.answers.listConflicts = () => [data.conflict()]
    expect((await here.run(['sync'])).out).toMatchInlineSnapshot(`
      "Synced 1 of 1 project

      project        result  accounts  updated  snapshots
      Harbour Films  synced     1,204       17      1,204

      1 conflict open; see: tidemark conflicts
      "
    `)
  })
  it('pin', async () => {
    expect((await here.run(['pin', 'acc-1', 'likes'])).out).toMatchInlineSnapshot(`
      "pinned  likes at 88,000 by Ada 2 days ago: bot likes removed
      "
    `)
    expect((await here.run(['unpin', 'acc-1', 'likes'])).out).toMatchInlineSnapshot(`
      "Released likes of @harbour, now 88,000: the next sync merges it again.
      "
    `)
  })
})
