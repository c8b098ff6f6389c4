import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ReadingsAnswer } from '../../sync/protocol/smart-sync.ts'
import { Refusal } from '../../workers/shared/app.ts'
import * as data from './data.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

const file = (name: string, content: string) => {
  const path = join(here.home, name)
  writeFileSync(path, content)
  return path
}
const sentReadings = () => server.calls.map(({ body }) => (body as { readings: unknown[] }).readings)

describe('tidemark pin', () => {
  it('pins to a value, with a reason and an end', async () => {
    const before = Date.now()
    await here.run(['pin', 'acc-1', 'likes', '88000', '--note', 'bots', '--until', '7d'])
    const [call] = server.calls
    expect(call).toMatchObject({ method: 'PUT', path: '/api/accounts/acc-1/pins/likes' })
    expect(call?.body).toMatchObject({ value: 88_000, note: 'bots' })
    const until = Date.parse((call!.body as { until: string }).until)
    expect(until - before - 7 * data.DAY).toBeGreaterThanOrEqual(0)
    expect(until - before - 7 * data.DAY).toBeLessThan(60_000)
  })

  it('pins to what the metric is now where no value is given', async () => {
    await here.run(['pin', 'acc-1', 'likes'])
    expect(server.calls[0]?.body).toEqual({ note: '' })
  })

  it.each([
    ['a separator, which means other things elsewhere', ['likes', '1,234'], 'Not a count'],
    ['a fraction', ['likes', '1.5'], 'Not a count'],
    ['more than can be exact', ['likes', '99999999999999999'], 'Not a count'],
    ['an unknown metric', ['hearts', '1'], 'Allowed choices are followers, likes'],
    ['a day that has passed', ['likes', '1', '--until', '2020-01-01'], 'has passed'],
    ['a day that is none', ['likes', '1', '--until', '2099-02-31T99:00'], 'is no time'],
    ['words', ['likes', '1', '--until', 'soon'], 'is no time'],
  ])('refuses %s', async (_what, words, why) => {
    const { exit, err } = await here.run(['pin', 'acc-1', ...words])
    expect(exit).toBe(2)
    expect(err).toContain(why)
    expect(server.calls).toEqual([])
  })

  it('takes no id that would lead elsewhere in the API', async () => {
    for (const id of ['', '..', 'a/b', '?x', '%2e%2e']) {
      expect((await here.run(['unpin', id, 'likes'])).exit).toBe(2)
    }
    expect(server.calls).toEqual([])
  })
})

