import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import type {
  Answer,
  CellChange,
  Part,
  RemoteContext,
  RemoteFailure,
  WriteReport,
} from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import type { SheetsCalls } from './calls.ts'
import { layoutOf } from './layout.ts'
import { fetchTab } from './read.ts'
import { type Tab, tabFields, tabsOf } from './tab.ts'
import { endJob, type Job, jobOf, mended, type Op, settle } from './write-job.ts'
import { type ChangePlan, planChanges } from './write-plan.ts'

/** Cells in one call: well under the 2 MB that Google advises. */
const CELLS = 5_000
/** Readings of one write, and writes that don't get further, before the run is told. */
const ATTEMPTS = 5

/**
 * Writes merged values to the cells that still show `seen`. Sheets has no conditional write, so: read the tab, plan on what
 * it shows, write, and look at the whole tab in the write's own answer. What moved in between is put right at once, in
 * the same way. A lost answer is a reading away from being known. What remains: a cell that a person changes between the
 * reading and the write (well under a second) is overwritten; the run's journal holds what we saw there.
 */
export async function writeCells(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  changes: readonly CellChange[],
): Promise<Answer<WriteReport>> {
  const job = jobOf(context, part)
  const answer = await carryOut(calls, context, part, changes, job)
  if (answer.ok) endJob(context, part)
  return answer
}

/** Puts right what an unsettled write may have hit, so that it isn't read as if a person had entered it. */
export async function repairCells(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
): Promise<Answer<unknown>> {
  return carryOut(calls, context, part, [], jobOf(context, part))
}

async function carryOut(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  changes: readonly CellChange[],
  job: Job,
): Promise<Answer<WriteReport>> {
  const keys = Object.keys(context.columns).filter((name) => context.columns[name]?.required)
  let failure: RemoteFailure | null = null
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Permission first: nothing waits between the reading and the write.
    const permitted = await calls.permit('write', context)
    if (!permitted.ok) return permitted
    const read = await fetchTab(calls, context, part, [part], true)
    if (!read.ok) return read
    if (read.value.missing) return { ok: false, failure: { type: 'refused', ...read.value.missing } }
    let tab = read.value.tab
    for (let write = 0; ; write++) {
      settle(job, tab, keys)
      const plan = planOn(tab, context, changes, job)
      if ('reason' in plan) return { ok: false, failure: { type: 'refused', ...plan } }
      const { ops } = plan
      if (ops.length === 0) return { ok: true, value: report(job, plan) }
      if (write >= ATTEMPTS + changes.length / CELLS) return { ok: true, value: givenUp(job, plan, tab) }
      const allowed = write === 0 ? permitted : await calls.permit('write', context)
      if (!allowed.ok) return allowed
      job.sent = ops
      const answer = await calls.update(
        context,
        requestOf(tab, ops),
        `updatedSpreadsheet(${tabFields(true)})`,
      )
      const { sheetId } = tab
      const after =
        answer.ok && tabsOf(answer.value.updatedSpreadsheet ?? {}).find((now) => now.sheetId === sheetId)
      if (!after) {
        // Lost, or invalid because the grid changed: a new reading tells what became of it.
        if (!answer.ok && !answer.lost && !answer.invalid) return answer
        failure = answer.ok ? null : answer.failure
        break
      }
      tab = after
    }
  }
  const reason = 'The tab kept changing, or the answers got lost, while cells were written'
  return {
    ok: false,
    failure: failure ?? { type: 'unavailable', reason, mend: 'Nothing to do: it is tried again.' },
  }
}

/** Restores first; everything else is planned on the tab as it will be after them. */
function planOn(
  tab: Tab,
  context: RemoteContext,
  changes: readonly CellChange[],
  job: Job,
): ChangePlan | { readonly reason: string; readonly mend: string } {
  const restores = job.restores.map(
    ({ row, column, former }): Op => ({ row, column, value: former, change: null }),
  )
  const whole = mended(tab, job.restores)
  const answer = layoutOf(whole, context.columns)
  if (!answer.ok) return { reason: answer.reason, mend: answer.mend }
  job.layout = answer.layout
  const plan = planChanges(whole, answer.layout, context.columns, changes, job.done)
  const ops = [...restores, ...plan.ops.filter((op) => !restores.some((other) => sameCell(op, other)))]
  return { ...plan, ops: ops.slice(0, CELLS) }
}

const sameCell = (a: Op, b: Op): boolean => a.row === b.row && a.column === b.column

/** One request a run of cells in a column; the answer brings the tab as it stands after it, in the same moment. */
function requestOf(tab: Tab, ops: readonly Op[]): sheets_v4.Schema$BatchUpdateSpreadsheetRequest {
  const sorted = ops.toSorted((a, b) => a.column - b.column || a.row - b.row)
  const runs: Op[][] = []
  for (const op of sorted) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && last.column === op.column && last.row + 1 === op.row) run.push(op)
    else runs.push([op])
  }
  return {
    requests: runs.map((run) => ({ updateCells: updateOf(tab, run) })),
    includeSpreadsheetInResponse: true,
    responseRanges: [quoteTitle(tab.title)],
    responseIncludeGridData: true,
  }
}

/** Typed values, so that text never becomes a formula; nothing but values, so that formats and notes stay. */
function updateOf({ sheetId }: Tab, run: readonly Op[]): sheets_v4.Schema$UpdateCellsRequest {
  const { row = 0, column = 0 } = run[0] ?? {}
  return {
    range: {
      sheetId,
      startRowIndex: row,
      endRowIndex: row + run.length,
      startColumnIndex: column,
      endColumnIndex: column + 1,
    },
    rows: run.map(({ value }) => ({ values: [value ? { userEnteredValue: value } : {}] })),
    fields: 'userEnteredValue',
  }
}

const report = ({ done, repaired, warnings }: Job, plan: ChangePlan): WriteReport => ({
  written: done.size,
  theirs: plan.theirs,
  repaired,
  warnings: [...warnings, ...plan.warnings],
})

/** Someone moves the rows faster than we can follow. */
function givenUp(job: Job, plan: ChangePlan, tab: Tab): WriteReport {
  const left = plan.ops.map(({ row, column, change, value }) => {
    const where = place(tab.title, row, column)
    if (change !== null)
      return {
        kind: 'not_written',
        message: 'The rows kept moving; it is tried again by the next run',
        where,
      }
    const former = value?.formulaValue ?? value?.stringValue ?? value?.numberValue ?? ''
    return {
      kind: 'not_repaired',
      message: `A write hit this cell while rows moved. Before it said “${former}”: enter that again.`,
      where,
    }
  })
  const { theirs, warnings, ...rest } = report(job, plan)
  return { ...rest, theirs, warnings: [...warnings, ...left] }
}
