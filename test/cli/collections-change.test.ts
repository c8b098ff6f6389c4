import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PlanFile } from '../../cli/plan-file.ts'
import { Refusal } from '../../workers/shared/app.ts'
import { atTerminal } from './at-terminal.ts'
import * as collections from './collections-data.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

const { ID, plan } = collections
const RESOLVE = ['resolve', ID, '--strategy', 'keep_remote']

const bodies = () => server.calls.map(({ body }) => body)
/** The digest that was shown is not that of what it would come to now. */
const moved = (over: Partial<ReturnType<typeof plan>>) => {
  throw new Refusal({
    type: 'moved',
    detail: 'It would come to something else by now.',
    plan: plan({ status: 'moved', digest: 'd2', ...over }),
  })
}
const phone = {
  table: 'admins',
  key: 'a11',
  op: 'update' as const,
  columns: { phone: { before: '2', after: null } },
}

describe('planning', () => {
  it.each([
    ['resolve', RESOLVE, { id: ID, strategy: 'keep_remote', notes: '' }, 0],
    ['auto-resolve', ['auto-resolve', '--max', '7'], { max: 7 }, 1],
    ['undo', ['undo', '--run', '01RUN2', '--pin'], { run: '01RUN2', pin: true }, 0],
  ])('%s changes nothing, and writes a plan that can be applied', async (type, words, request, code) => {
    const { exit, out } = await here.run([...words, '--dry-run', '--out', `${type}.json`])
    expect(exit).toBe(code)
    expect(out).toContain(
      'Would change 1 row of admins\n  update  a11\n    username  john_admin → john_admin_2\n',
    )
    expect(out).toContain(`Nothing was changed; to do exactly this: tidemark apply ${type}.json\n`)
    expect(server.calls).toHaveLength(1)
    expect(bodies()).toMatchObject([{ dry_run: true }])
    const file: unknown = JSON.parse(readFileSync(join(here.home, `${type}.json`), 'utf8'))
    expect(PlanFile.parse(file)).toMatchObject({ type, request, expect: { admins: 'd1' } })
    const { path } = server.calls[0] ?? {}

    server.calls.length = 0
    const applied = await here.run(['apply', `${type}.json`])
    expect(applied.exit).toBe(code)
    expect(applied.out).toContain('✓ Changed 1 row of admins  version 118\n')
    expect(server.calls.map((call) => call.path)).toEqual([path])
    expect(bodies()).toMatchObject([{ dry_run: false, expect: { admins: 'd1' } }])
  })

  it('goes to stdout with --json, and --out alone only plans too', async () => {
    const { out } = await here.run([...RESOLVE, '--dry-run', '--json'])
    expect(JSON.parse(out)).toMatchObject({ dry_run: true, success: true, type: 'resolve' })
    writeFileSync(join(here.home, 'piped.json'), out)
    expect((await here.run(['apply', 'piped.json'])).exit).toBe(0)
    expect((await here.run([...RESOLVE, '--out', 'alone.json'])).exit).toBe(0)
    expect(bodies()).toMatchObject([{ dry_run: true }, { dry_run: false }, { dry_run: true }])
  })

  it('shows what is opened, skipped and would come back, and ends with 1', async () => {
    server.answers['collections.undo'] = ({ body }) =>
      collections.undone(body, {
        opens: [
          { conflict: 'c_9', table: 'admins', key: 'a12', kind: 'undo', detail: 'phone was changed since' },
        ],
        skips: [{ about: 'admins a13', reason: 'it is as it was' }],
        offers: [{ table: 'admins', key: 'a11', column: 'phone', link: 'admins.erp' }],
      })
    const { exit, out } = await here.run(['undo', '--conflict', ID])
    expect(exit).toBe(1)
    expect(out).toContain('  opens conflict c_9 of a12: phone was changed since\n')
    expect(out).toContain('  skips admins a13: it is as it was\n')
    expect(out).toContain('  ! admins.erp will propose phone of a11 again; to hold it, add --pin\n')
  })

  it('says that a conflict is open again, and what a row that is given up said', async () => {
    server.answers['collections.undo'] = ({ body }) =>
      collections.undone(body, {
        changes: [
          {
            table: 'admins',
            key: 'a9',
            op: 'delete' as const,
            columns: { username: { before: null, after: 'ann' } },
          },
        ],
        settles: [{ conflict: ID, strategy: 'reopen' }],
      })
    const { out } = await here.run(['undo', '--conflict', ID])
    expect(out).toContain('  delete  a9\n    username  ann → –\n')
    expect(out).toContain(`  opens ${ID} again\n`)
  })

  it('shows many rows in part, and says where the rest is', async () => {
    const changes = Array.from({ length: 60 }, (_, i) => ({ ...phone, key: `a${i}` }))
    server.answers['collections.undo'] = ({ body }) => collections.undone(body, { changes })
    const { out } = await here.run(['undo', '--run', '01RUN2'])
    expect(out).toContain('Changed 60 rows of admins')
    expect(out).toContain('  update  a49\n')
    expect(out).not.toContain('  update  a50\n')
    expect(out).toContain('and 10 more; see all with --json')
  })

  it('ends with 2 where every lane failed, and with 1 where some did', async () => {
    const failed = plan({
      lane: 'events',
      status: 'failed',
      error: 'The lane did not answer.',
      changes: [],
      settles: [],
    })
    server.answers['collections.undo'] = () => ({ dry_run: false, plans: [failed] })
    const all = await here.run(['undo', '--run', '01RUN2'])
    expect([all.exit, all.out]).toEqual([2, expect.stringContaining('✗ events: The lane did not answer.\n')])
    server.answers['collections.undo'] = ({ body }) => ({
      dry_run: false,
      plans: [failed, ...collections.undone(body).plans],
    })
    expect((await here.run(['undo', '--run', '01RUN2'])).exit).toBe(1)
  })

  it.each([
    ['nothing', []],
    ['two things', ['--run', 'r1', '--conflict', 'c1']],
    ['a version of no lane', ['--version', '3']],
    ['a lane alone', ['--lane', 'admins']],
  ])('undo of %s is refused before anything is sent', async (_what, words) => {
    const { exit, err } = await here.run(['undo', ...words])
    expect(exit).toBe(2)
    expect(err).toContain('✗ Undo what?')
    expect(server.calls).toEqual([])
  })
})

