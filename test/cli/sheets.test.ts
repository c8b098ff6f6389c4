import { describe, expect, it } from 'vitest'
import * as data from './data.ts'
import * as sheets from './sheets-data.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

describe('tidemark sheets', () => {
  const lastBody = () => server.calls.at(-1)?.body

  it('lists each workbook with its tabs', async () => {
    const { exit, out, err } = await here.run(['sheets'])
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatchInlineSnapshot(`
      "✓ reference  1AbC_d-9
        in step 1 h ago, looks every 5 min, next in 2 min

      table              tab    status   rows  rows in  cells out    took  errors  calls today
      employee_settings         in step     7      214      1,318  840 ms     2 %          312
      dynamic_rates             in step     4      214      1,318  840 ms     2 %          312
      ranks              Ränge  in step     6      214      1,318  840 ms     2 %          312
      "
    `)
  })

  it('says what a guard holds, with both answers, and ends with 1', async () => {
    const guard = { conflict: 'c_9', kind: 'emptied', detail: 'none of the 4 rows is left' }
    const held = sheets.tabs.map((tab) =>
      tab.table === 'dynamic_rates' ? { ...tab, guard, open_conflicts: 1 } : tab,
    )
    server.answers.listSheets = () => [sheets.sheet({ tabs: held, open_conflicts: 1 })]
    const { exit, out } = await here.run(['sheets', 'list'])
    expect(exit).toBe(1)
    expect(out).toContain('DynamicRates is held: none of the 4 rows is left\n')
    expect(out).toContain('→ Let them go: tidemark resolve c_9 --strategy keep_local\n')
    expect(out).toContain('→ Write them back: tidemark resolve c_9 --strategy keep_remote\n')
    expect(out).toContain('1 conflict open; see: tidemark conflicts --sheets\n')
  })

  it('says why a workbook can’t be read, and how one is linked', async () => {
    const trouble = { reason: 'Google answered 403.', mend: 'Share it with x@y.example.' }
    server.answers.listSheets = () => [sheets.sheet({ trouble, last_status: 'degraded' })]
    const away = await here.run(['sheets'])
    expect([away.exit, away.out]).toEqual([1, expect.stringContaining('To do  Share it with x@y.example.')])
    server.answers.listSheets = () => [sheets.sheet({ spreadsheet_id: null, url: null })]
    const none = await here.run(['sheets'])
    expect(none.exit).toBe(0)
    expect(none.out).toContain('link one: tidemark sheets link reference ADDRESS')
  })

  it('answers programs in JSON', async () => {
    const { out } = await here.run(['sheets', '--json'])
    expect(JSON.parse(out)).toMatchObject([
      { name: 'reference', statistics: [{ table: 'employee_settings' }, {}, {}] },
    ])
  })

  it('links a workbook by its address, and keeps what is not given', async () => {
    const address = 'https://docs.google.com/spreadsheets/d/1XyZ_0/edit#gid=7'
    const { exit, out } = await here.run([
      ...['sheets', 'link', 'reference', address],
      ...[
        '--tab',
        'ranks=Ränge 2',
        '--tab',
        'dynamic_rates=Staffeln',
        '--policy',
        'manual',
        '--minutes',
        '2',
      ],
    ])
    expect(exit).toBe(0)
    expect(lastBody()).toEqual({
      spreadsheet_id: '1XyZ_0',
      tabs: { ranks: 'Ränge 2', dynamic_rates: 'Staffeln' },
      policy: 'manual',
      check_minutes: 2,
      full_hours: 6,
    })
    expect(out).toContain(
      '✓ reference is kept in 1XyZ_0\n  looks every 2 min; changed on both sides: manual\n',
    )
  })

  it.each([
    [['link', 'reference', 'no address!'], 'It takes the address of a workbook'],
    [['link', 'reference', '1XyZ', '--tab', 'ranks'], 'Write table=title'],
    [['link', 'reference', '1XyZ', '--minutes', '0'], 'from 1 to 1440'],
    [['link', 'reference', '1XyZ', '--policy', 'oldest'], 'Allowed choices are sheet, database'],
    [['link', 'a/b', '1XyZ'], 'A link has letters'],
  ])('%j is refused before anything is asked', async (words, why) => {
    const { exit, err } = await here.run(['sheets', ...words])
    expect([exit, err]).toEqual([2, expect.stringContaining(why)])
    expect(server.calls).toEqual([])
  })

  it('syncs and waits for the end, reading everything where told to', async () => {
    const part = data.part({ id: 'ranks', name: 'Ränge', status: 'done', rows: 6, updated: 2, sent: 3 })
    server.answers.getRun = () =>
      data.run({ id: '01RUN9', link: 'reference.sheet', scope: 'shared', report: { parts: [part] } })
    const { exit, out } = await here.run(['sheets', 'sync', '--force'])
    expect(exit).toBe(0)
    expect(server.calls[0]).toMatchObject({ path: '/api/sheets/reference/sync', query: { force: true } })
    expect(out).toContain('reference.sheet of shared')
    expect(out).toMatch(/Ränge +done +6 +2/)
    server.answers.getRun = () => data.run({ id: '01RUN9', status: 'failed' })
    expect((await here.run(['sheets', 'sync'])).exit).toBe(2)
  })

  it('syncs any link by its name, without waiting where told to', async () => {
    const { exit, out } = await here.run(['sheets', 'sync', 'collections.employees', '--no-wait'])
    expect([exit, out]).toEqual([0, 'collections.employees: queued  01RUN9\n'])
    expect(server.calls[0]?.path).toBe('/api/sheets/collections.employees/sync')
  })

  it('forecasts the quota, and ends with 1 where a schedule asks for too much', async () => {
    const fine = await here.run(['sheets', 'forecast'])
    expect(fine.exit).toBe(0)
    expect(fine.out).toMatchInlineSnapshot(`
      "reads   ███▒▒▒▒▒▒▒▒▒··················  10 % usually, 40 % at worst, of 60 a minute
      writes  █▒▒▒▒▒························  under 0.1 % usually, 20 % at worst, of 60 a minute

      link       every  usually  at worst
      reference  5 min     10 %      40 %
      "
    `)
    server.answers.sheetsForecast = () =>
      sheets.forecast({ check_minutes: 1, worst_share: 1.23, exceeds: true, fits_minutes: 2 })
    const tight = await here.run(['sheets', 'forecast'])
    expect(tight.exit).toBe(1)
    expect(tight.out).toMatch(/reference +1 min +10 % +123 % +too often; 2 min fits\n/)
  })

  it('writes the script to stdout, and what else it takes to stderr', async () => {
    const { exit, out, err } = await here.run(['sheets', 'script'])
    expect([exit, out]).toEqual([0, sheets.script.script])
    expect(err).toContain('2. Run connect.\nTIDEMARK_SECRET  whsec_c2VjcmV0\n')
  })
})

