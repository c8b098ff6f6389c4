import { emptyBucket, penalise, permit } from '../../sync/engine/gate.ts'
import type { Pacer } from '../../sync/engine/ports.ts'
import { limitOf } from '../../sync/remotes/limits.ts'
import { dueVisits } from '../../workers/delta-check/due.ts'
import { REFERENCE_TABS } from '../demo/reference-tabs.ts'
import { emulatedGoogle, remoteOf } from './google-world.ts'
import { durable, instance, rows, syncRequest, testClock, testIds, testRandom } from './world.ts'

const MINUTE = 60_000
/** How often the cron looks for links that are due */
const CRON = 5 * MINUTE
const LINK = 'reference.sheet'
const PEOPLE = 7

/** What an hour came to. Times are in milliseconds. */
export interface Hour {
  /** Kind -> the most calls that any 60 seconds held */
  readonly most: Readonly<Record<string, number>>
  readonly calls: number
  /** Calls that Google refused because there were too many: not those that were told to fail */
  readonly refused: number
  /** Calls that were told to fail */
  readonly failed: number
  readonly edits: number
  /** Edits that are not where they belong */
  readonly lost: number
  /** The longest time from an edit until both sides say the same: what a person typed is found by the cron, what the bot set is sent at once */
  readonly typed: number
  readonly set: number
  /** Until every workbook was read for the first time */
  readonly begun: number
  /** Rows that stand twice, here or in a workbook */
  readonly doubled: number
}

interface Edit {
  readonly by: 'typed' | 'set'
  readonly at: number
  readonly isDone: () => boolean
}

/** For first readings, and for what is not yet where it belongs */
const BEFORE = 15 * MINUTE
const AFTER = 180 * MINUTE

/** A share of calls fails, in each of the ways that Google knows. */
interface Faulty {
  readonly share: number
}

const WAYS = [
  { status: 429 },
  { status: 500 },
  { status: 503 },
  { status: 504 },
  { drop: true },
  { lost: true },
] as const

/**
 * An hour of virtual time in which people and a bot edit some of many workbooks, each with three tabs and a database of its
 * own. All of them go through one gate, as the Durable Object wires it.
 */
export async function hourOf(
  books: number,
  editsATick: number,
  { share }: Faulty = { share: 0 },
): Promise<Hour> {
  const clock = testClock()
  const random = testRandom(5)
  const google = emulatedGoogle(clock)
  const pacer = gateOf(clock)
  const all = Array.from({ length: books }, (_, n) => bookOf(n, clock, google, pacer))
  const faults = failing(google, share)
  const start = clock.now()
  const edits = new Map<string, Edit>()
  const longest = { typed: 0, set: 0 }
  let made = 0

  const settle = () => {
    for (const [name, { by, at, isDone }] of edits) {
      if (!isDone()) continue
      longest[by] = Math.max(longest[by], clock.now() - at)
      edits.delete(name)
    }
  }
  const edit = async () => {
    // What is set before the first reading is the sheet's to say.
    const ready = all.filter((book) => book.isRead())
    const book = ready[Math.floor(random() * ready.length)]
    if (!book) return
    const row = Math.floor(random() * PEOPLE)
    const by = random() < 0.5 ? 'typed' : 'set'
    const name = `${book.id} ${row} ${by}`
    const at = edits.get(name)?.at ?? clock.now()
    const isDone = by === 'typed' ? book.type(row, 1_000 + made) : await book.set(row, (made % 90) + 1)
    edits.set(name, { by, at, isDone })
    made++
  }
  const work: { at: number; act: () => Promise<void> }[] = []
  const [from, until] = [start + BEFORE, start + BEFORE + 60 * MINUTE]
  for (let at = start; at <= until + AFTER; at += CRON) {
    work.push({ at, act: async () => (at <= until || edits.size > 0 ? ask(all, clock.now()) : undefined) })
    if (at >= from && at < until)
      for (let n = 0; n < editsATick; n++) work.push({ at: at + Math.floor(random() * CRON), act: edit })
  }
  work.sort((a, b) => a.at - b.at)
  let begun = 0
  for (;;) {
    const next = work[0]
    const ringing = all
      .filter(({ world }) => world.alarm !== null)
      .sort((a, b) => Number(a.world.alarm) - Number(b.world.alarm))[0]
    if (ringing && (!next || Number(ringing.world.alarm) <= next.at)) {
      clock.set(Number(ringing.world.alarm))
      ringing.world.alarm = null
      await ringing.made.lane.alarm()
      settle()
      if (begun === 0 && all.every((book) => book.isRead())) begun = clock.now() - start
    } else if (next) {
      work.shift()
      clock.set(next.at)
      await next.act()
    } else break
  }
  const { calls } = google
  const told = faults.told()
  const kinds = Object.groupBy(
    calls.filter(({ kind }) => kind !== 'token'),
    ({ kind }) => kind,
  )
  return {
    most: Object.fromEntries(
      Object.entries(kinds).map(([kind, some]) => [kind, mostInAMinute(some.map(({ at }) => at))]),
    ),
    calls: Object.values(kinds).reduce((sum, some) => sum + some.length, 0),
    refused: calls.filter(({ status }) => status === 429).length - told.tooMany,
    failed: told.all,
    edits: made,
    lost: edits.size,
    ...longest,
    begun,
    doubled: all.reduce((sum, book) => sum + book.doubled(), 0),
  }
}

