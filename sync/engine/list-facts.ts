import type { Result, Row, Statement } from '../../db/database.ts'
import type { LinkDeclaration } from './declare.ts'
import { indexed } from './list-pages.ts'
import type { ListScratch, Standing } from './list-scratch.ts'
import { type ListState, upcoming } from './list-state.ts'
import type { IndexedRow, PageIndex } from './page-index.ts'
import type { Plan } from './plan.ts'
import type { Part } from './ports.ts'
import { covers, guess, rowsAhead, worthwhile } from './rows-ahead.ts'
import type { Step } from './run.ts'
import { pinOf } from './run-begin.ts'
import { storedRows, storedStatements, type Wanted, wantedOf, wantedRows } from './run-facts.ts'
import { copyStatements, extendCopy, isTooLarge, newCopy, rowsOfCopy, type TableCopy } from './table-copy.ts'

/** What the plan of a page of a list needs to know of D1. */
export interface ListFacts {
  readonly stored: readonly Row[]
  readonly standing: Standing
}

/** What the last commit brought along; else one batch; nothing where the page shows nothing new. */
export async function readListFacts(
  step: Step,
  part: Part,
  list: ListScratch,
  index: PageIndex,
  full: boolean,
): Promise<ListFacts> {
  const { engine, link, fence } = step
  const rows = wantedRows(index, full)
  if (!full && rows.length === 0 && index.conflicts.length === 0)
    return { stored: [], standing: { pins: [], open: new Set() } }
  const wanted = wantedOf(link, rows)
  const known = list.standing?.version === fence.version ? list.standing : null
  const here = rowsHere(list, link, fence.version, rows, wanted)
  if (known && here) return { stored: here, standing: known }
  const stored = here ? [] : storedStatements(link, wanted)
  const results = await engine.database.batch([...(known ? [] : standingStatements(step, part)), ...stored])
  const standing = known ?? standingOf(results)
  list.standing = { ...standing, version: fence.version }
  return { stored: here ?? storedRows(results.slice(known ? 0 : STANDING), link), standing }
}

/** The page's stored rows, where they are here and nobody moved the lane since they were read; else null. */
function rowsHere(
  list: ListScratch,
  link: LinkDeclaration,
  version: number,
  rows: readonly IndexedRow[],
  wanted: Wanted,
): Row[] | null {
  const { stored } = list
  const { copy, ahead } = stored
  const stands = copy?.version === version
  const serves = ahead?.version === version && covers(ahead, link, rows)
  stored.ahead = null
  if (!stands) stored.copy = null
  if (stands || serves) stored.vain = 0
  else if (copy || ahead) stored.vain++
  if (stands) return rowsOfCopy(copy, link, wanted)
  return serves ? [...ahead.rows.values()] : null
}

/** Reads for the page that comes next, to be part of the batch that commits the present one. */
export interface Reads {
  readonly statements: readonly Statement[]
  /** Keeps what they said; `version`: the lane's with that commit */
  readonly keep: (results: readonly Result[], version: number) => void
}

/**
 * The rows of the page that comes next: exactly those where it is here already; else, where all rows are merged, those
 * that it showed the last time; where it was never read, some of the table (`table-copy.ts`). `standing`: pins and
 * conflicts stand after the commit as they are known.
 */
export function readsFor(
  step: Step,
  part: Part,
  list: ListScratch,
  next: ListState,
  plan: Plan,
  full: boolean,
  standing: boolean,
): Reads | null {
  const { link, fence } = step
  const { stored } = list
  stored.ahead = null
  const [number] = upcoming(next, 1)
  if (number === undefined || !worthwhile(stored.vain, number)) return null
  const wanted = wantedOfNext(step, part, list, number, full)
  // Other scopes' rows of the table are written by other lanes: they are not read here.
  const isOwn = link.scopes.per === 'shared'
  const copied = wanted || !full || !isOwn || list.ahead.size > 0 ? null : copyOf(stored, link, fence.version)
  const rows = wanted ? storedStatements(link, wanted) : copied ? copyStatements(link, copied) : []
  if (!copied) stored.copy = null
  const spares = rows.length > 0 || copied !== null
  const first = spares && !standing ? standingStatements(step, part) : []
  return {
    statements: [...first, ...rows],
    keep: (results, version) => {
      if (first.length > 0) list.standing = { ...standingOf(results), version }
      const read = results.slice(first.length)
      if (wanted) stored.ahead = rowsAhead(link, wanted, read, version)
      if (!copied) return
      const written = plan.changes.map(({ key }) => key)
      extendCopy(copied, link, written, read, version)
      stored.copy = isTooLarge(copied) ? null : copied
      stored.large ||= isTooLarge(copied)
    },
  }
}

const copyOf = (
  { copy, large }: ListScratch['stored'],
  link: LinkDeclaration,
  version: number,
): TableCopy | null => (large ? null : copy?.version === version ? copy : newCopy(link, version))

function wantedOfNext(
  step: Step,
  part: Part,
  list: ListScratch,
  number: number,
  full: boolean,
): Wanted | null {
  const fetched = list.ahead.get(number)
  if (!fetched?.answer) return full ? guess(list.pages.get(number)?.entries ?? []) : null
  if (!fetched.answer.ok) return null
  fetched.index ??= indexed(step, part, list, fetched.answer.value)
  return wantedOf(step.link, wantedRows(fetched.index, full))
}

/** How many statements `standingStatements` are. */
const STANDING = 2

const standingStatements = ({ link, run }: Step, part: Part): Statement[] => [
  { sql: 'SELECT * FROM pins WHERE lane = ?1 AND tbl = ?2', params: [run.lane, link.table.name] },
  {
    sql: `SELECT id FROM conflicts WHERE lane = ?1 AND resolved_at IS NULL AND link = ?2 AND scope = ?3 AND part = ?4`,
    params: [run.lane, link.name, run.scope, part.id],
  },
]

const standingOf = ([pins, open]: readonly Result[]): Standing => ({
  pins: (pins?.rows ?? []).map(pinOf),
  open: new Set((open?.rows ?? []).map(({ id }) => String(id))),
})