describe('tidemark readings', () => {
  const reading = (value: number) => ({
    account_id: 'acc-1',
    metric: 'views',
    value,
    at: '2026-11-21T00:00:00Z',
    source: 'parser',
  })
  const many = Array.from({ length: 2_300 }, (_, i) => reading(i))

  it('takes a JSON array, and JSON lines from stdin', async () => {
    await here.run(['readings', file('two.json', JSON.stringify(many.slice(0, 2), null, 2))])
    const stdin = `\n${many
      .slice(0, 2)
      .map((one) => JSON.stringify(one))
      .join('\r\n')}\n\n`
    const { exit, out } = await here.run(['readings', '-'], { stdin })
    expect(sentReadings()).toEqual([many.slice(0, 2), many.slice(0, 2)])
    expect({ exit, out }).toEqual({ exit: 0, out: '2 readings taken · 0 known already\n' })
  })

  it('hands in 1,000 at a time, each with a key of its own', async () => {
    const { out, err } = await here.run(['readings', file('many.json', JSON.stringify(many))])
    expect(sentReadings().map(({ length }) => length)).toEqual([1_000, 1_000, 300])
    expect(sentReadings().flat()).toEqual(many)
    expect(new Set(server.calls.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(3)
    expect(out).toBe('2,300 readings taken · 0 known already\n')
    expect(err).toBe(['0', '1,000', '2,000'].map((n) => `${n} of 2,300 readings handed in\n`).join(''))
  })

  it('stays below the largest body', async () => {
    const long = many.slice(0, 900).map((one) => ({ ...one, profile_url: 'é'.repeat(1_000) }))
    await here.run(['readings', file('long.json', JSON.stringify(long))])
    expect(sentReadings().flat()).toHaveLength(900)
    for (const readings of sentReadings()) {
      expect(Buffer.byteLength(JSON.stringify({ readings }))).toBeLessThanOrEqual(1_000_000)
    }
  })

  it('repeats a chunk with the same key when the server asks for patience', async () => {
    let calls = 0
    server.answers.pushReadings = () => {
      if (++calls === 1)
        throw new Refusal({ type: 'overloaded', detail: 'Too many requests wait.', retryAfter: 1 })
      return data.readingsAnswer(1)
    }
    const { exit, err } = await here.run(['readings', '-'], { stdin: JSON.stringify(reading(1)) })
    expect({ exit, err }).toEqual({ exit: 0, err: 'The server asks for patience: 1 s\n' })
    const keys = server.calls.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    expect((server.calls[1]?.at ?? 0) - (server.calls[0]?.at ?? 0)).toBeGreaterThan(990)
  })

  it('names what was rejected by its place in the file, and ends with 1', async () => {
    server.answers.pushReadings = ({ body }) => ({
      ...data.readingsAnswer((body as { readings: unknown[] }).readings.length - 1),
      success: false,
      rejected: [{ index: 7, reason: 'there is no such account' }],
    })
    const lines = many.map((one) => JSON.stringify(one))
    lines[1_500] = '{"account_id": "acc-1", "met'
    const path = file('lines.jsonl', lines.join('\n'))
    const { exit, out } = await here.run(['readings', path])
    expect(exit).toBe(1)
    expect(out).toMatch(
      /^2,296 readings taken · 0 known already · 4 rejected\n {2}#8 {2}there is no such account\n/,
    )
    expect(out).toMatch(/#1008 {2}there is no such account\n {2}#1501 {2}not JSON: .+\n {2}#2009 /)
    const answer = ReadingsAnswer.parse(JSON.parse((await here.run(['readings', path, '--json'])).out))
    expect(answer.success).toBe(false)
    expect(answer.rejected.map(({ index }) => index)).toEqual([7, 1_007, 1_500, 2_008])
  })

  it('says how much was handed in when it fails on the way', async () => {
    let calls = 0
    server.answers.pushReadings = () => {
      if (++calls === 2) throw new Refusal({ type: 'overloaded', detail: 'The lane is busy.' })
      return data.readingsAnswer(1_000)
    }
    const { exit, err } = await here.run(['readings', file('many.json', JSON.stringify(many))])
    expect(exit).toBe(2)
    expect(err).toContain('  Kept   1,000 of 2,300 readings were handed in and stay.\n')
    expect(err).toContain('run the same command again')
  })

  it.each([
    ['a file that is not there', ['nowhere.json'], ''],
    ['nothing', ['-'], ' \n'],
    ['an empty array', ['-'], '[]'],
    ['something that is not JSON at all', ['-'], 'account,metric\nacc-1,views\n'],
  ])('refuses %s before anything is sent', async (_what, words, stdin) => {
    const { exit, err } = await here.run(['readings', ...words], { stdin })
    expect(exit).toBe(2)
    expect(err).toMatch(/^✗ (No readings|The file cannot be read)\n/)
    expect(server.calls).toEqual([])
  })
})

describe('tidemark tokens', () => {
  it('puts a new token into a file for this person alone, and never on the screen', async () => {
    const words = ['tokens', 'create', 'parser', '--role', 'hook', '--until', '30d', '--out', 'parser.token']
    const { exit, out, err } = await here.run(words)
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toBe('✓ Token parser (hook) is in parser.token  a1b2c3\n')
    const path = join(here.home, 'parser.token')
    expect(readFileSync(path, 'utf8')).toBe('tm_new\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(server.calls[0]?.body).toMatchObject({ name: 'parser', role: 'hook', user_id: null })
  })

  it('writes to stdout only when told so, and then nothing else', async () => {
    const { out } = await here.run(['tokens', 'create', 'x', '--role', 'hook', '--out', '-'])
    expect(out).toBe('tm_new\n')
    expect((await here.run(['tokens', 'create', 'x', '--role', 'hook', '--out', '-', '--json'])).exit).toBe(2)
  })

  it('makes no token where the file is there already, and no file where the server refuses', async () => {
    const path = file('taken', 'older')
    expect((await here.run(['tokens', 'create', 'x', '--role', 'hook', '--out', path])).exit).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe('older')
    expect(server.calls).toEqual([])
    // A user's token needs to say whose rows it sees: the server's own schema refuses this one.
    const refused = await here.run(['tokens', 'create', 'x', '--role', 'user', '--out', 'none'])
    expect(refused.exit).toBe(2)
    expect(refused.err).toContain('user_id  a user or device needs to say whose rows it sees')
    expect(existsSync(join(here.home, 'none'))).toBe(false)
  })

  it('revokes', async () => {
    expect(await here.run(['tokens', 'revoke', 'd4'])).toEqual({ exit: 0, out: 'Revoked d4.\n', err: '' })
    expect(server.calls[0]).toMatchObject({ method: 'DELETE', path: '/api/tokens/d4' })
  })
})
