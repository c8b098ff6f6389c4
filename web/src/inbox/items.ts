import type { Conflict } from '../../../sync/protocol/records.ts'
import { readable } from '../../../sync/protocol/reference-values.ts'
import { isGuard, isGuardKind, waysOf } from '../../../sync/protocol/sheet-conflicts.ts'
import { capital } from '../format.ts'
import { conflictTitle } from './remote-words.tsx'
import type { SyncConflict } from './shapes.ts'
import { plain, quoted, rowName, sentence } from './words.ts'

/** A line of the inbox: a conflict of a device, which people settle here, or one of a sheet or the ERP, which closes by itself. */
export interface Item {
  readonly id: string
  readonly table: string
  readonly kind: string
  readonly at: string
  readonly title: string
  readonly about: string
  readonly isOpen: boolean
  /** null: it is none of a device's, and not settled in the list */
  readonly conflict: SyncConflict | null
  /** Where an open one of a sheet or the ERP is settled; '': the row offers it */
  readonly how: string
}

export interface Filter {
  readonly state: 'open' | 'settled'
  readonly table: string
  readonly kind: string
  readonly text: string
}

export const deviceItem = (conflict: SyncConflict): Item => ({
  id: conflict._id,
  table: conflict.collection,
  kind: conflict.kind,
  at: conflict.timestamp,
  title: sentence(conflict),
  about: isGuardOf(conflict)
    ? conflict.notes
    : [rowName(conflict), valuesOf(conflict)].filter(Boolean).join(' · '),
  isOpen: !conflict.resolved,
  conflict,
  how: conflict.link && !isGuardOf(conflict) ? 'answer here or in the sheet' : '',
})

export const remoteItem = (conflict: Conflict): Item => ({
  id: conflict.id,
  table: conflict.table,
  kind: conflict.kind,
  at: conflict.opened_at,
  title: conflictTitle(conflict),
  about: conflict.detail,
  isOpen: conflict.resolved_at === null,
  conflict: null,
  how: waysOf(conflict)
    ? isGuard(conflict)
      ? 'an admin says here what becomes of it'
      : 'answer here or in the sheet'
    : 'closes by itself when it is corrected there',
})

const isGuardOf = ({ link, kind }: SyncConflict) => link !== undefined && isGuardKind(kind)

/** `here “Ann” · local “Anna”`, where that says more than the title. */
function valuesOf(conflict: SyncConflict): string {
  const { kind, collection, localValue, remoteValue, field, local, remote, link } = conflict
  if (kind !== 'merge' || field === null || !local || !remote) return ''
  const [here, there] = [remoteValue, localValue].map((value) => short(collection, field, value))
  return `here ${here}, ${link ? 'in the sheet' : 'local'} ${there}`
}

const short = (table: string, column: string, value: SyncConflict['localValue']) => {
  const said = readable(table, column, value)
  const text = said === value ? quoted(value) : String(said)
  return text.length > 40 ? `${text.slice(0, 38)}…` : text
}

export const matches = ({ table, kind, text }: Filter, item: Item): boolean =>
  (table === '' || item.table === table) &&
  (kind === '' || item.kind === kind) &&
  (text === '' || `${item.title} ${item.about} ${item.id}`.toLowerCase().includes(text.toLowerCase()))

/**
 * Items by collection, those that are settled here first; in each the newest first. Nothing in this order follows from how many there
 * are: no group jumps while the list gets shorter.
 */
export function grouped(items: readonly Item[]): [string, Item[]][] {
  const newest = [...items].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : -1))
  const isElsewhere = (group: readonly Item[]) => Number(group.every(({ conflict }) => conflict === null))
  return [...Map.groupBy(newest, ({ table }) => table)].sort(
    ([a, of], [b, others]) => isElsewhere(of) - isElsewhere(others) || (a < b ? -1 : 1),
  )
}

const KINDS: Readonly<Record<string, string>> = {
  unique: 'Taken name',
  merge: 'Changed on both sides',
  deleted: 'Edit of a deleted row',
  delete: 'Deletion of an edited row',
  undo: 'Undo',
  emptied: 'Emptied tab',
  replaced: 'Replaced tab',
  copied: 'Copied workbook',
}
export const kindText = (kind: string) => KINDS[kind] ?? capital(plain(kind))
