import { type ListName, lists, type Row, type Value } from './lists.ts'

export interface OrderDetail {
  /** As people typed them: a test may put anything there */
  readonly lines: readonly Row[]
  readonly note: string | null
  /** Delivery documents */
  readonly ddt: readonly Row[]
}

/** One list as it stands, in order. */
export interface ListState {
  readonly rows: Row[]
  /** Rows by key, so that a change needs no search */
  readonly byKey: Map<string, Row>
  /** Somebody moved rows by hand: the list's own order can't be relied upon any more */
  moved: boolean
  /** Grows with every change */
  changes: number
}

interface Kept {
  readonly states: readonly (Pick<ListState, 'rows' | 'moved' | 'changes'> & { readonly name: string })[]
  readonly details: readonly (readonly [string, OrderDetail])[]
}

export type Store = ReturnType<typeof createStore>

/** The ERP's data: four lists, two of them per user, and the details of orders. */
export function createStore() {
  const states = new Map<string, ListState>()
  const details = new Map<string, OrderDetail>()
  let pricesOf: { readonly changes: number; readonly byProduct: Map<string, Row> } | null = null

  /** A list as one user sees it; the user doesn't matter for lists that all share. */
  function state(list: ListName, user: string): ListState {
    const name = lists[list].perUser ? `${list}:${user}` : list
    let found = states.get(name)
    if (!found) {
      found = { rows: [], byKey: new Map(), moved: false, changes: 0 }
      states.set(name, found)
    }
    return found
  }

  /** Puts a row where the list's order wants it, in place of the one with its key. */
  function put(list: ListName, user: string, row: Row): void {
    const { compare, key } = lists[list]
    const target = state(list, user)
    const name = keyOf(row[key])
    const before = target.byKey.get(name)
    target.byKey.set(name, row)
    target.changes += 1
    if (before) {
      const index = target.rows.indexOf(before)
      // What changed in a list of recent rows goes to the front even within one second.
      if (compare(before, row) === 0 && list !== 'orders') {
        target.rows[index] = row
        return
      }
      target.rows.splice(index, 1)
    }
    target.rows.splice(placeFor(target, row, compare), 0, row)
  }

  /** Replaces a list's rows at once: one sort in place of a search for each. */
  function fill(list: ListName, user: string, rows: readonly Row[]): void {
    const { compare, key } = lists[list]
    const target = state(list, user)
    target.rows.length = 0
    target.byKey.clear()
    for (const row of rows) {
      target.rows.push(row)
      target.byKey.set(keyOf(row[key]), row)
    }
    target.rows.sort(compare)
    target.moved = false
    target.changes += 1
  }

  function remove(list: ListName, user: string, id: string): boolean {
    const target = state(list, user)
    const row = target.byKey.get(id)
    if (!row) return false
    target.byKey.delete(id)
    target.rows.splice(target.rows.indexOf(row), 1)
    target.changes += 1
    if (list === 'orders') details.delete(detailKey(user, id))
    return true
  }

  /** Places a row at an index, whatever the order says. */
  function move(list: ListName, user: string, id: string, to: number): boolean {
    const target = state(list, user)
    const row = target.byKey.get(id)
    if (!row) return false
    target.rows.splice(target.rows.indexOf(row), 1)
    target.rows.splice(Math.max(0, to), 0, row)
    target.moved = true
    target.changes += 1
    return true
  }

  /** Sets the whole order; rows that aren't named follow as they stood. */
  function order(list: ListName, user: string, ids: readonly string[]): void {
    const target = state(list, user)
    const named = new Set<Row>()
    for (const id of ids) {
      const row = target.byKey.get(id)
      if (row) named.add(row)
    }
    const rest = target.rows.filter((row) => !named.has(row))
    target.rows.splice(0, target.rows.length, ...named, ...rest)
    target.moved = true
    target.changes += 1
  }

  function detail(user: string, id: string): OrderDetail | undefined {
    return details.get(detailKey(user, id))
  }

  function setDetail(user: string, id: string, value: OrderDetail): void {
    details.set(detailKey(user, id), value)
  }

  /** The price list's row for a product. */
  function priceOf(productId: string): Row | undefined {
    const { rows, changes } = state('prices', '')
    if (pricesOf?.changes !== changes) {
      const byProduct = new Map(rows.map((row) => [keyOf(row.product_id), row]))
      pricesOf = { changes, byProduct }
    }
    return pricesOf.byProduct.get(productId)
  }

  /** All of it as text, for a demo that goes on another day. */
  function snapshot(): string {
    const kept = [...states].map(([name, { rows, moved, changes }]) => ({ name, rows, moved, changes }))
    return JSON.stringify({ states: kept, details: [...details] } satisfies Kept)
  }

  /** What `snapshot` gave, in place of what is there. */
  function restore(text: string): void {
    const kept = JSON.parse(text) as Kept
    states.clear()
    details.clear()
    pricesOf = null
    for (const { name, ...rest } of kept.states) {
      const { key } = lists[name.replace(/:.*$/s, '') as ListName]
      states.set(name, { ...rest, byKey: new Map(rest.rows.map((row) => [keyOf(row[key]), row])) })
    }
    for (const [key, detail] of kept.details) details.set(key, detail)
  }

  return { state, put, fill, remove, move, order, detail, setDetail, priceOf, snapshot, restore }
}

function keyOf(value: Value): string {
  return String(value ?? '')
}

function detailKey(user: string, id: string): string {
  return `${user}\n${id}`
}

/** Before the first row that doesn't come earlier: of equal rows the latest stands first. */
function placeFor({ rows, moved }: ListState, row: Row, compare: (a: Row, b: Row) => number): number {
  if (moved) {
    const index = rows.findIndex((other) => compare(other, row) >= 0)
    return index < 0 ? rows.length : index
  }
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = rows[middle]
    if (other && compare(other, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}
