import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createErp, type Erp, serveErp } from '../emulators/erp/index.ts'
import { PATHS } from './home.ts'

/** The emulated ERP behind HTTP, with a page for people at `url`; its data are kept in a file. */
export type DemoErp = {
  url: string
  close: () => Promise<void>
}

/** Who works in the ERP. The passwords open nothing else. */
export const ERP_USERS = [
  { id: 'ann', name: 'Ann', login: 'ann', password: 'demo-ann' },
  { id: 'bruno', name: 'Bruno', login: 'bruno', password: 'demo-bruno' },
  { id: 'carla', name: 'Carla', login: 'carla', password: 'demo-carla' },
]

/** Slow enough to watch a run, stop it with an order and see it go on; the real one takes four times as long. */
const LATENCY = 800

export async function startErp(port: number): Promise<DemoErp> {
  const erp = createErp({
    clock: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    latency: LATENCY,
    users: ERP_USERS.map(({ login, password }) => ({ user: login, password })),
  })
  let saved = readKept()
  if (saved === null) populate(erp)
  else erp.restore(saved)

  const save = () => {
    const now = erp.snapshot()
    if (now === saved) return
    writeFileSync(`${PATHS.erp}.new`, now)
    renameSync(`${PATHS.erp}.new`, PATHS.erp)
    saved = now
  }
  save()
  const saving = setInterval(save, SAVE_MS)
  // The preferred port keeps the page's address the same; where it is taken, any other will do.
  const served = await serveErp({ erp, port }).catch(() => serveErp({ erp }))
  return {
    url: served.url,
    async close() {
      clearInterval(saving)
      await served.close()
      save()
    },
  }
}

/** A demo that is killed loses this much of what happened in the ERP. */
const SAVE_MS = 500

function readKept(): string | null {
  try {
    return readFileSync(PATHS.erp, 'utf8')
  } catch {
    return null
  }
}

/** A wholesaler's data, with a price list as people keep it: gaps, names in capitals, and what is no product. */
function populate({ person }: Erp): void {
  // Few orders: each costs two more calls, and the catalogue comes after them.
  person.fill({ products: 400, customersEach: 250, ordersEach: 16 })
  for (const [n, row] of person.rows('prices').entries()) {
    if (n % 25 === 9) person.remove('prices', String(row.name))
    if (n % 25 === 12) {
      person.remove('prices', String(row.name))
      person.put('prices', { ...row, product_id: null, name: String(row.name).toUpperCase() })
    }
  }
  for (const [n, name] of NO_PRODUCTS.entries())
    person.put('prices', { name, price: 4.5 + n, discount: 0, currency: 'EUR' })
}

const NO_PRODUCTS = [
  'Contributo RAEE',
  'Trasporto fuori zona',
  'Catalogo cartaceo 2019',
  'Espositore da banco',
]
