import type { HistoryEntry } from '../../../sync/protocol/records.ts'
import type { IconName } from '../parts/icons.tsx'
import { list, plain, settledText } from './words.ts'

type Change = HistoryEntry['changes'][number]

const ICONS = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  refuse: 'refuse',
  pin: 'pin',
  unpin: 'pin',
  resolve: 'done',
  reopen: 'conflict',
} as const satisfies Record<HistoryEntry['op'], IconName>

/** What an entry did beside the values: the first that says something names the happening. */
const WEIGHT: readonly HistoryEntry['op'][] = [
  'resolve',
  'reopen',
  'insert',
  'delete',
  'update',
  'pin',
  'unpin',
  'refuse',
]

const BOOKKEEPING = /^(version|updated_at|edited_at|deleted_at|origin|conflict|resolution)$|_key$/

/** Columns that say something of the row. */
export const spoken = ({ changes }: HistoryEntry): Change[] =>
  changes.filter(({ column }) => !BOOKKEEPING.test(column))

/** The entry that a happening is named by. */
export const leadOf = (entries: readonly HistoryEntry[]): HistoryEntry | undefined =>
  [...entries].sort((a, b) => WEIGHT.indexOf(a.op) - WEIGHT.indexOf(b.op))[0]

export const iconOf = (entries: readonly HistoryEntry[]): IconName => {
  const lead = leadOf(entries)
  return lead && isUndo(entries) ? 'undo' : ICONS[lead?.op ?? 'update']
}

/** `Ann changed name and email`, `Ada settled a conflict: renamed the local row` */
export function headline(entries: readonly HistoryEntry[]): string {
  const lead = leadOf(entries)
  if (!lead) return ''
  const { op } = lead
  const actor = lead.actor === 'cron' ? 'A scheduled run' : lead.actor
  const columns = list([...new Set(entries.flatMap(spoken).map(({ column }) => plain(column)))])
  if (isUndo(entries)) return `${actor} undid a change`
  if (op === 'resolve')
    return `${actor} settled a conflict: ${settledText({ resolution: resolutionOf(lead), resolved_by: null })}`
  if (op === 'reopen') return `${actor} undid a resolution: the conflict is open again`
  if (op === 'insert') return `${actor} added the row`
  if (op === 'delete') return `${actor} deleted the row`
  if (op === 'pin') return `${actor} pinned ${columns}`
  if (op === 'unpin') return `${actor} released the pin on ${columns}`
  if (op === 'refuse') return `${actor} proposed ${columns}, and a rule kept what stood`
  return changesOf(lead, 'deleted_at').some(({ after }) => after === null)
    ? `${actor} brought the row back`
    : changesOf(lead, 'deleted_at').length > 0
      ? `${actor} deleted the row`
      : `${actor} changed ${columns}`
}

const changesOf = ({ changes }: HistoryEntry, column: string) =>
  changes.filter((one) => one.column === column)

const resolutionOf = (entry: HistoryEntry): string | null =>
  (changesOf(entry, 'resolution')[0]?.after ?? changesOf(entry, 'conflict')[0]?.rule ?? null) as string | null

const isUndo = (entries: readonly HistoryEntry[]) =>
  entries.some(({ changes, op }) => op !== 'reopen' && changes.some(({ rule }) => rule === 'undo'))

const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^device:/, 'on a device'],
  [/^api$/, 'in Tidemark'],
  [/sheet/, 'in the sheet'],
  [/erp/, 'in the ERP'],
]

/** Where it was said: `on a device`, `in the sheet`. */
export const place = (origin: string): string =>
  PLACES.find(([pattern]) => pattern.test(origin))?.[1] ?? `by ${plain(origin)}`

const RULES: Readonly<Record<string, string>> = {
  keep_remote: 'what stood here was kept',
  keep_local: 'the local edit was kept',
  rename_local: 'renamed to be free',
  merge: 'merged by hand',
  'newest(edited_at)': 'the newest edit wins',
  max: 'the largest wins',
  min: 'the smallest wins',
  undo: 'undone',
  pin: 'a pin outranks every rule',
  returned: 'the row came back',
  deleted: 'deleted',
}

/** Why a value is what it is; '': nothing had to be decided. */
export const why = (rule: string): string =>
  rule === 'threeWay' || rule === '' ? '' : (RULES[rule] ?? `rule ${rule}`)
