import type { Row, SqlValue } from '../../db/database.ts'
import type { Edit } from './edit.ts'
import type { Page } from './ports.ts'
import { isNamedByKey, type TwoWayFacts } from './two-way-facts.ts'
import type { Verdict } from './two-way-identify.ts'
import {
  type Disputed,
  isAsKnown,
  type LinkRow,
  type ShownRow,
  type TwoWayLink,
  WHOLE_ROW,
} from './two-way-rows.ts'
import { rowKey } from './work.ts'

/** What a row of a page comes to before anything is merged: who it is, and what it says that was not said before. */
export interface Asked {
  readonly row: ShownRow
  readonly key: string
  readonly verdict: Verdict
  /** Nothing of it is to be looked at: it shows what it did, and nothing changed here */
  readonly skipped: boolean
  readonly stored: Row | null
  readonly remembered: LinkRow | undefined
  readonly edits: readonly { readonly edit: Edit; readonly origin: string }[]
  /** Disputes that go on: these columns, or all of the row (`*`), are left as they are */
  readonly waits: ReadonlyMap<string, Disputed>
  /** Disputes that ended here or elsewhere; `how` null: they were resolved elsewhere */
  readonly ended: readonly { readonly column: string; readonly of: Disputed; readonly how: string | null }[]
  /** Columns whose value was considered in the end of a dispute: what stands here goes to the remote */
  readonly considered: Readonly<Record<string, SqlValue>>
  /** It was deleted here, and shows nothing new */
  readonly clear: boolean
}

/** How the rows of a page are looked at. */
export interface Look {
  /** All of them, also those that show what they did */
  readonly full: boolean
  /** All that they show otherwise than the rows here is news: a person said so */
  readonly asShown: boolean
  /** Asked for rows that were never here */
  readonly newKey: () => string
}

/** Works out what each row of a page says. Pure. */
export function askedOf(link: TwoWayLink, facts: TwoWayFacts, page: Page, look: Look): Asked[] {
  const entries = new Map(facts.known.map((entry) => [entry[0], entry]))
  const { table } = link
  return facts.rows.flatMap((row): Asked[] => {
    const match = facts.matches.get(row.position)
    if (!match || match.verdict === 'double') return []
    const stored = (key: string) => facts.lane.rows.get(rowKey(table.name, key)) ?? null
    const live = (key: string) => stored(key)?.deleted_at === null
    const own = row.row.ref
    const adopted = match.verdict === 'new' && own && !entries.has(own) && live(own) ? own : null
    const named = isNamedByKey(link) ? String(row.values[table.key]) : null
    const key = match.key ?? adopted ?? named ?? look.newKey()
    const remembered = facts.remembered.get(key)
    const entry = entries.get(key)
    const isSame = match.verdict === 'same' && isAsKnown(entry, row.content)
    const about = {
      row,
      key,
      verdict: adopted ? 'same' : match.verdict,
      stored: stored(key),
      remembered,
    } as const
    const nothing = { edits: [], waits: new Map(), ended: [], considered: {}, clear: false }
    if (isSame && !look.full && !facts.outgoing.has(key) && !remembered)
      return [{ ...about, ...nothing, skipped: true }]
    return [{ ...about, skipped: false, ...saidBy(link, facts, page, about, look) }]
  })
}

type Said = Pick<Asked, 'edits' | 'waits' | 'ended' | 'considered' | 'clear'>