describe('applying', () => {
  it('changes nothing where the world has moved, ends with 1, and says what is different', async () => {
    await here.run([...RESOLVE, '--out', 'plan.json'])
    server.answers['collections.resolve'] = () => moved({ changes: [phone] })
    const { exit, out } = await here.run(['apply', 'plan.json'])
    expect(exit).toBe(1)
    expect(out).toBe(
      [
        '! The data has changed since this was planned. Nothing was changed.',
        'Planned, and no more so:',
        '−  update  a11',
        '−    username  john_admin → john_admin_2',
        '−    phone  1 → –',
        'It would be now:',
        '+  update  a11',
        '+    phone  2 → –',
        '  Plan again, look at it, and apply the new plan.',
        '',
      ].join('\n'),
    )
    const json = await here.run(['apply', 'plan.json', '--json'])
    expect(json.exit).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({
      status: 'moved',
      applied: [],
      plans: [{ lane: 'admins', digest: 'd2', changes: [phone] }],
    })
  })

  it('tells the lanes in which it was done from those that moved', async () => {
    await here.run(['undo', '--run', '01RUN2', '--out', 'plan.json'])
    server.answers['collections.undo'] = () => ({
      dry_run: false,
      plans: [
        plan({ lane: 'events', status: 'applied', settles: [] }),
        plan({ status: 'moved', changes: [phone] }),
      ],
    })
    const { exit, out } = await here.run(['apply', 'plan.json'])
    expect(exit).toBe(1)
    expect(out).toContain('Some of it was done:\n✓ Changed 1 row of events')
    expect(out).toContain('+    phone  2 → –')
  })

  it('tells another failure as it is: the conflict was settled meanwhile', async () => {
    await here.run([...RESOLVE, '--out', 'plan.json'])
    server.answers['collections.resolve'] = () => {
      throw new Refusal({ type: 'conflict', detail: 'It was settled already: keep_remote by Ben.' })
    }
    const { exit, err } = await here.run(['apply', 'plan.json'])
    expect(exit).toBe(2)
    expect(err).toContain('It was settled already')
  })

  it.each([
    ['nothing', null, 'ENOENT'],
    ['no JSON', 'hello', 'not valid JSON'],
    ['something else', '{"type":"party"}', 'type: Invalid'],
    ['a plan without its request', '{"type":"undo","expect":{},"plans":[]}', 'request: '],
  ])('refuses %s before anything is sent', async (_what, text, why) => {
    if (text !== null) writeFileSync(join(here.home, 'strange.json'), text)
    const { exit, err } = await here.run(['apply', text === null ? 'nowhere.json' : 'strange.json'])
    expect(exit).toBe(2)
    expect(err).toContain('✗ Not a plan\n')
    expect(err).toContain(why)
    expect(server.calls).toEqual([])
  })

  it('says that a plan can’t be written, having changed nothing', async () => {
    const { exit, err } = await here.run([...RESOLVE, '--out', 'no/such/folder/plan.json'])
    expect(exit).toBe(2)
    expect(err).toContain('✗ The plan cannot be written\n')
    expect(bodies()).toMatchObject([{ dry_run: true }])
  })
})

