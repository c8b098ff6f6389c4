import type { DeviceColumn } from '../../sync/engine/declare.ts'
import { collections } from '../../workers/shared/names.ts'

// A document of any collection, with a value in each of its fields.

type Scalar = string | number

/** What devices say of the n-th document of a collection. */
export function documentOf(name: string, n = 1): Record<string, Scalar> {
  const table = collections.find((each) => each.name === name)
  if (!table) throw new Error(`there is no collection ${name}`)
  const columns = Object.entries(table.device.columns)
  return Object.fromEntries(columns.map(([column, of]) => [column, sampleOf(column, of, n)]))
}

/** The edit that makes it. */
export const insertOf = (name: string, n = 1) => ({
  table: name,
  op: 'insert',
  key: `${name}-${String(n).padStart(4, '0')}`,
  values: documentOf(name, n),
})

function sampleOf(column: string, { type, values, max = 100 }: DeviceColumn, n: number): Scalar {
  if (type === 'time') return new Date(Date.UTC(2026, 10, 1) + n).toISOString()
  if (type === 'url') return `https://temple.example/${column}/${n}`
  if (type === 'text') return values?.[n % values.length] ?? `${n} ${column} é"😀`.slice(0, max)
  return n
}