function saidBy(
  link: TwoWayLink,
  facts: TwoWayFacts,
  page: Page,
  { row, key, stored, remembered }: Pick<Asked, 'row' | 'key' | 'stored' | 'remembered'>,
  { asShown }: Look,
): Said {
  const { values } = row
  const alive = stored !== null && stored.deleted_at === null
  const waits = new Map<string, Disputed>()
  const ended: Asked['ended'][number][] = []
  const considered: Record<string, SqlValue> = {}
  /** Columns that a person settled in the remote: what stands here is what it was settled against */
  const settled = new Set<string>()
  let returns = false
  for (const [column, was] of Object.entries(remembered?.disputes ?? {})) {
    const how = answered(facts, was)
    const stands = row.row.noted?.includes(notedCell(row, column) ?? '') === true
    // Its writing may not have been heard of.
    const of = stands ? { ...was, noted: true } : was
    const noteTaken = of.noted && !stands
    if (column === WHOLE_ROW) {
      const isSame = of.shows === row.says
      if (how === null && isSame && !noteTaken)
        return { edits: [], waits: new Map([[column, of]]), ended, considered, clear: false }
      ended.push({ column, of, how: how !== null ? null : isSame ? 'keep_local' : 'amended' })
      if (how !== null && isSame) {
        const all = Object.fromEntries(row.shown.map((each) => [each, values[each] ?? null]))
        return { edits: [], waits, ended, considered: all, clear: !alive }
      }
      // What was typed after the question was no part of it.
      if (how !== null) Object.assign(considered, facts.questions.get(of.conflict))
      returns = how === null && isSame && !alive
      continue
    }
    const now = values[column]
    if (how !== null) {
      ended.push({ column, of, how: null })
      considered[column] = of.shows
      continue
    }
    if (now === undefined || (now === of.shows && !noteTaken)) {
      waits.set(column, of)
      continue
    }
    settled.add(column)
    const ours = stored?.[column] ?? null
    ended.push({ column, of, how: now === ours ? 'keep_remote' : now === of.shows ? 'keep_local' : 'merge' })
  }
  const agreed: Row = { ...remembered?.base, ...echo(facts, row, key), ...considered }
  const base = asShown && alive ? { ...agreed, ...shownHere(row, stored) } : agreed
  // A cell that was never agreed on and is empty says nothing yet: a column that was just added would empty all rows.
  const differs = (column: string) =>
    Object.hasOwn(base, column) ? base[column] !== (values[column] ?? null) : values[column] != null
  const said = row.shown.filter((column) => !waits.has(column) && (settled.has(column) || differs(column)))
  const done = { waits, ended, considered }
  const edit = (op: Edit['op'], columns: readonly string[]) => ({
    edit: {
      type: 'edit' as const,
      op,
      table: link.table.name,
      key,
      values: Object.fromEntries(columns.map((column) => [column, values[column] ?? null])),
      base: Object.fromEntries(
        columns.flatMap((column): [string, SqlValue][] => {
          if (settled.has(column)) return [[column, stored?.[column] ?? null]]
          return Object.hasOwn(base, column) ? [[column, base[column] ?? null]] : []
        }),
      ),
      at: page.modified ?? null,
    },
    origin: page.where(row.position, columns.length === 1 ? columns[0] : undefined),
  })
  if (alive)
    return { ...done, edits: together(link, said).map((columns) => edit('update', columns)), clear: false }
  if (returns || (asShown && stored !== null))
    return { ...done, edits: [edit('insert', row.shown)], clear: false }
  // Deleted here, after it was agreed with.
  if (stored !== null && remembered !== undefined)
    return said.length === 0
      ? { ...done, edits: [], clear: true }
      : { ...done, edits: [edit('update', said)], clear: false }
  const given = row.shown.filter((column) => values[column] != null)
  return { ...done, edits: [edit('insert', given)], clear: false }
}

/** Where our note of a dispute stands: at its cell, or at the first one of a row that waits whole. */
export const notedCell = ({ shown }: ShownRow, column: string): string | undefined =>
  column === WHOLE_ROW ? shown[0] : column

/** Values that we sent and did not hear of, where the row shows them: nobody else said them. */
const echo = ({ unheard }: TwoWayFacts, { values }: ShownRow, key: string): Row =>
  Object.fromEntries(
    Object.entries(unheard.get(key) ?? {}).filter(([column, value]) => values[column] === value),
  )

/** What stands here of the columns that the row shows. */
const shownHere = ({ shown }: ShownRow, stored: Row): Row =>
  Object.fromEntries(shown.map((column) => [column, stored[column] ?? null]))

/** How a dispute was resolved; null: it is open. One that is not there any more was resolved. */
const answered = ({ answers }: TwoWayFacts, { conflict }: Disputed): string | null => {
  const how = answers.get(conflict)
  return how === undefined ? 'gone' : how
}

/** Columns that are one edit: those that are decided together, and each of the others alone. */
function together({ table }: TwoWayLink, columns: readonly string[]): string[][] {
  const one = new Set(table.device.together?.columns)
  const grouped = columns.filter((column) => one.has(column))
  return [
    ...(grouped.length > 0 ? [grouped] : []),
    ...columns.filter((column) => !one.has(column)).map((column) => [column]),
  ]
}
