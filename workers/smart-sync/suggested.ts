import type { SqlValue } from '../../db/database.ts'
import { digest } from '../../sync/engine/digest.ts'

/** A name in place of one that is taken: the old one and 4 characters, always the same for one conflict. Null: there is no text to go on from. */
export const suggested = (conflict: string, value: SqlValue): string | null =>
  typeof value !== 'string' || value.trim() === '' ? null : `${value.trim()}_${digest(conflict).slice(-4)}`
