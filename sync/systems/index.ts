import type { System } from '../engine/declare.ts'
import { backups } from './backups.ts'
import { collectionsSystem } from './collections.ts'
import { customersSystem } from './customers.ts'
import { listingsSystem } from './listings.ts'
import { ordersSystem } from './orders.ts'
import { pricesSystem } from './prices.ts'
import { productsSystem } from './products.ts'
import { reference } from './reference.ts'
import { smartSync } from './smart-sync.ts'

/** A new system is a file beside this and a line here. */
const shipped: readonly System[] = [
  smartSync,
  customersSystem,
  productsSystem,
  pricesSystem,
  ordersSystem,
  listingsSystem,
  collectionsSystem,
  reference,
]

/** Every system that ships, and the backups of their tables. */
export const systems: readonly System[] = [...shipped, backups(shipped)]
