import { setTimeout as wait } from 'node:timers/promises'

// The demo's bot, a program of its own: bot-program.ts URL, its token in TOKEN. What it reads and sets goes to stdout.

const READ_MS = 5_000
/** Reads between two writes */
const WRITE_EVERY = 24
/** An order of this amount is what its rate and rank are asked for: 1,800.00 */
const AMOUNT = 180_000

interface Wage {
  readonly id: string
  readonly name: string | null
  readonly hourly_wage: number
  readonly version: number
}

const [url = ''] = process.argv.slice(2)
const headers = { authorization: `Bearer ${process.env.TOKEN}` }
const tags = new Map<string, { readonly tag: string; readonly value: unknown }>()

/** From the API, or as it was where the API says that it is the same. */
async function read<T>(path: string): Promise<T> {
  const known = tags.get(path)
  const response = await fetch(new URL(`/api/reference/${path}`, url), {
    headers: { ...headers, ...(known && { 'if-none-match': known.tag }) },
  })
  if (response.status === 304 && known) return known.value as T
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`)
  const value: unknown = await response.json()
  const tag = response.headers.get('etag')
  if (tag !== null) tags.set(path, { tag, value })
  return value as T
}

/** A little more or less, unless somebody has changed it meanwhile. */
async function set({ id, name, hourly_wage, version }: Wage): Promise<string> {
  const wage = hourly_wage + (hourly_wage < 3_000 ? 5 : -500)
  const response = await fetch(new URL(`/api/reference/employee_settings/${encodeURIComponent(id)}`, url), {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json', 'if-match': `"${version}"` },
    body: JSON.stringify({ hourly_wage: wage }),
  })
  const what = `the wage of ${name ?? id} to ${(wage / 100).toFixed(2)}`
  return response.ok ? `set ${what}` : `did not set ${what}: ${response.status}, somebody was faster`
}

let said = ''
for (let turn = 1; ; turn++) {
  try {
    const wages = await read<Wage[]>('employee_settings')
    const { rate } = await read<{ rate: number }>(`dynamic_rates?at=${AMOUNT}`)
    const { name } = await read<{ name: string }>(`ranks?at=${AMOUNT}`)
    const list = wages.map((wage) => `${wage.name ?? wage.id} ${(wage.hourly_wage / 100).toFixed(2)}`)
    const line = `read ${list.join(', ')}; for ${AMOUNT / 100} the rate is ${(rate * 100).toFixed(1)} %, the rank ${name}`
    if (line !== said) console.log(line)
    said = line
    const chosen = wages[Math.floor(turn / WRITE_EVERY) % wages.length]
    if (turn % WRITE_EVERY === 0 && chosen) console.log(await set(chosen))
  } catch (error) {
    console.log(`could not read: ${error instanceof Error ? error.message : error}`)
  }
  await wait(READ_MS)
}
