import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErpStatus } from '../../sync/protocol/erp.ts'
import { processes } from '../runtime/processes.ts'
import { freePort, npm, type Script } from './npm.ts'

// One demo, from its first start to its reset; the tests tell its life in order.
describe('npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-demo-'))
  const home = join(folder, 'home')
  let env: { TIDEMARK_HOME: string; PORT: string; NO_COLOR: string }
  let demo: Script
  let google: string
  let erp: string
  const scripts: Script[] = []

  const run = (args: string[], extra: Record<string, string> = {}) => {
    const script = npm(args, { ...env, ...extra })
    scripts.push(script)
    return script
  }
  const url = (path: string) => `http://localhost:${env.PORT}${path}`
  const token = () =>
    (JSON.parse(readFileSync(join(home, 'keys.json'), 'utf8')) as { adminToken: string }).adminToken
  /** A form of the ERP's own page. */
  const typed = (action: string, fields: Record<string, string>) =>
    fetch(`${erp}/page/${action}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  const read = async <T>(path: string) => {
    const response = await fetch(url(path), { headers: { authorization: `Bearer ${token()}` } })
    expect(response.status, path).toBe(200)
    return (await response.json()) as T
  }

  beforeAll(async () => {
    // picocolors colours the logs of a CI; the links are read without.
    env = { TIDEMARK_HOME: home, PORT: String(await freePort()), NO_COLOR: '1' }
  })
  afterAll(() => {
    for (const script of scripts) script.end()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows a first sync of all five projects within 20 s', async () => {
    const begun = performance.now()
    demo = run(['start'])
    await demo.says(/Synced 5 of 5 projects/)
    expect(performance.now() - begun).toBeLessThan(20_000)
    google = (await demo.says(/The sheet\s+(http:\S+?)\/sheet\//))[1] ?? ''
    erp = (await demo.says(/The ERP\s+(http:\S+?)\/\n/))[1] ?? ''
    await demo.says(/Sign in/)
    expect(demo.output()).toMatch(/Coastal Kitchen\s+10 accounts/)
  })

  it('reports what a person would want to know of the sheet, cell by cell', () => {
    expect(demo.output()).toMatch(/"n\/a"/)
    expect(demo.output()).toMatch(/"ask Jonas"/)
  })

  it('serves the page, the docs, and the sheet', async () => {
    expect(await (await fetch(url('/'))).text()).toContain('<script')
    expect((await fetch(url('/docs'))).status).toBe(200)
    expect((await fetch(`${google}/sheet/tidemark-demo-workbook`)).status).toBe(200)
  })

  it('brings the lists of the ERP by itself, three users’ and the shared ones', async () => {
    expect(await (await fetch(erp)).text()).toContain('customers of carla')
    expect((await typed('latency', { ms: '0' })).status).toBe(303)
    const rows = async () => {
      const { systems, unmatched_prices } = await read<ErpStatus>('/api/erp/status')
      const found = systems.map((each) => [each.system, each.scopes.map((scope) => scope.rows)] as const)
      return { ...Object.fromEntries(found), unmatched_prices }
    }
    const all = { customers: [250, 250, 250], orders: [16, 16, 16], products: [400], unmatched_prices: 4 }
    await expect.poll(rows, { timeout: 50_000, interval: 500 }).toMatchObject(all)
    expect((await typed('add', { name: 'Kept over a restart', price: '9,50' })).status).toBe(303)
  })

  it('prints a sign-in link that works once, and another one on Enter', async () => {
    const [, code = ''] = await demo.says(/#code=(\S+)\n/)
    const signIn = (secret: string) =>
      fetch(url('/api/session'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url('') },
        body: JSON.stringify({ code: secret }),
      })
    const first = await signIn(code)
    expect(first.status).toBeLessThan(300)
    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly/i)
    expect((await signIn(code)).status).toBeGreaterThanOrEqual(400)
    demo.type('\n')
    const [, another = ''] = await demo.says(/#code=\S+\n[\s\S]*#code=(\S+)\n/)
    expect(another).not.toBe(code)
    expect((await signIn(another)).status).toBeLessThan(300)
  })

  it('says in one line that a port is taken', async () => {
    const elsewhere = join(folder, 'elsewhere')
    const other = run(['start'], { TIDEMARK_HOME: elsewhere })
    await other.says(new RegExp(`Port ${env.PORT} is in use`))
    expect(await other.exit).toBe(1)
    const server = createServer().listen(0, '::1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const third = run(['start'], { TIDEMARK_HOME: elsewhere, PORT: String(port) })
    await third.says(new RegExp(`Port ${port} is in use`))
    expect(await third.exit).toBe(1)
    server.close()
  })

  it('refuses to run twice on one state, and to be reset while it runs', async () => {
    const second = run(['start'], { PORT: String(await freePort()) })
    await second.says(/running already/)
    expect(await second.exit).toBe(1)
    const reset = run(['run', 'reset'])
    await reset.says(/is running .*nothing was removed/)
    expect(await reset.exit).toBe(1)
    expect(existsSync(join(home, 'state'))).toBe(true)
  })

  it('leaves no process behind on Ctrl-C', async () => {
    const started = demo.tree()
    expect(
      processes().filter(({ pid, command }) => started.includes(pid) && command === 'workerd'),
    ).toHaveLength(1)
    await demo.interrupt()
    expect(processes().filter(({ pid }) => started.includes(pid))).toEqual([])
  })

  it('goes on from where it was: rows, runs, and what people typed into the sheet and the ERP', async () => {
    demo = run(['start'])
    await demo.says(/Synced 5 of 5 projects/)
    await demo.says(/Sign in/)
    const runs = await read<{ id: string; status: string }[]>('/api/runs?limit=50')
    expect(runs.length).toBeGreaterThan(1)
    expect(await read<unknown[]>('/api/projects')).toHaveLength(5)
    const accounts = await read<unknown[]>('/api/projects/coastal-kitchen/accounts?limit=100')
    expect(accounts).toHaveLength(10)
    expect(await (await fetch(`${erp}/?q=restart`)).text()).toContain('Kept over a restart')
    const orders = await read<{ lines: unknown[] }[]>('/api/orders?user_id=bruno')
    expect(orders).toHaveLength(16)
    const started = demo.tree()
    await demo.interrupt()
    expect(processes().filter(({ pid }) => started.includes(pid))).toEqual([])
  })

  it('forgets it all on npm run reset', async () => {
    const reset = run(['run', 'reset'])
    expect(await reset.exit).toBe(0)
    expect(existsSync(home)).toBe(false)
  })
})
