import type { DeviceDeclaration } from '../../sync/engine/declare.ts'
import { shortened } from '../../sync/engine/wrong-value.ts'

// Devices and people read and write times as ISO-8601; inside they are milliseconds.

type Value = string | number | null
type Values = Readonly<Record<string, Value>>
type Columns = Pick<DeviceDeclaration, 'columns'>

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

const isTime = ({ columns }: Columns, name: string): boolean => columns[name]?.type === 'time'

/** The values with times as the engine has them; or, in words, which one is no time. */
export function toMilliseconds(
  values: Values,
  device: Columns,
): { readonly ok: true; readonly values: Values } | { readonly ok: false; readonly wrong: string } {
  const out: Record<string, Value> = {}
  for (const [name, value] of Object.entries(values)) {
    const time = isTime(device, name) && value !== null
    if (time && (typeof value !== 'string' || !ISO.test(value) || Number.isNaN(Date.parse(value))))
      return {
        ok: false,
        wrong: `${name}: ${shortened(JSON.stringify(value))} is not a time (2026-11-21T10:35:00.000Z)`,
      }
    out[name] = time ? Date.parse(String(value)) : value
  }
  return { ok: true, values: out }
}

/** The values as they are shown. */
export const withTimes = (values: Values, device: Columns): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shownValue(value, name, device)]))

/** One value as it is shown. */
export const shownValue = (value: Value, name: string, device: Columns): Value =>
  isTime(device, name) && typeof value === 'number' ? new Date(value).toISOString() : value
