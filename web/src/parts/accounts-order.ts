import { type Signal, signal } from '@preact/signals'
import type { Account, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { METRICS } from '../format.ts'

export type Column = 'username' | 'platform' | MetricName | 'updated_at'

export interface Order {
  readonly filter: string
  readonly by: Column
  readonly descending: boolean
}

const orders = new Map<string, Signal<Order>>()

/** How a project's table is filtered and sorted. It outlives the view: the way back from an account finds it as it was. */
export function orderOf(project: string): Signal<Order> {
  let order = orders.get(project)
  if (!order) {
    order = signal({ filter: '', by: 'followers', descending: true })
    orders.set(project, order)
  }
  return order
}

/** A click on a column: numbers and times begin with the largest, texts with A; a second click turns round. */
export function orderBy(order: Order, by: Column): Order {
  const beginsHigh = by === 'updated_at' || isMetric(by)
  return { ...order, by, descending: order.by === by ? !order.descending : beginsHigh }
}

/** The accounts that the filter lets through, in order. Absent numbers stand last either way. */
export function arrange(accounts: readonly Account[], { filter, by, descending }: Order): Account[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const found = accounts.filter((account) => {
    const text = `${account.username ?? ''} ${account.platform} ${account.profile_url}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const sign = descending ? -1 : 1
  return found.sort((a, b) => {
    const [left, right] = [cellOf(a, by), cellOf(b, by)]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    const order = typeof left === 'number' ? left - Number(right) : collator.compare(left, String(right))
    return sign * order || (a.id < b.id ? -1 : 1)
  })
}

export const nameOf = (account: Account) =>
  account.username ?? account.profile_url.replace(/^https?:\/\//, '')

const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

const isMetric = (by: Column): by is MetricName => METRICS.some((metric) => metric === by)

const cellOf = (account: Account, by: Column): string | number | null =>
  by === 'username' ? nameOf(account) : account[by]
