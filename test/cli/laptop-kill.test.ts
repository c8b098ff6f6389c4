import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEVICE_LIMITS } from '../../sync/protocol/device.ts'
import { rows } from '../engine/world.ts'
import { type DeviceServer, deviceServer } from '../simulation/device-world.ts'
import { type Machine, machine } from './run-cli.ts'
import { CUT, serve, stop } from './serve.ts'

// SIGKILL of the command as a process, and answers that end in the middle: the next sync repairs it.

const HERE = 2_200
const THERE = DEVICE_LIMITS.snapshot + 300
const shop = (name: string | number) => `https://shop.example/${name}`

describe('a sync that does not come to its end', () => {
  let server: DeviceServer
  let served: Awaited<ReturnType<typeof serve>>
  let laptop: Machine
  let file: DatabaseSync
  /** Called with the number of a request to pull or push, before and after the server has done it */
  let meet: (n: number, when: 'before' | 'after') => 'half' | 'none' | undefined
  let asked = 0

  beforeEach(async () => {
    server = deviceServer(Date.now())
    meet = () => undefined
    asked = 0
    served = await serve(async (request) => {
      const { pathname, search } = new URL(request.url)
      const n = /pull|push/.test(pathname) ? ++asked : 0
      const bytes = new Uint8Array(await request.arrayBuffer())
      const text =
        request.headers.get('content-encoding') === 'gzip' ? gunzipSync(bytes).toString() : undefined
      const body = request.method === 'GET' ? undefined : (text ?? new TextDecoder().decode(bytes))
      meet(n, 'before')
      const answer = await server.ask('ann', request.method, pathname + search, body)
      const cut = meet(n, 'after')
      if (!answer) throw new Error('nobody answered')
      return cut ? new Response(await answer.text(), { headers: { [CUT]: cut } }) : answer
    })
    laptop = machine(served)
    file = new DatabaseSync(join(laptop.home, 'products.db'), { timeout: 5_000 })
    file.exec(`CREATE TABLE products (url TEXT PRIMARY KEY, title TEXT, price REAL);
      WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${HERE})
      INSERT INTO products SELECT '${shop('h')}' || value, 'Dress ' || value, value FROM n`)
    const mutations = Array.from({ length: THERE }, (_, i) => ({
      table: 'listings',
      op: 'insert',
      key: shop(`s${i}`),
      values: { product_url: shop(`s${i}`), title: `Coat ${i}` },
    }))
    for (let n = 0; mutations.length > 0; n++) {
      const body = {
        lane: 'listings',
        incarnation: `phone${n}`,
        first: 1,
        mutations: mutations.splice(0, 1_000),
      }
      await server.ask('bob', 'POST', '/api/push', JSON.stringify(body))
    }
    expect((await laptop.run(['attach', 'products.db', '--table', 'products', '--as', 'listings'])).err).toBe(
      '',
    )
  })
  afterEach(async () => {
    file.close()
    laptop.remove()
    await stop(served.server)
  })

  const isWhole = () => {
    const there = rows(server.world, 'SELECT id, title FROM listings WHERE deleted_at IS NULL ORDER BY id')
    const here = file.prepare('SELECT url AS id, title FROM products ORDER BY url').all()
    expect(here.map((row) => ({ ...row }))).toEqual(there)
    expect(there).toHaveLength(HERE + THERE)
    const twice = rows(server.world, 'SELECT key FROM history GROUP BY key HAVING count(*) > 1')
    expect(twice).toEqual([])
  }

  it.each([
    [1, 'before'],
    [2, 'after'],
    [3, 'before'],
    [3, 'after'],
    [4, 'after'],
    [5, 'after'],
  ] as const)(
    'killed at request %s, %s the server had done it, it loses nothing and does nothing twice',
    async (n, when) => {
      const { child, ended } = laptop.start(['sync'])
      meet = (at, moment) => {
        if (at === n && moment === when) child.kill('SIGKILL')
        return undefined
      }
      await ended
      expect(child.signalCode).toBe('SIGKILL')
      meet = () => undefined
      expect(await laptop.run(['sync'])).toMatchObject({ exit: 0 })
      isWhole()
    },
  )

  it.each([1, 2, 3, 4])(
    'cut in the middle of answer %s, it tells so, and the next sync goes on',
    async (n) => {
      meet = (at, moment) => (at === n && moment === 'after' ? 'half' : undefined)
      const cut = await laptop.run(['sync'])
      expect([cut.exit, cut.err]).toEqual([2, expect.stringContaining('the connection was cut')])
      meet = () => undefined
      expect(await laptop.run(['sync'])).toMatchObject({ exit: 0 })
      isWhole()
    },
  )

  it('ends as one sync where two are started at once', async () => {
    const [a, b] = await Promise.all([laptop.run(['sync']), laptop.run(['sync'])])
    expect([a.exit, b.exit]).toEqual([0, 0])
    isWhole()
  })
})
