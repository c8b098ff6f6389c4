import type { SqlValue } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'

/** Characters that a proposed name has behind the old one */
const SUFFIX = 4

/**
 * A name like the one that is taken: the old one and four characters of base 36. They follow from the row and the attempt, so that
 * what was planned is what is done. A name that would be too long for its column gives up its end.
 */
export function suggestion(
  table: TableDeclaration,
  column: string,
  { key, value, attempt }: { readonly key: string; readonly value: SqlValue; readonly attempt: number },
): string {
  const text = value === null ? '' : String(value).trim()
  const most = table.device?.columns[column]?.max ?? text.length + SUFFIX + 1
  const begin = text.slice(0, most - SUFFIX - 1).replace(/[\uD800-\uDBFF]$/, '')
  return `${begin}_${digest(`${key}|${text}|${attempt}`).slice(-SUFFIX)}`
}

/** What a person may do about a unique value that is taken. */
export const recommendationsFor = (column: string, name: string): string[] => [
  `Rename local '${column}' to '${name}' to avoid conflict`,
  'Discard local changes and use remote value',
  `Manually edit local document to use a different ${column}`,
  `Contact the user to choose a new ${column}`,
]
