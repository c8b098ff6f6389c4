import { createErp, type ErpOptions } from './index.ts'

export type DialectName = 'json' | 'html'
export const dialects: readonly DialectName[] = ['json', 'html']
export const listNames = ['customers', 'products', 'prices', 'orders'] as const

export const anna = { user: 'anna', password: "anna's & own" }
export const ben = { user: 'ben', password: 'ben' }

/** An ERP with two users, a clock that only the test moves, and a way to call it. */
export function createBench(options: Partial<ErpOptions> = {}) {
  let now = Date.UTC(2026, 10, 21, 8, 5, 9)
  let drawn = 7
  const slept: number[] = []
  const erp = createErp({
    clock: () => now,
    random: () => {
      drawn = (drawn * 16_807) % 2_147_483_647
      return drawn / 2_147_483_647
    },
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
    users: [anna, ben],
    ...options,
  })

  const call = (path: string, cookie: string | null, init: RequestInit = {}) =>
    erp.fetch(
      new Request(`http://erp.test${path}`, { ...init, ...(cookie !== null && { headers: { cookie } }) }),
    )

  /** Signs in and gives the cookie. */
  async function login(dialect: DialectName = 'json', who = anna): Promise<string> {
    const response =
      dialect === 'json'
        ? await call('/api/login', null, { method: 'POST', body: JSON.stringify(who) })
        : await call('/login', null, { method: 'POST', body: new URLSearchParams(who).toString() })
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
    if (cookie === undefined) throw new Error(`no session: HTTP ${response.status}`)
    return cookie
  }

  return {
    erp,
    person: erp.person,
    slept,
    call,
    login,
    pass: (ms: number) => {
      now += ms
    },
  }
}

export const listPath = (dialect: DialectName, list: string, page = 1) =>
  `${dialect === 'json' ? '/api' : '/lists'}/${list}?page=${page}`

/** What the JSON answers hold, each of them a part of it. */
export interface Told {
  readonly list: string
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly rows: readonly Record<string, unknown>[]
  readonly stamp: string
  readonly lines: readonly { readonly amount: number }[]
}

export const told = async (response: Response): Promise<Told> => (await response.json()) as Told

/** Cells of a page's grid by field, as the browser shows them. */
export function gridOf(page: string, id = 'grid'): Record<string, string>[] {
  const table = new RegExp(`<table id="${id}" class[\\s\\S]*?</table>`).exec(page)?.[0]
  if (table === undefined) throw new Error(`the page has no table ${id}`)
  const fields = [...table.matchAll(/data-field="(\w+)"/g)].map(([, field]) => field ?? '')
  return [...table.matchAll(/<tr data-row="\d+">([\s\S]*?)<\/tr>/g)].map(([, row = '']) => {
    const cells = [...row.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell = '']) => shown(cell))
    return Object.fromEntries(fields.map((field, at) => [field, cells[at] ?? '']))
  })
}

const signs = { amp: '&', lt: '<', gt: '>', quot: '"', euro: '€', nbsp: '\u00a0', '#39': "'" } as const

export function shown(cell: string): string {
  return cell
    .replace(/&(amp|lt|gt|quot|euro|nbsp|#39);/g, (_, name: keyof typeof signs) => signs[name])
    .trim()
}
