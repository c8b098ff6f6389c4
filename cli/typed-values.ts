import type { Client } from './client.ts'
import { rowOf } from './conflict-words.ts'
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
    ? ((await ofDevice(client, id)) ?? (await ofSheet(client, id)))
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

/** What is known of a conflict's values. */
interface Sides {
  /** The column, or the first of several */
  readonly field: string | null
  readonly rows: readonly Readonly<Record<string, Scalar>>[]
}

async function ofDevice(client: Client, id: string): Promise<Sides | undefined> {
  const found = (await client.collections.conflicts({ open: false })).find(({ _id }) => _id === id)
  return (
    found && {
      field: found.field,
      rows: [found.base, found.remote, found.local].filter((side) => side !== null),
    }
  )
}

async function ofSheet(client: Client, id: string): Promise<Sides | undefined> {
  const found = (await client.conflicts(false)).find((conflict) => conflict.id === id)
  if (!found) return undefined
  const rows = [found.base, found.ours, found.theirs].flatMap(rowOf)
  return { field: found.column ?? Object.keys(rows.at(-1) ?? {})[0] ?? null, rows }
}

const isNumber = (conflict: Sides | undefined, column: string | null): boolean =>
  conflict !== undefined && column !== null && conflict.rows.some((row) => typeof row[column] === 'number')
