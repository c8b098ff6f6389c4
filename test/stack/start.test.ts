import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErpStatus } from '../../sync/protocol/erp.ts'
import { readTerminal } from '../demo/read-qr.ts'
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

  /** What the demo's laptop has in its file. */
  const laptop = <T>(work: (file: DatabaseSync) => T): T => {
    const file = new DatabaseSync(join(home, 'laptop/products.db'), { timeout: 5_000 })
    try {
      return work(file)
    } finally {
      file.close()
    }
  }
  const statusOf = (product: string) =>
    laptop((file) => file.prepare('SELECT modesty_status AS status FROM products WHERE url = ?').get(product))
      ?.status

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
    google = (await demo.says(/The sheet\s+(http:\S+?)\/spreadsheets\/d\//))[1] ?? ''
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
    expect((await fetch(`${google}/spreadsheets/d/tidemark-demo-workbook`)).status).toBe(200)
  })

  it('keeps three tables in the workbook, whose edits are here within seconds, and a bot reads them', async () => {
    await demo.says(/EmployeeSettings\s+7 rows\n\s+DynamicRates\s+4 rows\n\s+Ranks\s+6 rows/)
    const typed = await fetch(`${google}/person/tidemark-demo-workbook/set`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cell: 'EmployeeSettings!C2', text: '20.25' }),
    })
    expect(typed.status).toBe(200)
    const wage = async () =>
      (await read<{ hourly_wage: number }>('/api/reference/employee_settings/E-001')).hourly_wage
    await expect.poll(wage, { timeout: 30_000, interval: 250 }).toBe(2_025)
    const log = () => readFileSync(join(home, 'bot.log'), 'utf8')
    await expect.poll(log, { timeout: 20_000 }).toContain('Amara Okafor 20.25')
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

  it('has a laptop, whose file a monitor fills and `tidemark watch` keeps in sync both ways', async () => {
    await demo.says(new RegExp(`The laptop\\s+${join(home, 'laptop/products.db')}\\n`))
    type Listing = { id: string; title: string; image_url: string; product_url: string }
    const listings = () => read<Listing[]>('/api/assessments?limit=100')
    const [first] = await listings()
    expect((await listings()).length).toBeGreaterThanOrEqual(20)
    expect(await (await fetch(first?.image_url ?? '')).text()).toContain('<svg')
    laptop((file) =>
      file.exec(`INSERT INTO products (url, title) VALUES ('https://shop.example/own', 'By hand')`),
    )
    const titles = async () => (await listings()).map(({ title }) => title)
    await expect.poll(titles, { timeout: 20_000 }).toContain('By hand')
    const reviewed = await fetch(url(`/api/assessments/${encodeURIComponent(first?.id ?? '')}/review`), {
      method: 'POST',
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ modesty_status: 'modest' }),
    })
    expect(reviewed.status).toBe(200)
    await expect.poll(() => statusOf(first?.product_url ?? ''), { timeout: 20_000 }).toBe('modest')
    const doctor = run(['run', 'laptop', '--', 'doctor'])
    expect(await doctor.exit, doctor.output()).toBe(0)
    expect(doctor.output()).toContain('here and on the server: the same')
  })

  it('lets nobody else in the network in, and says how', async () => {
    await demo.says(/A phone\s+npm start -- --host/)
    expect(demo.output()).not.toContain('█')
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

  it('goes on from where it was: rows, runs, and what people typed into the sheet, the ERP and the laptop’s file', async () => {
    const before = laptop((file) => file.prepare('SELECT url, modesty_status FROM products').all())
    const paired = readFileSync(join(home, 'laptop/config.json'), 'utf8')
    demo = run(['start', '--', '--host'])
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
    expect(readFileSync(join(home, 'laptop/config.json'), 'utf8')).toBe(paired)
    const after = laptop((file) => file.prepare('SELECT url, modesty_status FROM products').all())
    expect(after.filter(({ url }) => before.some((row) => row.url === url))).toEqual(before)
    // The monitor may have found one meanwhile, but none of them twice.
    expect(after.length - before.length).toBeLessThanOrEqual(1)
  })

  it('pairs a phone of the same network by the QR code that it prints when it is asked to', async () => {
    await demo.says(/it is demo data/)
    const link = readTerminal(demo.output())
    expect(demo.output()).toContain(link)
    const { origin, pathname, hash } = new URL(link)
    expect(pathname).toBe('/review')
    expect((await fetch(`${origin}/review`)).status).toBe(200)
    const answer = await fetch(`${origin}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ code: hash.slice('#code='.length) }),
    })
    expect(await answer.json()).toMatchObject({ role: 'device', user: 'ann' })
  })

  it('leaves no process behind where it is killed, the laptop’s neither', async () => {
    const started = demo.tree()
    process.kill(Number(readFileSync(join(home, 'running'), 'utf8')), 'SIGKILL')
    const left = () => processes().filter(({ pid }) => started.includes(pid))
    await expect.poll(left, { timeout: 20_000 }).toEqual([])
  })

  it('forgets it all on npm run reset', async () => {
    const reset = run(['run', 'reset'])
    expect(await reset.exit).toBe(0)
    expect(existsSync(home)).toBe(false)
  })
})
