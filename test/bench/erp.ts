import { fetchPages } from './erp-floor.ts'
import { benchErpRows } from './erp-rows.ts'
import { type ErpBench, openErpBench, type Ran } from './erp-world.ts'
import { median, print } from './print.ts'

const PRODUCTS = 6_000
const PAGE = 20
/** Pages of the runs with latency; all 300 with `--full`, which takes six minutes. */
const SLOW_PAGES = process.argv.includes('--full') ? PRODUCTS / PAGE : 60
const LATENCY = 200
/** Of a call where ten lists are read one call at a time: some 1,400 calls. */
const SHORT = 10
const USERS = ['ann', 'bruno', 'carla']

/** The ERP's lists: our own time a page beside the bare fetching of the same pages, D1 rows, and latency used well. */
export async function benchErp(): Promise<void> {
  await withBench(PRODUCTS, ownTime)
  await withBench(SLOW_PAGES * PAGE, latency)
  await benchErpRows(PRODUCTS)
}

async function withBench(products: number, work: (bench: ErpBench) => Promise<void>): Promise<void> {
  const bench = await openErpBench(products, USERS)
  try {
    await work(bench)
    if (bench.erp.overruns > 0)
      console.log(`  the ERP was asked too much at once ${bench.erp.overruns} times`)
  } finally {
    await bench.close()
  }
}

async function ownTime(bench: ErpBench): Promise<void> {
  const pages = PRODUCTS / PAGE
  const floor = () =>
    fetchPages({ origin: bench.origin, user: 'ann', password: 'secret of ann', list: 'products', pages })
  // The first time warms both ends up.
  await floor()
  const before = median(await floor())
  const one = async (system: string, full: boolean, user_id?: string) =>
    (await bench.run([{ system, full, ...(user_id !== undefined && { user_id }) }]))[0] as Ran

  const first = await one('products', true)
  const written = await synced(bench)
  const unchanged = await one('products', true)
  const writtenByUnchanged = (await synced(bench)) - written
  const check = await one('products', false)
  const prices = await one('prices', true)
  const together = await bench.run([
    { system: 'products', full: true },
    { system: 'prices', full: true },
  ])
  const orders = await one('orders', false, 'ann')
  const after = median(await floor())
  const base = (before + after) / 2

  const line = (name: string, ran: Ran, of: number) => [
    name,
    ran.status,
    `${ran.ms} ms`,
    `${ran.calls} calls`,
    `${median(ran.gaps).toFixed(2)} ms a page`,
    `${(median(ran.gaps) / base).toFixed(1)} × the floor`,
    `${(median(ran.gaps) - base).toFixed(2)} ms of our own (wanted: 5 or less)`,
    `${(ran.cpuMs / of).toFixed(2)} ms CPU a page`,
  ]
  print(`ERP, ${pages} pages of ${PAGE} products, no latency; medians`, [
    [
      'floor: the same pages, nothing else',
      '',
      '',
      `${pages} calls`,
      `${base.toFixed(2)} ms a page`,
      '',
      '',
      '',
    ],
    line('first full run', first, pages),
    line('unchanged full run', unchanged, pages),
    line('prices, first', prices, pages),
  ])
  const [both] = together
  const slowest = Math.max(...together.map(({ ms }) => ms))
  print('ERP, other runs', [
    ['rows of synced tables and history by the unchanged run', `${writtenByUnchanged}`, 'wanted: 0'],
    ['unchanged check', `${check.status}, ${check.ms} ms`, `${check.calls} calls, ${check.cpuMs} ms CPU`],
    ['products and prices together', `${slowest} ms`, `${both?.calls} calls`],
    ['one after the other', `${unchanged.ms + prices.ms} ms`, 'prices for the first time'],
    ['200 orders with lines and documents', `${orders.status}, ${orders.ms} ms`, `${orders.calls} calls`],
  ])
}

/** Grows with every row of history, and with every commit of a lane. */
async function synced({ stack }: ErpBench): Promise<number> {
  const [row] = await stack.runtime.query(
    'SELECT (SELECT count(*) FROM history) + (SELECT sum(version) FROM lanes) + (SELECT sum(version) FROM products) AS n',
  )
  return Number(row?.n)
}

async function latency(bench: ErpBench): Promise<void> {
  // The first run warms up, and writes all rows; the measured ones read everything again.
  await bench.run([{ system: 'products', full: true }])
  bench.erp.person.setLatency(LATENCY)
  const rows: string[][] = []
  for (const calls of [1, 3, 6]) {
    await bench.concurrency(calls)
    const [ran] = await bench.run([{ system: 'products', full: true }])
    const least = (SLOW_PAGES * LATENCY) / calls
    const ms = ran?.ms ?? Number.NaN
    rows.push([
      `concurrency ${calls}`,
      `${ms} ms`,
      `${(ms / least).toFixed(3)} × n·L/c`,
      `${ms <= 1.05 * least + 2_000 ? 'within' : 'ABOVE'} 1.05·n·L/c + 2 s = ${1.05 * least + 2_000} ms`,
    ])
  }
  print(`ERP, full run of ${SLOW_PAGES} pages, ${LATENCY} ms a page`, rows)
  await bench.concurrency(1)
  bench.erp.person.setLatency(SHORT)
  const all = await bench.run([
    { system: 'products', full: true },
    { system: 'prices', full: true },
    ...USERS.flatMap((user_id) => [
      { system: 'customers', user_id },
      { system: 'orders', user_id },
    ]),
  ])
  const slowest = Math.max(...all.map(({ ms }) => ms))
  const least = (all[0]?.calls ?? 0) * SHORT
  print(`ERP, three users' customers and orders, products and prices at once, ${SHORT} ms a call (P-4)`, [
    ['all ended', all.every(({ status }) => status === 'done' || status === 'unchanged') ? 'well' : 'BADLY'],
    [
      'took',
      `${slowest} ms`,
      `${(slowest / least).toFixed(3)} × calls · L, ${all[0]?.calls} calls, one at a time`,
    ],
  ])
}
