import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account } from '../../sync/protocol/smart-sync.ts'
import { startReal } from './real.ts'
import { type Machine, machine } from './run-cli.ts'

// One machine's life with the real handlers behind it; the tests tell it in order.
describe('the command line and the real handlers', () => {
  let real: Awaited<ReturnType<typeof startReal>>
  let here: Machine
  const read = async <T>(words: readonly string[]) =>
    JSON.parse((await here.run([...words, '--json'])).out) as T
  const account = async () => (await read<Account[]>(['accounts', 'p1']))[0] as Account

  beforeAll(async () => {
    real = await startReal()
    here = machine()
  })
  afterAll(async () => {
    here.remove()
    await real.close()
  })

  it('signs in by a link, which works once', async () => {
    expect(await here.run(['login', real.link, '--name', 'laptop'])).toMatchObject({ exit: 0, err: '' })
    expect((await here.run(['whoami'])).out).toMatch(/^laptop \(admin\) at /)
    const again = await here.run(['login', real.link])
    expect(again.exit).toBe(2)
    expect(again.err).toContain('used already')
  })

  it('syncs', async () => {
    const { exit, out } = await here.run(['sync'])
    expect({ exit, out }).toEqual({
      exit: 0,
      out: [
        'Synced 1 of 1 project',
        '',
        'project    result  accounts  updated  snapshots',
        'Project 1  synced         1        1          1',
        '',
      ].join('\n'),
    })
    expect((await account()).followers).toBe(1_200)
    expect((await here.run(['status'])).out).toMatch(/^last run {3}done /)
    expect((await here.run(['runs'])).out).toMatch(/ done .* by hand .* laptop /)
  })

  it('hands readings in, once each', async () => {
    const { id } = await account()
    const stdin = JSON.stringify([
      { account_id: id, metric: 'followers', value: 1_300, at: new Date().toISOString(), source: 'parser' },
      { account_id: 'nobody', metric: 'followers', value: 1, at: new Date().toISOString(), source: 'parser' },
    ])
    const first = await here.run(['readings', '-'], { stdin })
    expect(first.exit).toBe(1)
    expect(first.out).toBe('1 reading taken · 0 known already · 1 rejected\n  #2  there is no such account\n')
    expect((await here.run(['readings', '-'], { stdin })).out).toMatch(/^0 readings taken · 1 known already/)
    await here.run(['sync'])
    expect((await account()).followers).toBe(1_300)
  })

  it('pins, tells the history, and releases', async () => {
    const { id } = await account()
    const pinned = await here.run(['pin', id, 'followers', '900', '--note', 'bots', '--until', '7d'])
    expect(pinned.out).toMatch(/^pinned {2}followers at 900 by laptop just now, ends in 7 days: bots\n$/)
    await here.run(['sync', '--full'])
    expect((await account()).followers).toBe(900)
    const { out } = await here.run(['history', id])
    expect(out).toMatch(/ pin +followers +– +900 +pin +laptop: bots +laptop /)
    expect(out).toMatch(/ update +followers +1,300 +900 +pin /)
    expect(out).toMatch(/ followers +– +1,200 +max +Project 1!/)
    expect((await here.run(['account', id])).out).toContain('pinned  followers at 900')
    expect((await here.run(['unpin', id, 'followers'])).exit).toBe(0)
    await here.run(['sync'])
    expect((await account()).followers).toBe(1_300)
  })

  it('shows conflicts, and how to end them', async () => {
    real.sheet.tabs.get('p1')?.push({ profile_url: 'https://youtube.com/@harbour', followers: 5 })
    real.sheet.stamp++
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(1)
    expect(out).toContain('1 conflict open; see: tidemark conflicts')
    const conflicts = await here.run(['conflicts'])
    expect(conflicts.exit).toBe(1)
    expect(conflicts.out).toContain('→ ')
  })

  it('makes a token, uses it, and revokes it', async () => {
    const words = ['tokens', 'create', 'parser', '--role', 'hook', '--out', 'token']
    const { id } = await read<{ id: string }>(words)
    const env = { TIDEMARK_TOKEN: readFileSync(join(here.home, 'token'), 'utf8').trim() }
    const url = (await read<{ url: string }>(['whoami'])).url
    const asParser = { env: { ...env, TIDEMARK_URL: url } }
    expect((await here.run(['whoami'], asParser)).out).toMatch(/^parser \(hook\)/)
    expect((await here.run(['pin', (await account()).id, 'likes'], asParser)).err).toContain('✗ Not allowed')
    expect((await here.run(['tokens', 'revoke', id])).exit).toBe(0)
    const after = await here.run(['whoami'], asParser)
    expect(after.exit).toBe(2)
    expect(after.err).toContain('revoked')
  })

  it('tells what is not there', async () => {
    for (const words of [
      ['accounts', 'p9'],
      ['account', 'a9'],
      ['run', 'r9'],
      ['history', 'a9'],
      ['sync', '--project', 'p9'],
    ]) {
      const { exit, err } = await here.run(words)
      expect(exit, words.join(' ')).toBe(2)
      expect(err, words.join(' ')).toContain(`There is no`)
    }
  })
})
