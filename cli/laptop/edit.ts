import type { LinkColumn } from './link.ts'
import { HOW } from './triggers.ts'
import { isUnreadable, type Unreadable, type Wire } from './values.ts'

export type Values = Readonly<Record<string, Wire>>
/** A row of the file as it would travel. */
export type Here = Readonly<Record<string, Wire | Unreadable>>

/** What a row was when file and server last agreed, or agreed to differ. */
export interface Shadow {
  /** The server's row, with our own edits that are on their way */
  readonly vals: Values
  /** Columns in which the file says otherwise, and no edit is to be made of it: refused, or not to be kept exactly */
  readonly seen: Here
  /**
   * `barred`: the file's own rules keep the row out, until they don't. `unplaced`: it is not in the file otherwise, as its
   * programs wish. `refused`: the server did not take it. `parked`: the server keeps it in a conflict
   * and has no such row; `vals` is what was said
   */
  readonly state: 'agreed' | 'unplaced' | 'refused' | 'barred' | 'parked'
}

interface Change {
  readonly op: 'insert' | 'update'
  readonly values: Values
  /** Absent where file and server never agreed before */
  readonly base?: Values
  /** Columns that can't travel */
  readonly bad: Readonly<Record<string, Unreadable>>
  /** Columns that a program left out, or that are the server's: the file gets them back */
  readonly restore: readonly string[]
}
export type Edit = Change | { readonly op: 'delete' } | { readonly op: 'forget' }

/**
 * What a program did to a row. A column that an INSERT OR REPLACE left out is no edit: after an insert over a known row, what
 * holds the column's default (NULL where it has none) is restored, unless an UPDATE said so before.
 */
export function editOf(of: {
  readonly columns: readonly (LinkColumn & { readonly omittedWire: Wire | Unreadable })[]
  readonly here: Here | undefined
  readonly shadow: Shadow | undefined
  readonly how: number
  readonly blank: bigint
}): Edit | null {
  const { columns, here, shadow, how, blank } = of
  if (!here) return gone(shadow)
  if (!shadow || shadow.state === 'refused') {
    if (shadow && columns.every(({ name }) => same(here[name], shadow.seen[name]))) return null
    const written = columns.filter(({ write, name }) => write && here[name] !== null)
    return { op: 'insert', ...sorted(written, here), restore: [] }
  }
  const changed = columns.filter(({ name }) => !same(here[name], baseline(shadow, name)))
  const tracked = columns.filter(({ write }) => write)
  const isOmitted = (column: (typeof columns)[number]) =>
    (how & (HOW.inserted | HOW.met)) !== 0 &&
    same(here[column.name], column.omittedWire) &&
    ((blank >> BigInt(tracked.indexOf(column))) & 1n) === 0n
  const restore = changed.filter((column) => !column.write || isOmitted(column))
  const edited = changed.filter((column) => !restore.includes(column))
  if (changed.length === 0) return null
  const { values, bad } = sorted(edited, here)
  const names = restore.map(({ name }) => name)
  if ((how & HOW.met) !== 0) return { op: 'insert', values, bad, restore: names }
  const base = Object.fromEntries(Object.keys(values).map((name) => [name, shadow.vals[name] ?? null]))
  return { op: 'update', values, base, bad, restore: names }
}

/** The server has the row, and the file has not. */
export const isAbsent = ({ state }: Shadow): boolean => state === 'unplaced' || state === 'barred'

function gone(shadow: Shadow | undefined): Edit | null {
  if (!shadow || isAbsent(shadow)) return null
  return { op: shadow.state === 'refused' ? 'forget' : 'delete' }
}

const baseline = ({ vals, seen }: Shadow, name: string) => (name in seen ? seen[name] : vals[name]) ?? null

function sorted(columns: readonly LinkColumn[], here: Here) {
  const values: Record<string, Wire> = {}
  const bad: Record<string, Unreadable> = {}
  for (const { name } of columns) {
    const value = here[name] ?? null
    if (isUnreadable(value)) bad[name] = value
    else values[name] = value
  }
  return { values, bad }
}

export function same(a: Wire | Unreadable | undefined, b: Wire | Unreadable | undefined): boolean {
  const [x, y] = [a ?? null, b ?? null]
  return x === y || (isUnreadable(x) && isUnreadable(y) && x.unreadable === y.unreadable)
}
