import type { Answer, EditsReport, Part, RemoteContext, RemoteEdit, Warning } from '../../engine/ports.ts'
import { quoteTitle } from './a1.ts'
import { bothLayout, ID, ID_HEADER } from './both-layout.ts'
import { wasBlank } from './both-page.ts'
import type { Both } from './both-rows.ts'
import type { SheetsCalls } from './calls.ts'
import { type Edited, type EditPlan, hidden, planEdits } from './edit-plan.ts'
import type { Layout, Unlaid } from './layout.ts'
import { newRows } from './new-rows.ts'
import { isBlank, type Tab } from './tab.ts'
import { knownHeaders, rememberHeaders } from './tab-memory.ts'
import { endJob, type Job, jobOf, type Op } from './write-job.ts'
import { type CarriedOut, carryOut } from './write-loop.ts'

/** Brings a tab of a link both ways to show what it should, verified: see `carryOut`. */
export async function editPart(
  calls: SheetsCalls,
  context: RemoteContext,
  both: Both,
  part: Part,
  edits: readonly RemoteEdit[],
): Promise<Answer<EditsReport>> {
  const job = jobOf(context, part)
  const told: Warning[] = []
  const answer = await carry(calls, context, both, part, edits, job, told)
  if (!answer.ok) return answer
  endJob(context, part)
  const { plan, left } = answer.value
  return {
    ok: true,
    value: {
      written: job.done.size,
      done: plan.done,
      theirs: plan.theirs,
      repaired: job.repaired,
      warnings: [...told, ...job.warnings, ...plan.warnings, ...left],
    },
  }
}

/** Puts right what an unsettled write may have hit. */
export const repairEdits = (
  calls: SheetsCalls,
  context: RemoteContext,
  both: Both,
  part: Part,
): Promise<Answer<unknown>> => carry(calls, context, both, part, null, jobOf(context, part), [])

/** `edits` null: nothing is to be done but repairs. */
function carry(
  calls: SheetsCalls,
  context: RemoteContext,
  both: Both,
  part: Part,
  edits: readonly RemoteEdit[] | null,
  job: Job,
  told: Warning[],
): Promise<Answer<CarriedOut<EditPlan>>> {
  const of: Edited = { columns: context.columns, both }
  const planOn = (tab: Tab): EditPlan | Unlaid => {
    if (isBlank(tab)) return wasBlank(context, part) ? planBlank(tab, of, edits) : leftBlank(tab, of, edits)
    const answer = bothLayout(tab, context.columns, both.rowIds, knownHeaders(context, part, tab))
    if (!answer.ok) return answer
    rememberHeaders(context, part, answer.known)
    // The next reading knows the new header, and has nothing to tell any more.
    told.push(...answer.layout.warnings.filter(({ kind }) => kind === 'header_renamed'))
    return planEdits(tab, answer.layout, of, edits ?? [], job)
  }
  const adds = (edits ?? []).some(({ type }) => type === 'row' || type === 'clear' || type === 'ref')
  const most = (edits ?? []).length / 1_000
  return carryOut({ google: calls, context, part, job, planOn, calls: most, adds })
}

/** A tab that was emptied meanwhile gets nothing. */
function leftBlank(tab: Tab, of: Edited, edits: readonly RemoteEdit[] | null): EditPlan {
  const plan = planBlank(tab, of, null)
  const message = 'The tab was emptied meanwhile, and nothing was written into it; the next run looks again'
  return edits
    ? { ...plan, warnings: [{ kind: 'not_written', message, where: quoteTitle(tab.title) }] }
    : plan
}

/** A tab in which nothing stands gets its headers, and the rows below. */
function planBlank(tab: Tab, of: Edited, edits: readonly RemoteEdit[] | null): EditPlan {
  const { columns, both } = of
  const headers = Object.entries(columns).map(([name, { header }]): [string, string] => [name, header])
  if (both.rowIds) headers.push([ID, ID_HEADER])
  const layout: Layout = {
    header: 0,
    columns: new Map(headers.map(([name], at) => [name, at])),
    warnings: [],
  }
  const ops = headers.map(
    ([name, header], column): Op => ({
      row: 0,
      column,
      layer: 'value',
      value: { stringValue: header },
      change: `header ${name}`,
    }),
  )
  const lacking = headers.length - tab.columnCount
  const { sheetId } = tab
  const idAt = layout.columns.get(ID) ?? -1
  const first = [
    ...(lacking > 0 ? [{ appendDimension: { sheetId, dimension: 'COLUMNS', length: lacking } }] : []),
    ...(idAt < 0 ? [] : [hidden(sheetId, idAt)]),
  ]
  const wanted = (edits ?? []).filter((edit) => edit.type === 'row')
  const { rows, warnings } = newRows(tab, layout, columns, wanted, { at: idAt, fresh: false })
  const plan = { layout, keys: [], done: [], theirs: [], warnings }
  return edits === null ? { ...plan, ops: [] } : { ...plan, ops, first, rows }
}
