import type { Answer, Part, RemoteContext, RemoteFailure, Warning } from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import type { SheetsCalls } from './calls.ts'
import { type Landing, landingIn } from './landing.ts'
import type { Layout, Unlaid } from './layout.ts'
import { fetchTab, LARGE } from './read.ts'
import { maySpill, type Tab, tabFields, tabsOf } from './tab.ts'
import { type Job, mended, type NewRow, type Op, settle, spot } from './write-job.ts'
import { appended, type GridRequest, requestOf, type Write } from './write-request.ts'

/** Cells in one call, and bytes of new rows: https://developers.google.com/workspace/sheets/api/limits advises 2 MB. */
const CELLS = 5_000
const BYTES = 2_000_000
/** Readings of one write, and writes that don't get further, before the run is told. */
const ATTEMPTS = 5

/** What a tab lacks of what it should show. */
export interface Plan {
  readonly layout: Layout
  /** Columns of the table that tell rows apart */
  readonly keys: readonly string[]
  readonly ops: readonly Op[]
  readonly first?: readonly GridRequest[]
  readonly rows?: readonly NewRow[]
}

/** What is to be written, and where. */
interface Wanted<P extends Plan> {
  readonly google: SheetsCalls
  readonly context: RemoteContext
  readonly part: Part
  readonly job: Job
  readonly planOn: (tab: Tab) => P | Unlaid
  /** How many a calm tab takes */
  readonly calls: number
  /** Rows may come, or go */
  readonly adds: boolean
}

/** The plan on the tab as it was left, and what could not be done because the rows kept moving. */
export interface CarriedOut<P extends Plan> {
  readonly plan: P
  readonly left: readonly Warning[]
}

/**
 * Sheets has no conditional write, so: read the tab, plan on what it shows, write, and look at the whole tab in the write's
 * own answer. What moved in between is put right at once, in the same way. A lost answer is a reading away from being known.
 * New rows, and rows that go, are not sent again before a write of which nothing was heard can no longer land: cells may be
 * written twice, rows may not. What remains: a cell that a person changes between the reading and the write (well under a second) is overwritten; the
 * run's journal holds what we saw there.
 */
export async function carryOut<P extends Plan>(wanted: Wanted<P>): Promise<Answer<CarriedOut<P>>> {
  const landing = landingIn(wanted.context, wanted.part, wanted.google.now)
  const answer = await attempt(wanted, landing)
  landing.end()
  return answer
}

