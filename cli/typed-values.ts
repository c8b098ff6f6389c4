import type { SyncConflict } from '../sync/protocol/collections.ts'
import type { Client } from './client.ts'
import { refusal } from './failure.ts'

export type Scalar = string | number | null

/** `column=value`, as many as there are. */
export const setting = (text: string, before: Record<string, string> = {}): Record<string, string> => {
  const [, column, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? []
  if (column === undefined || value === undefined)
    throw refusal('bad_setting', {
      title: 'Not a setting',
      detail: `${JSON.stringify(text)} does not say what is set to what.`,
      mend: 'Write column=value. Without a value, column= empties it.',
    })
  return { ...before, [column.trim()]: value }
}

/**
 * What a person typed, as the columns of a conflict hold it: an empty text is no value, and digits are a number where a side of
 * the conflict holds a number. The conflict is looked up only where that could be.
 */
export async function typedValues(
  client: Client,
  id: string,
  {
    value,
    set,
  }: { readonly value?: string | undefined; readonly set?: Readonly<Record<string, string>> | undefined },
): Promise<{ newValue?: Scalar; values?: Record<string, Scalar> }> {
  const texts = [value, ...Object.values(set ?? {})]
  const conflict = texts.some((text) => text !== undefined && NUMBER.test(text))
    ? (await client.collections.conflicts({ open: false })).find(({ _id }) => _id === id)
    : undefined
  const as = (column: string | null, text: string) =>
    text === '' ? null : NUMBER.test(text) && isNumber(conflict, column) ? Number(text) : text
  return {
    ...(value !== undefined && { newValue: as(conflict?.field ?? null, value) }),
    ...(set && {
      values: Object.fromEntries(Object.entries(set).map(([column, text]) => [column, as(column, text)])),
    }),
  }
}

const NUMBER = /^-?\d+(\.\d+)?$/

const isNumber = (conflict: SyncConflict | undefined, column: string | null): boolean =>
  conflict !== undefined &&
  column !== null &&
  [conflict.base, conflict.remote, conflict.local].some((side) => typeof side?.[column] === 'number')
