import { type SheetWay, titleOf, waysFor } from '../../../sync/protocol/sheet-conflicts.ts'
import { capital, scalar } from '../format.ts'
import type { SyncConflict } from './shapes.ts'

type Value = SyncConflict['localValue']
export type StrategyName = SyncConflict['strategies'][number]['strategy']

/** `employee_bookings` → `employee bookings` */
export const plain = (name: string) => name.replaceAll('_', ' ')

/** A value inside a sentence. */
export const quoted = (value: Value) => (typeof value === 'string' ? `“${value}”` : scalar(value))

/** What a conflict is about, in one sentence. */
export function sentence(conflict: SyncConflict): string {
  const { kind, collection, localValue, localId: key } = conflict
  if (conflict.link) return titleOf({ kind, table: collection, key, columns: disputed(conflict) })
  const device = conflict.localBy ?? 'a device'
  const here = conflict.remoteBy
  if (kind === 'unique')
    return `Two ${plain(collection)} want the ${plain(conflict.field ?? 'same value')} ${quoted(localValue)}`
  if (kind === 'merge') {
    const columns = disputed(conflict)
    const what = list(columns.map(plain))
    return here
      ? `${capital(here)} changed the ${what} here while ${device} changed ${columns.length === 1 ? 'it' : 'them'} too`
      : `The ${what} changed both here and on ${device}`
  }
  if (kind === 'deleted') return `Edited on ${device}, deleted ${here ? `by ${here}` : 'here'} since`
  if (kind === 'delete') return `Deleted on ${device}, edited ${here ? `by ${here}` : 'here'} since`
  if (kind === 'undo') return `The ${list(disputed(conflict).map(plain))} changed again before it was undone`
  return conflict.notes || capital(plain(kind))
}

/** What people would call the row: the first text in a column that sounds like a name, else its key. */
export function rowName({ local, remote, base, localId }: SyncConflict): string {
  for (const name of NAMES)
    for (const side of [local, remote, base])
      for (const [column, value] of Object.entries(side ?? {}))
        if (name.test(column) && typeof value === 'string' && value !== '') return value
  return localId
}

/** Best first: `devotee_name` before `username` */
const NAMES = [/^name$/, /^title$/, /_name$/, /^username$/, /^label$/]

/** The columns that both sides say differently, or those of the one side that there is. */
export function disputed({ kind, field, base, local, remote }: SyncConflict): string[] {
  if (kind === 'unique') return field ? [field] : []
  if (!local || !remote) {
    const [there, before] = [local ?? remote ?? {}, base ?? {}]
    const changed = Object.keys(before).filter((column) => before[column] !== there[column])
    return changed.length > 0 ? changed : Object.keys(there)
  }
  const columns = [...new Set([...Object.keys(local), ...Object.keys(remote)])]
  return columns.filter((column) => (local[column] ?? null) !== (remote[column] ?? null))
}

/** What a strategy does with this conflict, as a button says it. */
export function strategyText(
  strategy: StrategyName,
  { kind, link }: Pick<SyncConflict, 'kind' | 'link'>,
): string {
  if (strategy === 'rename_local') return 'Rename'
  if (strategy === 'merge') return 'Merge by hand'
  const way = link ? wayOf(kind, strategy) : undefined
  if (way) return way.name
  if (kind === 'deleted') return strategy === 'keep_local' ? 'Bring it back' : 'Leave it deleted'
  if (kind === 'delete') return strategy === 'keep_local' ? 'Delete it' : 'Keep the row'
  if (kind === 'undo') return strategy === 'keep_local' ? 'Undo it all the same' : 'Keep what stands here'
  return strategy === 'keep_local' ? 'Keep the local edit' : 'Keep what stands here'
}

/** How a sheet's conflict is settled so. */
export const wayOf = (kind: string, strategy: StrategyName): SheetWay | undefined =>
  waysFor(kind)?.find((way) => way.strategy === strategy)

const SETTLED: Readonly<Record<string, string>> = {
  rename_local: 'renamed the local row',
  keep_local: 'kept the local edit',
  keep_remote: 'kept what stood here',
  merge: 'merged by hand',
  amended: 'changed again on the device, and fits now',
  withdrawn: 'taken back on the device',
  undone: 'undone with what opened it',
}

/** How it was settled: `renamed the local row, by Ada` */
export function settledText({
  resolution,
  resolved_by,
  link,
  kind,
}: Pick<SyncConflict, 'resolution' | 'resolved_by' | 'link'> & { readonly kind?: string }): string {
  const way = link && kind ? wayOf(kind, resolution as StrategyName) : undefined
  const how = way?.done ?? SETTLED[resolution ?? ''] ?? plain(resolution ?? 'settled')
  return resolved_by ? `${how}, by ${resolved_by}` : how
}

/** `a`, `a and b`, `a, b and c` */
export const list = (words: readonly string[]) =>
  words.length < 2
    ? (words[0] ?? 'row')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1] ?? ''}`
