import type { Conflict } from './records.ts'

// How conflicts of a sheet that is synced both ways are told and answered, for the page and the command line alike.

type About = Pick<Conflict, 'link' | 'part' | 'table' | 'kind' | 'key' | 'column' | 'ours' | 'theirs'>

/** A conflict of a link both ways. Its parts are called like their tables; parts of a sheet that is only read are not. */
export const isTied = ({ link, part, table }: Pick<About, 'link' | 'part' | 'table'>): boolean =>
  link.endsWith('.sheet') && part === table

/** One way to settle it. */
export interface SheetWay {
  readonly strategy: 'keep_local' | 'keep_remote'
  readonly name: string
  /** What happens then */
  readonly hint: string
  /** What is told once it is done */
  readonly done: string
}

type Ways = readonly [sheet: SheetWay, database: SheetWay]

const ways = (
  sheet: readonly [name: string, hint: string, done: string],
  database: readonly [name: string, hint: string, done: string],
): Ways => [way('keep_local', sheet), way('keep_remote', database)]

const way = (
  strategy: SheetWay['strategy'],
  [name, hint, done]: readonly [string, string, string],
): SheetWay => ({ strategy, name, hint, done })

const WRITE_BACK = [
  'Write them back',
  'The rows stay here, and are written to the sheet again',
  'the rows stay, and go back to the sheet',
] as const

const WAYS: Readonly<Record<string, Ways>> = {
  merge: ways(
    ['Take the sheet’s', 'What the sheet says takes the place of what stands here', 'the sheet’s was taken'],
    ['Keep the database’s', 'What stands here stays, and is written to the sheet', 'the database’s was kept'],
  ),
  deleted: ways(
    ['Bring it back', 'The row returns with what the sheet says', 'the row is back'],
    ['Leave it deleted', 'The row stays deleted, and goes from the sheet, too', 'the row stays deleted'],
  ),
  delete: ways(
    ['Delete it', 'The row is deleted here, too; that can be undone', 'the row is deleted'],
    ['Keep the row', 'The row stays, and is written to the sheet again', 'the row stays'],
  ),
  emptied: ways(
    ['Let them go', 'All rows are deleted here, too; that can be undone', 'the rows are gone'],
    WRITE_BACK,
  ),
  deletion_guard: ways(
    ['Let them go', 'They are deleted here, too; that can be undone', 'the rows are gone'],
    WRITE_BACK,
  ),
  replaced: ways(
    [
      'Take the import',
      'What the sheet shows now takes the place of the rows here; that can be undone',
      'the import was taken',
    ],
    ['Put the rows back', 'What stands here is written over the import', 'the rows go back to the sheet'],
  ),
  copied: ways(
    [
      'Claim the copy',
      'From now on this workbook is the one that is synced; the old one is left alone',
      'the copy was claimed',
    ],
    [
      'Leave the copy alone',
      'Nothing is read from it or written to it, until the link names the right workbook',
      'the copy is left alone',
    ],
  ),
}

/** The sheet's way and the database's; null: it closes by itself when the sheet is corrected. */
export const waysOf = (of: About): Ways | null => (isTied(of) ? waysFor(of.kind) : null)

/** The same, of a kind of conflict that a sheet has which is synced both ways. */
export const waysFor = (kind: string): Ways | null => WAYS[kind] ?? null

/** What stops a whole tab until a person has answered. */
export const isGuard = (of: About): boolean => isTied(of) && isGuardKind(of.kind)
export const isGuardKind = (kind: string): boolean => kind in GUARDS

const GUARDS: Readonly<Record<string, string>> = {
  emptied: 'The tab of %s was emptied',
  replaced: 'The tab of %s was replaced',
  copied: 'The workbook of %s is a copy',
  deletion_guard: 'Many rows of %s are gone from the sheet',
}

/** What it is about, in one line. */
export const sheetTitle = (of: About): string =>
  titleOf({ kind: of.kind, table: of.table, key: of.key, columns: columnsOf(of) })

/** The same, where the columns are known that both sides say differently. */
export function titleOf(of: {
  readonly kind: string
  readonly table: string
  readonly key: string
  readonly columns: readonly string[]
}): string {
  const table = plain(of.table)
  const guard = GUARDS[of.kind]
  if (guard) return guard.replace('%s', table)
  if (of.kind === 'deleted') return `Edited in the sheet, deleted here: ${table} ${of.key}`
  if (of.kind === 'delete') return `Deleted in the sheet, edited here: ${table} ${of.key}`
  if (of.kind !== 'merge') return `${capital(plain(of.kind))} in ${table} ${of.key}`
  return `Sheet and database say different ${of.columns.map(plain).join(', ') || 'values'}: ${table} ${of.key}`
}

/** How else a person may answer. */
export const SHEET_ANSWER =
  'In the sheet: type another value and it is taken, type what the database says, or delete the note to keep what stands there.'

/** The columns that both sides say differently. */
function columnsOf({ column, ours, theirs }: About): string[] {
  if (column !== null) return [column]
  const [here, there] = [rowOf(ours), rowOf(theirs)]
  const all = [...new Set([...Object.keys(here), ...Object.keys(there)])]
  return all.filter((name) => (here[name] ?? null) !== (there[name] ?? null))
}

function rowOf(side: About['ours']): Readonly<Record<string, unknown>> {
  if (typeof side !== 'string' || !side.startsWith('{')) return {}
  try {
    return JSON.parse(side) as Record<string, unknown>
  } catch {
    return {}
  }
}

const plain = (name: string): string => name.replaceAll('_', ' ')
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
