import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { displayWidth } from '../../cli/print.ts'
import { main } from '../../cli/program.ts'
import type { Surroundings } from '../../cli/terminal.ts'
import * as data from './data.ts'
import { type FakeServer, startFake, TOKEN } from './fake-server.ts'

const ESCAPE = '\u001b'

/** A command in this process, on streams that are or are not a screen. */
async function at(
  server: FakeServer,
  words: readonly string[],
  {
    isTTY = true,
    columns = 200,
    env = {},
  }: { isTTY?: boolean; columns?: number; env?: Record<string, string> } = {},
) {
  const stream = () => Object.assign(new PassThrough(), { isTTY, columns })
  const [stdout, stderr] = [stream(), stream()]
  const surroundings = {
    env: { TIDEMARK_URL: server.url, TIDEMARK_TOKEN: TOKEN, ...env },
    stdin: stream(),
    stdout,
    stderr,
    now: Date.now,
  }
  const exit = await main(words, surroundings as unknown as Surroundings)
  const said = (from: PassThrough) => String(from.read() ?? '')
  return { exit, out: said(stdout), err: said(stderr) }
}

describe('on a screen', () => {
  let server: FakeServer
  beforeAll(async () => {
    server = await startFake()
  })
  afterAll(() => server.close())

  it('has colours, which change no letter', async () => {
    const coloured = await at(server, ['runs'])
    const plain = await at(server, ['runs'], { isTTY: false })
    expect(coloured.out).toContain(`${ESCAPE}[32mdone`)
    expect(plain.out).not.toContain(ESCAPE)
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out)
  })

  it.each([
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal without them', true, { TERM: 'dumb' }, false],
    ['a pipe', false, {}, false],
    ['the log of a CI', false, { CI: 'true' }, false],
    ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR against NO_COLOR', true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('colours: %s', async (_what, isTTY, env, hasColours) => {
    const { out } = await at(server, ['status'], { isTTY, env })
    expect(out.includes(ESCAPE)).toBe(hasColours)
    const refused = await at(server, ['status'], { isTTY, env: { ...env, TIDEMARK_TOKEN: 'wrong' } })
    expect(refused.err.includes(ESCAPE)).toBe(hasColours)
  })

  it('keeps tables within the screen where they can be', async () => {
    server.answers.listProjects = () => [data.project({ name: 'A very long name of a project '.repeat(4) })]
    const { out } = await at(server, ['projects'], { columns: 100 })
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100)
    expect(out).toContain('…')
    expect((await at(server, ['projects'], { isTTY: false })).out).not.toContain('…')
  })

  it('shows progress in one line, and takes it away before the answer', async () => {
    server.answers.startSync = async () => {
      await setTimeout(250)
      return data.synced()
    }
    const { err } = await at(server, ['sync'])
    expect(stripVTControlCharacters(err)).toMatch(/^\r. Syncing all projects(\r. Syncing all projects)+\r$/)
    expect(err).not.toContain('\n')
    expect(err.endsWith(`\r${ESCAPE}[K`)).toBe(true)
    expect((await at(server, ['sync', '--json'])).err).toBe('')
    expect((await at(server, ['sync'], { isTTY: false })).err).toBe('Syncing all projects\n')
  })

  it('takes the line away when it fails, too', async () => {
    const { exit, err } = await at(server, ['sync'], { env: { TIDEMARK_TOKEN: 'wrong' } })
    expect(exit).toBe(2)
    expect(err).toContain(`\r${ESCAPE}[K${ESCAPE}[31m✗`)
  })

  it('asks for a token without showing it', async () => {
    const stream = () =>
      Object.assign(new PassThrough(), { isTTY: true, columns: 80, setRawMode: () => undefined })
    const [stdin, stdout, stderr] = [stream(), stream(), stream()]
    const env = { TIDEMARK_CONFIG: '/dev/null/nowhere' }
    const ended = main(['login', server.url], {
      env,
      stdin,
      stdout,
      stderr,
      now: Date.now,
    } as unknown as Surroundings)
    stdin.write(`${TOKEN}\r`)
    // The file can't be made; by then the token was taken, and checked with the server.
    expect(await ended).toBe(2)
    const said = String(stderr.read()) + String(stdout.read() ?? '')
    expect(said).toMatch(/^API token for http:.*: \n/)
    expect(said).toContain('/dev/null/nowhere')
    expect(said).not.toContain(TOKEN)
    expect(server.calls.at(-1)?.path).toBe('/api/session')
  })
})
