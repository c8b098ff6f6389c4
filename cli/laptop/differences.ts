import { createHash } from 'node:crypto'
import type { DigestAnswer, RowsAnswer } from '../../sync/protocol/device.ts'
import { type Here, isAbsent, type Shadow, same, type Values } from './edit.ts'
import type { Sqlite } from './file.ts'
import { waitingFor } from './outbox.ts'
import type { Rows } from './rows.ts'
import type { Unreadable, Wire } from './values.ts'

/** `take`: the server's row comes. `remove`: the server has none any more. `send`: an edit that nobody noticed goes. */
export type Plan = 'take' | 'remove' | 'send'

/** A row that is not the same here and there. */
export interface Difference {
  readonly table: string
  readonly row: string
  readonly plan: Plan
  readonly columns: readonly {
    readonly name: string
    readonly here: Wire | Unreadable
    readonly server: Wire
  }[]
}

/** A row of the file under its name on the server. */
export interface Named {
  readonly row: string
  readonly key: string
}

/** Every row of the file, in the order in which the server has them. Within a transaction. */
export function namedRows(rows: Rows): Named[] {
  const all = rows.names().map((row) => ({ row, key: rows.keyOf(row) }))
  const bytes = new Map(all.map(({ key }) => [key, Buffer.from(key)]))
  const at = (key: string) => bytes.get(key) ?? Buffer.alloc(0)
  return all.sort((a, b) => Buffer.compare(at(a.key), at(b.key)))
}

/** The file's rows of each bucket; the first one begins before everything, and the last one has no end. */
export function bucketsOf(
  all: readonly Named[],
  { buckets }: DigestAnswer,
): { from: string; limit: number; digest: string; rows: readonly Named[] }[] {
  const bounds = buckets.length > 0 ? buckets : [['', 0, ''] as const]
  let begin = 0
  return bounds.map(([from, limit, digest], i) => {
    const next = bounds[i + 1]?.[0]
    let end = all.length
    if (next !== undefined) {
      const bound = Buffer.from(next)
      end = begin
      while (end < all.length && Buffer.compare(Buffer.from(all[end]?.key ?? ''), bound) < 0) end++
    }
    const rows = all.slice(begin, end)
    begin = end
    return { from, limit, digest, rows }
  })
}

/** The digest of these rows as the server makes it, its key first; null: this file does not keep all of the columns. */
export function digestOf(
  rows: Rows,
  named: readonly Named[],
  [, ...columns]: readonly string[],
): string | null {
  const known = new Set([...rows.columns.map(({ name }) => name), rows.link.holdsToo])
  if (!columns.every((name) => known.has(name))) return null
  const hash = createHash('sha256')
  for (const { row, key } of named) {
    const here = rows.file(row) ?? {}
    const cells = columns.map((name) => (name === rows.link.holdsToo ? row : (here[name] ?? null)))
    hash.update(`${JSON.stringify([key, ...cells])}\n`)
  }
  return hash.digest('hex')
}

/** Rows of one bucket that are not the same here and there, but for what waits or was refused. Within a transaction. */
export function differencesIn(
  db: Sqlite,
  rows: Rows,
  named: readonly Named[],
  answer: Pick<RowsAnswer, 'columns' | 'rows'>,
): Difference[] {
  const table = rows.link.local
  const there = new Map(answer.rows.map((cells) => [String(cells[0]), valuesOf(rows, answer, cells)]))
  const here = new Set(named.map(({ key }) => key))
  const found: Difference[] = []
  for (const { row, key } of named) {
    const shadow = rows.shadow(row)
    if (rows.mark(row) || isOwn(shadow) || waitingFor(db, rows.link.id, row).length > 0) continue
    const file = rows.file(row) ?? {}
    const vals = there.get(key)
    if (!vals) {
      found.push({ table, row, plan: shadow ? 'remove' : 'send', columns: [] })
      continue
    }
    const agreed: Here = { ...shadow?.vals, ...shadow?.seen }
    const columns = rows.columns
      .filter(({ name }) => !same(file[name], vals[name]))
      .filter(({ name }) => !(shadow && name in shadow.seen && same(file[name], shadow.seen[name])))
      .map(({ name }) => ({ name, here: file[name] ?? null, server: vals[name] ?? null }))
    if (columns.length === 0) continue
    const isEdit = columns.some(({ name, here: value }) => !same(value, agreed[name]))
    found.push({ table, row, plan: isEdit ? 'send' : 'take', columns })
  }
  for (const [key] of there) {
    if (here.has(key)) continue
    const shadow = rows.shadow(key)
    if ((shadow && isAbsent(shadow)) || rows.mark(key) || waitingFor(db, rows.link.id, key).length > 0)
      continue
    found.push({ table, row: key, plan: 'take', columns: [] })
  }
  return found
}

/** A row that the server did not take, or keeps in a conflict. */
const isOwn = (shadow: Shadow | undefined) => shadow?.state === 'refused' || shadow?.state === 'parked'

/** Of columns that the file keeps. */
const valuesOf = (rows: Rows, { columns }: Pick<RowsAnswer, 'columns'>, cells: readonly Wire[]): Values =>
  Object.fromEntries(
    columns.flatMap((name, i) =>
      rows.columns.some((column) => column.name === name) ? [[name, cells[i] ?? null]] : [],
    ),
  )