describe('tidemark conflicts, of sheets', () => {
  it('shows a cell as people typed it, and each way to answer', async () => {
    const side = (hourly_wage: number) => JSON.stringify({ hourly_wage })
    server.answers.listConflicts = () => [
      data.conflict({
        id: 'c_7',
        lane: 'reference',
        link: 'reference.sheet',
        scope: 'shared',
        part: 'employee_settings',
        table: 'employee_settings',
        key: 'E-003',
        kind: 'merge',
        base: side(2_000),
        ours: side(2_125),
        theirs: side(2_200),
        detail: 'hourly_wage was changed on both sides',
        recommendations: [],
      }),
    ]
    const { exit, out } = await here.run(['conflicts', '--sheets'])
    expect(exit).toBe(1)
    expect(out).toMatchInlineSnapshot(`
      "! Sheet and database say different hourly wage: employee settings E-003  c_7
        hourly_wage was changed on both sides
                     before  database  sheet
        hourly_wage  20.00   21.25     22.00
        → Take the sheet’s: tidemark resolve c_7 --strategy keep_local
          What the sheet says takes the place of what stands here
        → Keep the database’s: tidemark resolve c_7 --strategy keep_remote
          What stands here stays, and is written to the sheet
        → In the sheet: type another value and it is taken, type what the database says, or delete the note to keep what stands there.
        reference.sheet, opened 3 h ago
      "
    `)
  })
})