async function attempt<P extends Plan>(
  { google, context, part, job, planOn, calls, adds }: Wanted<P>,
  landing: Landing,
): Promise<Answer<CarriedOut<P>>> {
  let failure: RemoteFailure | null = null
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Permission first, and the announcement: nothing waits between the reading and the write.
    const permitted = await google.permit('write', context)
    if (!permitted.ok) return permitted
    if (adds && landing.open() === 0 && !(await landing.announce())) return takenOver
    let read: Awaited<ReturnType<typeof fetchTab>> | null = await fetchTab(
      google,
      context,
      part,
      [part],
      true,
    )
    if (!read.ok) return read
    if (read.value.missing) return { ok: false, failure: { type: 'refused', ...read.value.missing } }
    let tab = read.value.tab
    // A large tab weighs 25 MB: the one that was read must not be held beside those of the writes' answers.
    read = null
    for (let write = 0; ; write++) {
      const isSeen = settle(job, tab)
      if (job.open && isSeen) landing.seen()
      job.open = false
      // Restores first; everything else is planned on the tab as it will be after them.
      const plan = planOn(mended(tab, job.restores))
      const unlaid = 'reason' in plan
      // Nothing can be planned on such a tab; what we hit in it is put right all the same.
      if (unlaid && (job.restores.length === 0 || write >= ATTEMPTS))
        return { ok: false, failure: { type: 'refused', reason: plan.reason, mend: plan.mend } }
      if (!unlaid) {
        job.layout = plan.layout
        job.keys = plan.keys
      }
      const waits = !unlaid && landing.open() > 0 && isOnceOnly(plan)
      const next = shareOf(unlaid ? { ops: [] } : waits ? repeatable(plan) : plan, job)
      if (!unlaid) {
        if (next.ops.length + next.rows.length === 0)
          return { ok: true, value: { plan, left: waits ? [mayLand(tab, landing.open())] : [] } }
        if (write >= ATTEMPTS + calls) return { ok: true, value: { plan, left: leftOf(tab, next.ops) } }
      }
      const allowed = write === 0 ? permitted : await google.permit('write', context)
      if (!allowed.ok) return allowed
      if (isOnceOnly(next) && !landing.isAnnounced() && !(await landing.announce())) return takenOver
      job.sent = next.ops
      job.added = next.rows
      const look = lookAfter(tab, next)
      const at = google.now()
      const answer = await google.update(
        context,
        requestOf(tab, next),
        `updatedSpreadsheet(${tabFields(look)})`,
      )
      const { sheetId } = tab
      const after =
        answer.ok &&
        tabsOf(answer.value.updatedSpreadsheet ?? {}, look).find((now) => now.sheetId === sheetId)
      if (!after) {
        // Lost, or invalid because the grid changed: a new reading tells what became of it.
        if (!answer.ok && !answer.lost && !answer.invalid) return answer
        if (!answer.ok && answer.lost && isOnceOnly(next)) {
          job.open = true
          landing.lost(at)
        }
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

const takenOver: Answer<never> = {
  ok: false,
  failure: {
    type: 'unavailable',
    reason: 'Another instance goes on with the run',
    mend: 'Nothing to do.',
  },
}

/** Whether it does more than to write cells: done twice it would do harm. */
const isOnceOnly = ({ ops, first = [], rows = [] }: Pick<Plan, 'ops' | 'first' | 'rows'>): boolean =>
  first.length + rows.length > 0 || ops.some(({ clears }) => clears !== undefined)

/** What of it can be done twice: cells, where no room is made for them. */
const repeatable = ({ ops, first = [] }: Plan): Pick<Plan, 'ops'> => ({
  ops: first.length > 0 ? [] : ops.filter(({ clears }) => clears === undefined),
})

const mayLand = ({ title }: Tab, landing: number): Warning => ({
  kind: 'not_written',
  message: `Google did not answer a write, and may still carry it out until ${new Date(landing).toISOString()}; rows are added and taken out after that, so that none is doubled`,
  where: quoteTitle(title),
})

/** As much of a plan as one call should hold. New rows go when all cells do, so that a header comes before them. */
function shareOf(
  { ops: planned, first = [], rows = [] }: Pick<Plan, 'ops' | 'first' | 'rows'>,
  { restores }: Job,
): Write {
  const back = restores.map(
    ({ row, column, layer, former }): Op => ({ row, column, layer, value: former, change: null }),
  )
  const taken = new Set(back.map(spot))
  const ops = [...back, ...planned.filter((op) => !taken.has(spot(op)))]
  if (ops.length > CELLS) return { first, ops: ops.slice(0, CELLS), rows: [] }
  let bytes = 0
  const full = rows.findIndex((row, at) => {
    bytes += weightOf(row)
    return at > 0 && bytes > BYTES
  })
  return { first, ops, rows: full < 0 ? rows : rows.slice(0, full) }
}

/** Bytes of a new row, as it travels. */
const weightOf = (row: NewRow): number => encoder.encode(JSON.stringify(appended(row))).length + 1

const encoder = new TextEncoder()

/** A tab that becomes large is looked at in the lean way, if nothing in it spills. */
const lookAfter = (tab: Tab, { rows }: Write): Tab['look'] => {
  const cells = rows.length * (rows[0]?.cells.size ?? 0)
  const lean = tab.look.lean || (tab.look.both && cells >= LARGE && !maySpill(tab))
  return { ...tab.look, lean }
}

/** Someone moves the rows faster than we can follow. */
const leftOf = (tab: Tab, ops: readonly Op[]): Warning[] =>
  ops.map(({ row, column, change, value }) => {
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