describe('at a terminal', () => {
  it('shows what it comes to, asks, and does exactly what was shown', async () => {
    const { exit, out, err } = await atTerminal(server, RESOLVE, 'y')
    expect(exit).toBe(0)
    expect(out.indexOf('Would change 1 row')).toBeLessThan(out.indexOf('✓ Changed 1 row'))
    expect(err).toContain('Do this? [y/N] ')
    expect(bodies()).toMatchObject([{ dry_run: true }, { dry_run: false, expect: { admins: 'd1' } }])
  })

  it.each(['n', '', 'maybe'])('does nothing at %j', async (answer) => {
    const { exit, out, err } = await atTerminal(server, RESOLVE, answer)
    expect(exit).toBe(0)
    expect(out).not.toContain('✓')
    expect(err).toContain('Nothing was changed.')
    expect(bodies()).toMatchObject([{ dry_run: true }])
  })

  it('does not ask with --yes, for programs, or where there is nothing to do', async () => {
    for (const words of [
      [...RESOLVE, '--yes'],
      [...RESOLVE, '--json'],
    ]) {
      const { exit, err } = await atTerminal(server, words, 'n')
      expect([exit, err.includes('[y/N]')]).toEqual([0, false])
    }
    expect(bodies()).toMatchObject([{ dry_run: false }, { dry_run: false }])
    server.answers['collections.undo'] = ({ body }) => collections.undone(body, { changes: [], settles: [] })
    const nothing = await atTerminal(server, ['undo', '--run', '01RUN2'], 'y')
    expect(nothing.out).toContain('There is nothing to undo.')
    expect(nothing.err).not.toContain('[y/N]')
  })

  it('changes nothing where it became another plan while the question stood', async () => {
    server.answers['collections.resolve'] = ({ body }) =>
      (body as { dry_run: boolean }).dry_run ? collections.settled(body) : moved({ changes: [phone] })
    const { exit, out } = await atTerminal(server, RESOLVE, 'yes')
    expect(exit).toBe(1)
    expect(out).toContain('The data has changed since this was planned. Nothing was changed.')
  })
})
