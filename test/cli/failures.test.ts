import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../workers/shared/app.ts'
import * as data from './data.ts'
import { TOKEN } from './fake-server.ts'
import { CUT } from './serve.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

describe('what goes wrong', () => {
  /** Another program at an address of its own. */
  async function elsewhere<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
    const other = createServer(listener)
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    try {
      return await use(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
    } finally {
      other.closeAllConnections()
      other.close()
    }
  }

  it("the server's problem is told in full, and nothing goes to stdout", async () => {
    server.answers.getAccount = () => {
      throw new Refusal({
        type: 'not_found',
        detail: 'There is no account acc-9.',
        kept: 'All of it.',
        mend: 'Check the id.',
      })
    }
    expect(await here.run(['account', 'acc-9'])).toEqual({
      exit: 2,
      out: '',
      err: [
        '✗ Not found',
        '  There is no account acc-9.',
        '  Kept   All of it.',
        '  To do  Check the id.',
        '',
      ].join('\n'),
    })
  })

  it('the places that are wrong in a request are named', async () => {
    const { err } = await here.run(['pin', 'acc-1', 'likes', '--note', 'x'.repeat(501)])
    expect(err).toMatch(/\n {4}note {2}Too big.*\n/)
  })

  it('words that no command has', async () => {
    for (const words of [
      ['snyc'],
      ['runs', '--limt', '3'],
      ['runs', '--limit', '0'],
      ['account'],
      ['run', 'a', 'b'],
    ]) {
      const { exit, out, err } = await here.run(words)
      expect({ exit, out }, words.join(' ')).toEqual({ exit: 2, out: '' })
      expect(err).toMatch(/^error: /)
    }
    expect((await here.run(['snyc'])).err).toContain('Did you mean sync?')
    expect((await here.run(['--help'])).exit).toBe(0)
    expect((await here.run(['sync', '--help'])).exit).toBe(0)
    expect(server.calls).toEqual([])
  })

  it('nobody listens at the address', async () => {
    const { exit, err } = await here.run(['runs'], { env: { TIDEMARK_URL: 'http://127.0.0.1:9' } })
    expect(exit).toBe(2)
    expect(err).toMatch(/^✗ No answer\n {2}http:\/\/127\.0\.0\.1:9: .+\n {2}Kept {3}Nothing was/)
  })

  it('the connection is cut: whether a change arrived is not known, and said so', async () => {
    server.answers.startSync = () => new Response(null, { headers: { [CUT]: '1', 'x-as-is': '1' } })
    const { exit, err } = await here.run(['sync'])
    expect(exit).toBe(2)
    expect(err).toContain('the connection was cut')
    expect(err).toContain('Whether the request arrived is not known.')
    server.answers.listRuns = server.answers.startSync
    expect((await here.run(['runs'])).err).toContain('Kept   Nothing was changed.')
  })

  it('the address is not a Tidemark', async () => {
    const page: RequestListener = (_request, response) => response.end('<h1>Welcome</h1>')
    const { exit, err } = await elsewhere(page, (url) => here.run(['runs'], { env: { TIDEMARK_URL: url } }))
    expect(exit).toBe(2)
    expect(err).toContain('The answer is not understood')
    const none: RequestListener = (_request, response) => response.writeHead(404).end('<h1>Nothing here</h1>')
    const missing = await elsewhere(none, (url) => here.run(['runs'], { env: { TIDEMARK_URL: url } }))
    expect(missing.err).toContain('answered 404 without saying why')
  })

  it('a redirect, as of a sign-in page before the server, is told and not followed', async () => {
    const redirect: RequestListener = (_request, response) =>
      response.writeHead(302, { location: 'https://team.cloudflareaccess.example/login?x=1' }).end()
    const { exit, err } = await elsewhere(redirect, (url) =>
      here.run(['runs'], { env: { TIDEMARK_URL: url } }),
    )
    expect(exit).toBe(2)
    expect(err).toContain('sends callers on to https://team.cloudflareaccess.example.')
  })

  it('an answer that is not as the schema says', async () => {
    server.answers.listRuns = () => Response.json([{ id: 1 }], { headers: { 'x-as-is': '1' } })
    const { exit, err } = await here.run(['runs'])
    expect(exit).toBe(2)
    expect(err).toContain('0.id: Invalid input')
  })

  it('a server that is busy for longer than a person waits', async () => {
    server.answers.listRuns = () => {
      throw new Refusal({ type: 'too_many', detail: '600 requests a minute.', retryAfter: 3_600 })
    }
    const { exit, err } = await here.run(['runs'])
    expect(exit).toBe(2)
    expect(err).toContain('✗ Too many requests')
    expect(server.calls).toHaveLength(1)
  })

  it('lists are read to their end, and a link to another server is not followed', async () => {
    server.answers.listAccounts = ({ query }) =>
      query.before === 'acc-2'
        ? [data.account()]
        : Response.json([data.accounts[0]], {
            headers: { link: '</api/projects/harbour/accounts?limit=1000&before=acc-2>; rel="next"' },
          })
    const { out } = await here.run(['accounts', 'harbour', '--json'])
    expect((JSON.parse(out) as { id: string }[]).map(({ id }) => id)).toEqual(['acc-2', 'acc-1'])

    const seen: (string | undefined)[] = []
    const thief: RequestListener = (request, response) => {
      seen.push(request.headers.authorization)
      response.end('[]')
    }
    await elsewhere(thief, async (url) => {
      server.answers.listAccounts = () =>
        Response.json(data.accounts, { headers: { link: `<${url}/x>; rel="next"` } })
      const ended = await here.run(['accounts', 'harbour'])
      expect(ended).toMatchObject({ exit: 2, out: '' })
      expect(ended.err).toContain('A link to somewhere else')
    })
    expect(seen).toEqual([])
  })

  it('text from a sheet cannot steer the terminal', async () => {
    server.answers.listProjects = () => [data.project({ name: 'a\u001b[2Jb\u0007c\u202ed\ne' })]
    const { out } = await here.run(['projects'])
    expect(out).toContain('ab\ufffdc\ufffdd e')
    const { out: json } = await here.run(['projects', '--json'])
    expect((JSON.parse(json) as { name: string }[])[0]?.name).toBe('a\u001b[2Jb\u0007c\u202ed\ne')
  })

  it('a reader that has seen enough', async () => {
    server.answers.listProjects = () => Array.from({ length: 5_000 }, (_, i) => data.project({ id: `p${i}` }))
    const { child, ended } = here.start(['projects'])
    child.stdout.once('data', () => child.stdout.destroy())
    expect(await ended).toMatchObject({ exit: 0, err: '' })
  })

  it('the token is in no output, whatever happens', async () => {
    const words = [
      ['whoami'],
      ['status'],
      ['tokens', '--all'],
      ['account', 'none'],
      ['help'],
      ['whoami', '--json'],
    ]
    for (const each of words) {
      const { out, err } = await here.run(each)
      expect(out + err, each.join(' ')).not.toContain(TOKEN)
    }
  })
})
