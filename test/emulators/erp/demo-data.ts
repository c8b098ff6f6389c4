import type { Row } from './lists.ts'
import { cents, isoTime } from './orders.ts'
import type { Store } from './store.ts'

export interface Filling {
  readonly customersEach: number
  readonly products: number
  readonly ordersEach: number
  /** `all`: every price names its product. Otherwise some have only its name, as in the real price list */
  readonly prices?: 'all'
}

const surnames =
  'Rossi Bianchi Ferrari Esposito Romano Colombo Ricci Marino Greco Bruno Gallo Conti De Luca Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo'
    .replace('De Luca', 'De_Luca')
    .split(' ')
    .map((name) => name.replace('_', ' '))
const trades = [
  'Ferramenta',
  'Idraulica',
  'Termoidraulica',
  'Edilizia',
  'Officina',
  'Colorificio',
  'Utensileria',
]
const forms = ['S.r.l.', 'S.n.c.', '& figli', 'S.p.A.', 'di Rossi Antonio', 'S.a.s.']
const streets = [
  'Via Roma',
  'Via Garibaldi',
  "Via dell'Artigianato",
  'Corso Italia',
  'Piazza San Marco',
  'Viale Europa',
]
const cities = [
  ['Torino', '10121', 'TO'],
  ['Milano', '20121', 'MI'],
  ["L'Aquila", '67100', 'AQ'],
  ['Forlì', '47121', 'FC'],
  ['Roma', '00184', 'RM'],
  ['Bari', '70121', 'BA'],
  ['Cantù', '22063', 'CO'],
] as const
const things = [
  'Valvola a sfera',
  'Tubo multistrato',
  'Raccordo',
  'Guarnizione',
  'Miscelatore',
  'Flessibile',
  'Collettore',
  'Vite a legno',
  'Tassello',
  'Sifone',
]
const sizes = ['1/2"', '3/4"', '1"', 'Ø16', 'Ø20', 'M8×40', 'DN 25']
const groups = ['Valvole', 'Tubi & raccordi', 'Fissaggio', 'Rubinetteria', 'Scarico']
const states = ['Nuovo', 'In lavorazione', 'Spedito', 'Chiuso']
const DAY = 86_400_000

/** Fills the four lists with data that looks like a wholesaler's: apostrophes, accents and empty fields included. */
export function fillStore(store: Store, users: readonly string[], filling: Filling, now: number): void {
  const products = Array.from({ length: filling.products }, (_, i) => product(i, now))
  store.fill('products', '', products)
  const everyPrice = filling.prices === 'all'
  const prices = products.map((row, i) => price(row, i, everyPrice))
  store.fill('prices', '', prices)
  for (const [index, user] of users.entries()) {
    const first = (index + 1) * 100_000
    const customers = Array.from({ length: filling.customersEach }, (_, i) => customer(first, i, now))
    store.fill('customers', user, customers)
    const orders: Row[] = []
    for (let i = 0; i < filling.ordersEach; i += 1) {
      const lines = orderLines(i, products, prices)
      const row = order(first, i, customers, lines, now)
      store.setDetail(user, String(row.id), {
        lines,
        note: i % 4 === 0 ? 'Consegnare al mattino,\nsuonare 2 volte' : null,
        ddt: row.status === 'Spedito' || row.status === 'Chiuso' ? [delivery(first + i, now - i * DAY)] : [],
      })
      orders.push(row)
    }
    store.fill('orders', user, orders)
  }
}

function product(i: number, now: number): Row {
  const id = `P-${String(i + 1).padStart(4, '0')}`
  return {
    id,
    code: `${pick(groups, i).slice(0, 3).toUpperCase()}${String(i + 1).padStart(5, '0')}`,
    name: `${pick(things, i)} ${pick(sizes, i * 3)} art. ${i + 1}`,
    description: i % 3 === 0 ? null : `Qualità "${pick(surnames, i)}", garanzia 24 mesi & ricambi`,
    product_group: pick(groups, i),
    package_size: 1 + ((i * 7) % 1_200),
    vat: i % 9 === 0 ? 10 : 22,
    image: i % 5 === 4 ? null : `/images/${id}.jpg`,
    modified: isoTime(now - (i % 700) * 0.37 * DAY - 60_000),
  }
}

function price({ id, name }: Row, i: number, everyPrice: boolean): Row {
  return {
    product_id: everyPrice || i % 7 !== 3 ? id : null,
    name,
    price: cents(0.85 + ((i * 37) % 9_000) * 0.21),
    discount: i % 4 === 0 ? 12.5 : 0,
    currency: 'EUR',
  }
}

function customer(first: number, i: number, now: number): Row {
  const [city, zip, province] = pick(cities, i)
  const surname = pick(surnames, i + first / 100_000)
  const number = String(first + i).padStart(9, '0')
  const mail = surname.toLowerCase().replace(' ', '')
  return {
    id: `C${first + i}`,
    name: `${pick(trades, i)} ${surname} ${pick(forms, i * 5)} (${i + 1})`,
    vat_number: `IT0${number}7`,
    fiscal_code: i % 3 === 0 ? null : `0${number}7`,
    address: `${pick(streets, i)} ${1 + (i % 180)}`,
    zip,
    city,
    province,
    phone: i % 4 === 0 ? null : `0${10 + (i % 80)} ${number.slice(-7)}`,
    mobile: i % 2 === 0 ? null : `+39 33${number.slice(-8)}`,
    email: `ordini.${i + 1}@${mail}.example`,
    pec: i % 5 === 0 ? null : `${mail}${i + 1}@pec.example`,
    sdi: i % 6 === 0 ? null : number.slice(-7),
    last_order_on: i % 8 === 0 ? null : isoDate(now - (i % 300) * DAY),
  }
}

function orderLines(i: number, products: readonly Row[], prices: readonly Row[]) {
  if (products.length === 0) return []
  return Array.from({ length: 1 + (i % 4) }, (_, at) => {
    const index = (i * 11 + at * 29) % products.length
    const price = Number(prices[index]?.price ?? 0)
    const discount = Number(prices[index]?.discount ?? 0)
    const quantity = at === 1 ? 2.5 : 1 + (i % 12)
    const { id = null, name = null } = products[index] ?? {}
    const amount = cents(quantity * price * (1 - discount / 100))
    return { line: at + 1, product_id: id, name, quantity, price, discount, amount }
  })
}

function order(
  first: number,
  i: number,
  customers: readonly Row[],
  lines: readonly { readonly amount: number }[],
  now: number,
): Row {
  const placed = now - (i % 400) * DAY - (i % 24) * 3_600_000
  const { id = null, name = null } = customers[i % Math.max(1, customers.length)] ?? {}
  const status = pick(states, i)
  return {
    id: `O${first + i}`,
    number: `${isoDate(placed).slice(0, 4)}/${first + i}`,
    customer_id: id,
    customer_name: name,
    ordered_on: isoDate(placed),
    delivery_on: status === 'Nuovo' ? null : isoDate(placed + 3 * DAY),
    status,
    total: cents(lines.reduce((sum, { amount }) => sum + amount, 0)),
    external_ref: null,
    modified: isoTime(placed - i * 1_000),
  }
}

function delivery(number: number, at: number): Row {
  const tracking = number % 2 === 0 ? `BRT${number}` : null
  return { number: `DDT ${number}`, on: isoDate(at), carrier: 'Bartolini', tracking, status: 'Consegnato' }
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function pick<T>(from: readonly [T, ...T[]] | readonly T[], index: number): T {
  return from[index % from.length] as T
}
