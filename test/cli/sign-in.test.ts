import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CODE, type FakeServer, startFake, TOKEN } from './fake-server.ts'
import { type Ended, type Machine, machine } from './run-cli.ts'

describe('signing in', () => {
  let server: FakeServer
  let other: FakeServer
  let here: Machine
  beforeAll(async () => {
    server = await startFake()
    other = await startFake()
  })
  afterAll(async () => {
    await server.close()
    await other.close()
  })
  beforeEach(() => {
    here = machine()
    server.calls.length = 0
    other.calls.length = 0
  })
  afterEach(() => here.remove())

  const stored = () => JSON.parse(readFileSync(here.config, 'utf8')) as unknown
  const says = ({ out, err }: Ended) => out + err

  it('takes a token from stdin, checks it, and keeps it for this person alone', async () => {
    const ended = await here.run(['login', server.url, '--token-stdin'], { stdin: `${TOKEN}\n` })
    expect(ended).toEqual({
      exit: 0,
      out: `✓ Signed in to ${server.url} as Ada (admin)\n  kept in ${here.config}\n`,
      err: '',
    })
    expect(stored()).toEqual({ url: server.url, token: TOKEN })
    expect(statSync(here.config).mode & 0o777).toBe(0o600)
    expect(statSync(join(here.config, '..')).mode & 0o777).toBe(0o700)
    expect((await here.run(['whoami'])).out).toBe(`Ada (admin) at ${server.url}\n`)
  })

  it('makes the file private even where it was not', async () => {
    await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN })
    writeFileSync(here.config, readFileSync(here.config), { mode: 0o644 })
    await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN })
    expect(statSync(here.config).mode & 0o777).toBe(0o600)
  })

  it('exchanges a code for a token of this machine', async () => {
    const ended = await here.run(['login', server.url, '--code', CODE, '--name', 'laptop'])
    expect(ended.exit).toBe(0)
    expect(server.calls[0]?.body).toEqual({ code: CODE, name: 'laptop' })
    expect(stored()).toEqual({ url: server.url, token: TOKEN })
    expect(says(ended)).not.toContain(TOKEN)
  })

  it('takes a sign-in link as it is copied', async () => {
    expect((await here.run(['login', `${server.url}/#code=${CODE}`])).exit).toBe(0)
    expect(stored()).toEqual({ url: server.url, token: TOKEN })
  })

  it('keeps nothing of a code or token that is refused', async () => {
    for (const [words, stdin] of [
      [['--code', 'used'], ''],
      [['--token-stdin'], 'wrong'],
      [['--token-stdin'], ''],
      [['--token-stdin'], 'two words'],
      [['--token-stdin', '--code', CODE], TOKEN],
      [[], ''],
    ] as const) {
      const ended = await here.run(['login', server.url, ...words], { stdin })
      expect(ended.exit).toBe(2)
      expect(ended.err).toMatch(/^✗ .+\n {2}.+\n {2}Kept {3}.+\n {2}To do {2}.+\n$/)
      expect(existsSync(here.config)).toBe(false)
    }
  })

  it('has no option for a token: others on the machine see what a command is called with', async () => {
    const ended = await here.run(['login', server.url, '--token', TOKEN])
    expect(ended.exit).toBe(2)
    expect(says(ended)).not.toContain(TOKEN)
  })

  it('warns of an address that is not encrypted, though not of this machine', async () => {
    const { err } = await here.run(['login', 'http://tidemark.invalid', '--token-stdin'], { stdin: TOKEN })
    expect(err).toMatch(/^! http:\/\/tidemark\.invalid is not encrypted/)
    expect(err).not.toContain(TOKEN)
  })

  it('TIDEMARK_CONFIG says where, TIDEMARK_URL and TIDEMARK_TOKEN say what', async () => {
    const path = join(here.home, 'elsewhere.json')
    await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN, env: { TIDEMARK_CONFIG: path } })
    expect(existsSync(here.config)).toBe(false)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const env = { TIDEMARK_URL: other.url, TIDEMARK_TOKEN: TOKEN, TIDEMARK_CONFIG: path }
    const again = await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN, env })
    expect(again.err).toContain('are set, and win over this')
    expect((await here.run(['whoami'], { env })).out).toBe(`Ada (admin) at ${other.url}\n`)
  })

  it('never sends a stored token to another address', async () => {
    await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN })
    const ended = await here.run(['whoami'], { env: { TIDEMARK_URL: other.url } })
    expect(ended).toMatchObject({ exit: 2, out: '' })
    expect(ended.err).toContain(`There is no token for ${other.url}.`)
    expect(other.calls).toEqual([])
  })

  it('forgets', async () => {
    await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN })
    expect((await here.run(['logout'])).out).toContain(`Signed out of ${server.url}.`)
    expect(existsSync(here.config)).toBe(false)
    expect((await here.run(['logout'])).out).toBe('Nobody was signed in.\n')
    expect(await here.run(['whoami'])).toEqual({
      exit: 2,
      out: '',
      err: [
        '✗ Not signed in',
        '  No Tidemark is set up here.',
        '  Kept   Nothing was changed.',
        '  To do  Run: tidemark login URL',
        '',
      ].join('\n'),
    })
  })

  it('says which file is broken, and forgets it too', async () => {
    await here.run(['login', server.url, '--token-stdin'], { stdin: TOKEN })
    writeFileSync(here.config, `{"token": "${TOKEN}"`)
    const ended = await here.run(['whoami'])
    expect(ended.exit).toBe(2)
    expect(ended.err).toContain(here.config)
    expect(ended.err).not.toContain(TOKEN)
    expect((await here.run(['logout'])).exit).toBe(0)
    expect(existsSync(here.config)).toBe(false)
  })
})
