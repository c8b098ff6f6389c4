import type { SyncConflict } from '../sync/protocol/conflicts.ts'
import { clock } from './collections-words.ts'
import { count, number, relative, scalar, shorten } from './print.ts'
import { sidesOfRows } from './sides.ts'
import type { Paper } from './terminal.ts'

/** Conflicts that are told in full, and lines of a list; --json has all */
const SHOWN = { details: 50, lines: 200, value: 100 } as const

/** Conflicts of collections: a list by collection, then those that are open, in full, under the same numbers. */
export function collectionConflictsInWords(rows: readonly SyncConflict[], paper: Paper): string[] {
  if (rows.length === 0) return ['No conflicts.']
  const numbered = rows
    .toSorted((a, b) => (a.collection < b.collection ? -1 : a.collection > b.collection ? 1 : 0))
    .map((conflict, i) => ({ conflict, n: i + 1 }))
  const open = numbered.filter(({ conflict }) => !conflict.resolved)
  const groups = [...Map.groupBy(numbered.slice(0, SHOWN.lines), ({ conflict }) => conflict.collection)]
  return [
    ...groups.flatMap(([collection, of], i) => [
      ...(i > 0 ? [''] : []),
      `${paper.paint.bold(`Collection ${collection}`)}: ${count(rows.filter((row) => row.collection === collection).length, 'conflict')}`,
      ...of.map(({ conflict, n }) => `  ${n}. ${lineOf(conflict, paper)}`),
    ]),
    ...more(rows.length - SHOWN.lines, paper),
    ...open.slice(0, SHOWN.details).flatMap(({ conflict, n }) => ['', ...inFull(conflict, n, paper)]),
    ...more(open.length - SHOWN.details, paper),
    ...(open.length > 1
      ? ['', paper.paint.dim('Rules settle some of them: tidemark auto-resolve --dry-run')]
      : []),
  ]
}

const more = (n: number, { paint }: Paper) =>
  n > 0 ? [paint.dim(`  and ${number(n)} more; see all with --json`)] : []

function lineOf(
  { field, localValue, localId, resolved, resolved_at, resolved_by, resolution }: SyncConflict,
  { paint, now }: Paper,
) {
  const what = field === null ? `row ${localId}` : `${field} = ${quoted(localValue)}`
  if (!resolved) return `${what}  ${paint.yellow('! unresolved')}`
  const when = resolved_at === null ? '' : ` ${relative(resolved_at, now)}`
  return `${what}  ${paint.green('✓ resolved')}${when}${resolution === null ? '' : `: ${resolution}`}${resolved_by === null ? '' : ` by ${resolved_by}`}`
}

function inFull(conflict: SyncConflict, n: number, paper: Paper): string[] {
  const { paint, now } = paper
  const { _id, collection, localId, remoteId, field, timestamp, notes } = conflict
  const line = (title: string, text: string) => `   ${paint.dim(title.padEnd(10))}  ${text}`
  return [
    `${n}. Conflict ${paint.bold(_id)}`,
    line('collection', collection),
    line('row', remoteId === null || remoteId === localId ? localId : `${localId}, against ${remoteId}`),
    ...(field === null ? [] : [line('field', field)]),
    line('local', sideOf(conflict, 'local', 'the row is deleted')),
    line('remote', sideOf(conflict, 'remote', 'there is no such row')),
    ...sidesOf(conflict, paper).map((text) => `     ${text}`),
    line('time', `${clock(timestamp)} (${relative(timestamp, now)})`),
    line('notes', notes),
    ...(conflict.recommendations.length > 0 ? [`   ${paint.dim('what can be done')}`] : []),
    ...conflict.recommendations.map((text, i) => `     ${i + 1}. ${text}`),
    `   ${paint.dim('to settle it')}`,
    ...(conflict.strategies.length > 0
      ? conflict.strategies.map((strategy) => `     ${settling(_id, strategy)}`)
      : ['     ask an admin, or whoever made the edit']),
  ]
}

function sideOf(conflict: SyncConflict, side: 'local' | 'remote', none: string): string {
  if (conflict[side] === null) return none
  return conflict.field === null ? 'the row is changed' : quoted(conflict[`${side}Value`])
}

/** What else the device's row says; or, where several columns or the row as such are in question, all sides of each. */
function sidesOf({ kind, field, base, remote, local }: SyncConflict, paper: Paper): string[] {
  const narrow = { ...paper, width: paper.width - 5 }
  if (kind === 'unique') {
    const { [field ?? '']: _field, ...others } = local ?? {}
    return Object.keys(others).length > 0 ? sidesOfRows([{ name: 'local', row: others }], narrow) : []
  }
  const sides = [
    { name: 'before', row: base },
    { name: 'local', row: local },
    { name: 'remote', row: remote },
  ].flatMap(({ name, row }) => (row ? [{ name, row }] : []))
  return field === null || sides.some(({ row }) => Object.keys(row).length > 1)
    ? sidesOfRows(sides, narrow)
    : []
}

function settling(
  id: string,
  { strategy, needsValue, suggestion }: SyncConflict['strategies'][number],
): string {
  const value = suggestion === null ? '…' : asWord(String(suggestion))
  return `tidemark resolve ${id} --strategy ${strategy}${needsValue ? ` --value ${value}` : ''}`
}

/** As a shell takes it for one word. */
const asWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

const quoted = (value: string | number | null) =>
  shorten(typeof value === 'string' ? `'${value}'` : scalar(value), SHOWN.value)