/** The cron, for every lane that has something to do. */
async function ask(books: readonly Book[], now: number): Promise<void> {
  for (const { world, made } of books)
    for (const { lane, wake, due } of await dueVisits(world.database, now)) {
      if (lane !== 'reference') continue
      if (wake) await made.lane.poke()
      for (const { link, scope } of due)
        await made.lane.request(syncRequest({ link, scope, trigger: 'cron', actor: 'cron' }))
    }
}

/** One gate for all, with its limits. */
function gateOf(clock: { now(): number }) {
  const buckets = new Map<string, ReturnType<typeof permit>['bucket']>()
  return (who: string): Pacer => ({
    async permit(gate, kind, priority) {
      const bucket = buckets.get(kind) ?? emptyBucket
      const decided = permit(bucket, limitOf(gate, kind), { ticket: who, priority }, clock.now())
      buckets.set(kind, decided.bucket)
      return decided.permit
    },
    async penalise(_gate, kind, until) {
      buckets.set(kind, penalise(buckets.get(kind) ?? emptyBucket, until))
    },
  })
}

type Book = ReturnType<typeof bookOf>

/** A workbook of three tabs, and the lane and database that are linked to it. */
function bookOf(
  n: number,
  clock: ReturnType<typeof testClock>,
  google: ReturnType<typeof emulatedGoogle>,
  pacer: (who: string) => Pacer,
) {
  const id = `book-${n}`
  google.person.create({ id, sheets: REFERENCE_TABS })
  google.person.share(id, { email: 'robot@tidemark.test', role: 'writer' })
  const world = durable(clock)
  world.file
    .prepare(`INSERT INTO config VALUES ('sheets.reference', ?, 0, 'ann')`)
    .run(JSON.stringify({ spreadsheet_id: id }))
  const remote = remoteOf(google, clock, testRandom(n), undefined, pacer(id))
  const made = instance(world, 'reference', () => remote, undefined, testIds(`b${n}-`))
  const employee = (row: number) => `E-00${row + 1}`
  const here = (row: number) => rows(world, 'SELECT * FROM employee_settings WHERE id = ?', employee(row))[0]
  const there = () => google.person.values(id, 'EmployeeSettings!A2:D100')
  let pushes = 0
  return {
    id,
    world,
    made,
    isRead: () =>
      rows(world, 'SELECT 1 FROM link_state WHERE link = ? AND last_good_at IS NOT NULL', LINK).length > 0,
    /** A person types a wage */
    type(row: number, wage: number): () => boolean {
      google.person.set(id, { cell: `EmployeeSettings!C${row + 2}`, text: String(wage) })
      return () => here(row)?.hourly_wage === wage * 100
    },
    /** The bot sets a commission, and asks for the sheet behind it */
    async set(row: number, percent: number): Promise<() => boolean> {
      const commission = percent / 100
      const answer = await made.lane.push({
        id: `push ${++pushes}`,
        actor: 'bot',
        origin: 'api',
        mutations: [
          {
            type: 'edit',
            op: 'update',
            table: 'employee_settings',
            key: employee(row),
            values: { commission },
            base: { commission: here(row)?.commission ?? null },
            at: null,
          },
        ],
      })
      if (answer.type === 'failed') throw new Error(answer.failure.detail)
      await made.lane.request(syncRequest({ link: LINK, scope: 'shared', trigger: 'write', actor: 'bot' }))
      return () => there().find(([name]) => name === employee(row))?.[3] === commission
    },
    doubled(): number {
      const names = there().map(([name]) => name)
      const live = rows(world, 'SELECT * FROM dynamic_rates WHERE deleted_at IS NULL').length
      return names.length - new Set(names).size + Math.max(0, live - 4)
    },
  }
}

/** A share of all calls fails, each way as often as the others. */
function failing(google: ReturnType<typeof emulatedGoogle>, share: number) {
  const each = 1 - (1 - share) ** (1 / WAYS.length)
  const told = { all: 0, tooMany: 0 }
  const times = 1_000_000
  const ids = share === 0 ? [] : WAYS.map((way) => google.faults.add({ probability: each, times, do: way }))
  return {
    told() {
      for (const fault of google.faults.list()) {
        if (!ids.includes(fault.id)) continue
        const used = times - Number(fault.left ?? times)
        told.all += used
        if ('status' in fault.do && fault.do.status === 429) told.tooMany += used
      }
      return told
    },
  }
}

/** The most of these moments that lie within 60 seconds. */
function mostInAMinute(at: readonly number[]): number {
  const sorted = [...at].sort((a, b) => a - b)
  let [first, most] = [0, 0]
  for (const [last, moment] of sorted.entries()) {
    while ((sorted[first] as number) <= moment - MINUTE) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}
