import { count } from '../format.ts'
import type { LinkStatus } from './shapes.ts'
import { systemName } from './words.ts'

/** One reason why lists can't be read, with all the lists that it holds up. */
export interface Trouble {
  readonly reason: string
  readonly mend: string
  /** `customers of 40 users`, `products` */
  readonly who: readonly string[]
}

/** An ERP that is away is one trouble, however many lists it has. */
export function troublesOf(systems: readonly LinkStatus[]): Trouble[] {
  const found = new Map<string, { reason: string; mend: string; scopes: Map<LinkStatus, string[]> }>()
  for (const system of systems)
    for (const { scope, trouble, active } of system.scopes) {
      if (!trouble || !active) continue
      const key = `${trouble.reason}\n${trouble.mend}`
      const known = found.get(key) ?? { ...trouble, scopes: new Map<LinkStatus, string[]>() }
      known.scopes.set(system, [...(known.scopes.get(system) ?? []), scope])
      found.set(key, known)
    }
  return [...found.values()].map(({ reason, mend, scopes }) => ({
    reason,
    mend,
    who: [...scopes].map(([system, names]) => {
      const name = systemName(system.system).toLowerCase()
      if (system.per !== 'user') return name
      return `${name} of ${names.length === 1 ? names[0] : count(names.length, 'user')}`
    }),
  }))
}
