import type {
  DeviceColumn,
  DeviceMutation,
  MutationResult,
  PageTable,
  PullAnswer,
} from '../../../sync/protocol/device.ts'

type Wire = string | number | null
type Row = Record<string, Wire>

interface Stored {
  row: Row | null
  version: number
  /** Who wrote it, and at which versions */
  log: [version: number, by: string][]
}

export const COLUMNS: DeviceColumn[] = [
  { name: 'product_url', type: 'url', write: true, aliases: ['url', 'link'] },
  { name: 'title', type: 'text', write: true, max: 2_000, aliases: ['name'] },
  { name: 'price', type: 'money', write: true },
  { name: 'currency', type: 'text', write: true },
  { name: 'stage', type: 'text', write: true },
  { name: 'assessed_at', type: 'time', write: true },
  { name: 'score', type: 'integer', write: false },
]
const NAMES = ['id', ...COLUMNS.map(({ name }) => name)]

/** How the server calls a row: without the parameters that say where a visitor came from. */
export const normal = (key: string) => key.replace(/[?&]utm_[^&]*/g, '')

/** One lane with one table, and the devices' numbers: what docs/protocol.md says, from memory. */
export class DeviceStore {
  rows = new Map<string, Stored>()
  version = 0
  generation = 1
  /** By incarnation: content of each number, from 1 */
  devices = new Map<string, string[]>()
  results = new Map<string, MutationResult[]>()
  /** Edits that came in and were taken, by key */
  applied: { key: string; values: Row; incarnation: string; n: number }[] = []
  /** Says of an edit that a person must decide */
  disputes: (key: string, values: Row) => boolean = () => false
  page = 1_000

  /** A person's edit at another device. */
  edit(key: string, values: Row | null): void {
    this.version++
    const now = this.rows.get(key)?.row
    this.#put(key, values && { ...this.#blank(key), ...now, ...values }, 'person')
  }

  #blank = (key: string): Row => ({
    ...Object.fromEntries(NAMES.map((name) => [name, null])),
    id: key,
    product_url: key,
  })

  #put(key: string, row: Row | null, by: string): void {
    const log = this.rows.get(key)?.log ?? []
    this.rows.set(key, { row, version: this.version, log: [...log, [this.version, by]] })
  }

  live = (): Map<string, Row> =>
    new Map([...this.rows].flatMap(([key, { row }]) => (row ? [[key, row] as const] : [])))

  push(
    incarnation: string,
    first: number,
    mutations: unknown[],
  ): { gap: number } | 'forked' | MutationResult[] {
    const known = this.devices.get(incarnation) ?? []
    if (first > known.length + 1) return { gap: known.length + 1 }
    const results: MutationResult[] = []
    const texts = mutations.map((each) => JSON.stringify(each))
    if (texts.some((text, i) => known[first - 1 + i] !== undefined && known[first - 1 + i] !== text))
      return 'forked'
    let raised = false
    for (const [i, text] of texts.entries()) {
      const n = first + i
      if (known[n - 1] !== undefined) {
        const before = this.results.get(incarnation)?.[n - 1]
        if (before) results.push(before)
        continue
      }
      if (!raised) this.version++
      raised = true
      known.push(text)
      const result = this.#apply(incarnation, n, mutations[i] as DeviceMutation)
      const all = this.results.get(incarnation) ?? []
      all[n - 1] = result
      this.results.set(incarnation, all)
      results.push(result)
    }
    this.devices.set(incarnation, known)
    return results
  }

  #apply(
    incarnation: string,
    n: number,
    { op, key: given, values = {}, base = {} }: DeviceMutation,
  ): MutationResult {
    const key = normal(given)
    const named = key === given ? {} : { key }
    const now = this.rows.get(key)?.row ?? null
    if (typeof values.title === 'string' && values.title.length > 2_000)
      return { n, status: 'rejected', reason: 'title is longer than 2000', ...named }
    if (this.disputes(key, values))
      return {
        n,
        status: 'conflict',
        conflict: `c_${n}`,
        reason: 'disputed',
        set: chosen(now ?? {}, values),
        ...named,
      }
    if (op === 'update' && !this.rows.has(key))
      return { n, status: 'rejected', reason: 'there is no such row' }
    this.applied.push({ key, values, incarnation, n })
    if (op === 'delete') {
      if (now) this.#put(key, null, incarnation)
      return { n, status: 'applied', ...named }
    }
    // An edit of what changed meanwhile: the title stays, anything else is taken.
    const kept = 'title' in values && now && op === 'update' && base.title !== now.title ? ['title'] : []
    const set = Object.fromEntries(kept.map((name) => [name, now?.[name] ?? null]))
    this.#put(key, { ...this.#blank(key), ...now, ...values, ...set, id: key }, incarnation)
    return kept.length > 0
      ? { n, status: 'merged', set, reason: 'kept', ...named }
      : { n, status: 'applied', ...named }
  }

  read(cursor: string | undefined, incarnation: string): PullAnswer {
    const [generation, kind, at, key] = cursor
      ? (JSON.parse(cursor) as [number, string, number, string])
      : [0, 'all', 0, '']
    if (cursor && (generation !== this.generation || at > this.version)) return { resnapshot: true }
    if (!cursor || kind === 'all') return this.#snapshot(cursor ? at : this.version, key ?? '')
    const changed = [...this.rows]
      .filter(([, { log }]) => log.some(([version, by]) => version > at && by !== incarnation))
      .toSorted(([, a], [, b]) => a.version - b.version)
    const some = changed.slice(0, this.page)
    // Rows of one version are not parted.
    const last = some.at(-1)?.[1].version
    const shown =
      changed.length > some.length ? changed.filter(([, { version }]) => version <= (last ?? 0)) : changed
    const more = shown.length < changed.length
    const next = this.#cursor('feed', more ? (last ?? 0) : this.version)
    return {
      cursor: next,
      ...(more && { more: true as const }),
      ...tablesOf(shown.map(([id, { row }]) => [id, row])),
    }
  }

  #snapshot(version: number, after: string): PullAnswer {
    const keys = [...this.live()].filter(([key]) => key > after).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const some = keys.slice(0, this.page)
    const more = some.length < keys.length
    const cursor = more ? this.#cursor('all', version, some.at(-1)?.[0]) : this.#cursor('feed', version)
    return {
      cursor,
      fresh: true,
      ...((more || version < this.version) && { more: true as const }),
      ...tablesOf(some),
    }
  }

  #cursor = (kind: string, at: number, key?: string) => JSON.stringify([this.generation, kind, at, key])

  settled = (incarnation: string) => this.devices.get(incarnation)?.length ?? 0

  copy(): string {
    return JSON.stringify([[...this.rows], this.version, [...this.devices], [...this.results]])
  }

  /** As it was when `copy` was made; what was since is unknown. */
  restore(copied: string): void {
    const [rows, version, devices, results] = JSON.parse(copied) as [never, number, never, never]
    this.rows = new Map(rows)
    this.devices = new Map(devices)
    this.results = new Map(results)
    this.version = version
    this.generation++
  }
}

const chosen = (row: Row, values: Row): Row =>
  Object.fromEntries(Object.keys(values).map((name) => [name, row[name] ?? null]))

function tablesOf(all: readonly (readonly [string, Row | null])[]): { tables?: PageTable[] } {
  if (all.length === 0) return {}
  const rows = all.flatMap(([, row]) => (row ? [NAMES.map((name) => row[name] ?? null)] : []))
  const deleted = all.flatMap(([key, row]) => (row ? [] : [key]))
  return { tables: [{ name: 'listings', columns: NAMES, rows, deleted }] }
}
