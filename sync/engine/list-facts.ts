import type { Result, Statement } from '../../db/database.ts'
import { indexed } from './list-pages.ts'
import type { ListScratch, Standing } from './list-scratch.ts'
import { type ListState, upcoming } from './list-state.ts'
import type { PageIndex } from './page-index.ts'
import type { Plan } from './plan.ts'
import type { Part } from './ports.ts'
import { aheadStatements, covers, guess, rowsAhead, type Wish, worthwhile } from './rows-ahead.ts'
import type { Step } from './run.ts'
import { pinOf } from './run-begin.ts'
import { storedRows, storedStatements, wantedOf, wantedRows } from './run-facts.ts'

/** What the plan of a page of a list needs to know of D1. */
export interface ListFacts {
  readonly stored: ReturnType<typeof storedRows>
  readonly standing: Standing
}

/** What was read with the commit before; else one batch; nothing where the page shows nothing new. */
export async function readListFacts(
  step: Step,
  part: Part,
  list: ListScratch,
  index: PageIndex,
  full: boolean,
): Promise<ListFacts> {
  const { engine, link, fence } = step
  const wanted = wantedRows(index, full)
  if (!full && wanted.length === 0 && index.conflicts.length === 0)
    return { stored: [], standing: { pins: [], open: new Set() } }
  const known = list.standing?.version === fence.version ? list.standing : null
  const { rows } = list
  if (rows) {
    list.rows = null
    const serves = known !== null && rows.version === fence.version && covers(rows, link, wanted)
    list.vain = serves ? 0 : list.vain + 1
    if (serves) return { stored: [...rows.rows.values()], standing: known }
  }
  const stored = storedStatements(link, wantedOf(link, wanted))
  if (known) return { stored: storedRows(await engine.database.batch(stored), link), standing: known }
  const results = await engine.database.batch([...standingStatements(step, part), ...stored])
  const standing = standingOf(results)
  list.standing = { ...standing, version: fence.version }
  return { stored: storedRows(results.slice(STANDING), link), standing }
}

/** Reads for the page that comes next, to be part of the batch that commits the present one. */
export interface Reads {
  readonly statements: readonly Statement[]
  /** Keeps what they said; `version`: the lane's with that commit */
  readonly keep: (results: readonly Result[], version: number) => void
}

/**
 * The rows of the page that comes next: exactly those where it is here already; else, where all rows are merged, those
 * that it probably shows. `standing`: pins and conflicts stand after the commit as they are known.
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
  const { link } = step
  const [number] = upcoming(next, 1)
  if (number === undefined || !worthwhile(list.vain, number)) return null
  const wish = wishFor(step, part, list, number, plan, full)
  if (!wish) return null
  const rows = aheadStatements(link, wish)
  if (rows.length === 0) return null
  const first = standing ? [] : standingStatements(step, part)
  return {
    statements: [...first, ...rows],
    keep: (results, version) => {
      if (!standing) list.standing = { ...standingOf(results), version }
      list.rows = rowsAhead(link, wish, results.slice(first.length), version)
    },
  }
}

function wishFor(
  step: Step,
  part: Part,
  list: ListScratch,
  number: number,
  plan: Plan,
  full: boolean,
): Wish | null {
  const fetched = list.ahead.get(number)
  if (!fetched?.answer)
    return full ? guess(list.pages.get(number)?.entries ?? [], plan.entries, step.link) : null
  if (!fetched.answer.ok) return null
  fetched.index ??= indexed(step, part, list, fetched.answer.value)
  return { ...wantedOf(step.link, wantedRows(fetched.index, full)), after: null }
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
