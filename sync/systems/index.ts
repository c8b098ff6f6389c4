import type { System } from '../engine/declare.ts'
import { collectionsSystem } from './collections.ts'
import { customersSystem } from './customers.ts'
import { listingsSystem } from './listings.ts'
import { ordersSystem } from './orders.ts'
import { pricesSystem } from './prices.ts'
import { productsSystem } from './products.ts'
import { smartSync } from './smart-sync.ts'

/** Every system that ships. A new one is a file beside this and a line here. */
export const systems: readonly System[] = [
  smartSync,
  customersSystem,
  productsSystem,
  pricesSystem,
  ordersSystem,
  listingsSystem,
  collectionsSystem,
]
