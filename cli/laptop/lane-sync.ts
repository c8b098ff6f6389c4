import type { MutationResult } from '../../sync/protocol/device.ts'
import { Refusal } from '../failure.ts'
import { capture } from './capture.ts'
import { COMPARED, compareSome, missingRows } from './compare.ts'
import { hasDisputed } from './disputed.ts'
import { endless } from './endless.ts'
import { type Sqlite, transaction } from './file.ts'
import type { Link } from './link.ts'
import {
  beginAnew,
  bodyOf,
  countWaiting,
  forgetOld,
  type Lane,
  laneOf,
  type Queued,
  readAgain,
  revive,
  settleOthers,
  takeBatch,
} from './outbox.ts'
import { placeBarred, removeUnseen } from './receive.ts'
import { isPaused, type Page } from './remote.ts'
import { sayKeptAgain } from './resolved.ts'
import { type Rows, rowsOf, type Times } from './rows.ts'
import { settingsOf } from './settings.ts'
import { settleOne } from './settle.ts'
import { storePage } from './store-page.ts'
import type { SyncDeps, SyncReport } from './sync.ts'
import { tallyIn } from './tally.ts'

/** Rounds of one sync: programs that write on and on are synced again by the next. */
const ROUNDS = 200

/**
 * One lane of a file and the server.
 *
 *   compare what went unnoticed → first reading, page by page → take edits into the outbox
 *     → send them, with the cursor → take what came → again while something is left
 *
 * Every arrow is one transaction, so that a crash anywhere leaves a state from which the next sync goes on. An answer is taken
 * only where the file still stands as it did when it was asked: another sync of the same file may have been quicker.
 */
export class LaneSync {
  readonly #db: Sqlite
  readonly #deps: SyncDeps
  readonly #lane: string
  readonly #tables: readonly Rows[]
  readonly #stale: Set<Rows>
  readonly #compared = new Set<Rows>()
  readonly #report: SyncReport
  readonly #tally: ReturnType<typeof tallyIn>
  readonly #finish: () => void
  #hasSent = false

  /** `finish` is called in the transaction in which nothing is left to do. */
  constructor(
    db: Sqlite,
    deps: SyncDeps,
    of: {
      readonly lane: string
      readonly links: readonly Link[]
      readonly report: SyncReport
      readonly finish: () => void
    },
  ) {
    this.#db = db
    this.#deps = deps
    this.#lane = of.lane
    this.#tables = of.links.map((link) => rowsOf(db, link))
    this.#stale = new Set(this.#tables.filter(({ link }) => link.stale))
    this.#report = of.report
    this.#tally = tallyIn(of.report, this.#tables)
    this.#finish = of.finish
  }

  async run(): Promise<void> {
    for (let round = 1; ; round++) {
      if (round > ROUNDS) throw endless(ROUNDS)
      for (const rows of this.#stale) await this.#compare(rows)
      try {
        const isRead = (await this.#begin()).reading && (await this.#readAll())
        if (!(await this.#exchange(isRead))) return
      } catch (error) {
        if (!(error instanceof Refusal && isPaused(error.problem))) throw error
        await this.#pause(error.problem.detail)
        return
      }
    }
  }

  #begin = (): Promise<Lane> => this.#do(() => laneOf(this.#db, this.#lane))

  /** Everything, page by page; the next page is on its way while one is written. False: it did not come to its end. */
  async #readAll(): Promise<boolean> {
    const { cursor } = await this.#begin()
    const ask = (from: string | null) => {
      this.#report.requests++
      const answer = this.#deps.remote.pull(this.#lane, from)
      // Its failure is met where it is awaited, after the page before it was stored.
      answer.catch(() => {})
      return answer
    }
    let came = 0
    let total: number | undefined
    let from = cursor
    for (let answer = ask(cursor); ; ) {
      const page = await answer
      const asked = from
      if (page.resnapshot) {
        await this.#restart()
        return false
      }
      const goesOn = page.more === true && page.cursor !== undefined
      if (goesOn) {
        from = page.cursor ?? null
        answer = ask(from)
      }
      total ??= page.total
      came += page.tables?.reduce((sum, { rows }) => sum + rows.length, 0) ?? 0
      this.#deps.moved('came', came, total)
      const isOurs = await this.#do((times) => {
        const now = laneOf(this.#db, this.#lane)
        if (now.cursor !== asked || !now.reading) return false
        this.#store(page, times)
        if (goesOn) return true
        for (const rows of this.#tables) {
          this.#tally.came(rows, () => removeUnseen(this.#db, rows, times, this.#report))
          sayKeptAgain(this.#db, rows, times)
        }
        this.#db.prepare('UPDATE tidemark_lanes SET reading = 0 WHERE lane = ?').run(this.#lane)
        return true
      })
      if (!goesOn || !isOurs) return isOurs
    }
  }

  /** The server was restored: what it no longer knows of ours is offered again, and everything is read anew. */
  async #restart(): Promise<void> {
    const lane = await this.#begin()
    this.#report.requests++
    const reply = await this.#deps.remote.push(
      JSON.stringify({ lane: this.#lane, incarnation: lane.incarnation, mutations: [] }),
    )
    await this.#do(() => {
      const now = laneOf(this.#db, this.#lane)
      if (now.cursor !== lane.cursor || now.incarnation !== lane.incarnation) return
      readAgain(this.#db, this.#lane)
      if (reply.type !== 'answered' || !revive(this.#db, lane, reply.answer.last + 1))
        beginAnew(this.#db, lane)
    })
  }

  async #compare(rows: Rows): Promise<void> {
    let compared = 0
    const all = await this.#do(() => rows.count())
    for (let after: string | null = null; ; ) {
      after = await this.#do(() => compareSome(rows, after))
      compared += COMPARED
      this.#deps.moved('compared', Math.min(all, compared), all)
      if (after === null) break
    }
    await this.#do(() => {
      this.#report.restored += missingRows(rows).restored
      this.#db.prepare('UPDATE tidemark_links SET stale = 0 WHERE id = ?').run(rows.link.id)
    })
    this.#stale.delete(rows)
    this.#compared.add(rows)
  }

  /** Edits of everything that was marked, some rows a transaction; the last one takes what goes. */
  async #take(): Promise<{ lane: Lane; batch: Queued[] }> {
    for (;;) {
      const taken = await this.#do((times) => {
        let most = 0
        for (const rows of this.#tables) {
          const marks = rows.marks(SOME)
          for (const mark of marks) capture(this.#db, rows, mark, times)
          most = Math.max(most, marks.length)
        }
        if (most === SOME) return null
        const lane = laneOf(this.#db, this.#lane)
        const isOver = this.#deps.single && this.#hasSent
        return { lane, batch: isOver ? [] : takeBatch(this.#db, lane, settingsOf(this.#db).batchSize) }
      })
      if (taken) return taken
    }
  }

  /** The numbers must agree, or somebody wrote unseen: such a table is compared, once a sync. */
  #isWhole(rows: Rows, times: Times): boolean {
    this.#report.rows += placeBarred(rows, times)
    if (this.#compared.has(rows) || rows.marks(1).length > 0 || rows.count() === rows.expected()) return true
    this.#stale.add(rows)
    return false
  }

  /** One request: edits out, news in; none, where nothing goes and everything was just read. True: something is left to do. */
  async #exchange(isRead: boolean): Promise<boolean> {
    const { lane, batch } = await this.#take()
    if (isRead && batch.length === 0) return this.#end()
    this.#report.requests++
    const sent = this.#deps.remote.push(bodyOf(lane, batch))
    // Counting goes on while the request is on its way; whatever becomes of that, none is left behind.
    const [counted, answered] = await Promise.allSettled([
      this.#do((times) => this.#tables.map((rows) => this.#isWhole(rows, times))),
      sent,
    ])
    if (answered.status === 'rejected') throw answered.reason
    if (counted.status === 'rejected') throw counted.reason
    const reply = answered.value
    if (reply.type === 'answered')
      return this.#settle(lane, batch, reply.answer, counted.value.includes(false))
    if (reply.type === 'paused') return this.#pause(reply.reason)
    return this.#do(() => {
      if (!this.#isAsAsked(lane, batch)) return true
      if (reply.type === 'forked' || !revive(this.#db, lane, reply.expected)) {
        beginAnew(this.#db, lane)
        this.#report.notes.push(
          'this file is a copy of another one, or was somebody else’s: it goes on under a name of its own',
        )
      }
      return true
    })
  }

  /** An operator switched the lane off: what waits stays in the outbox, and the other lanes go on. */
  #pause(reason: string): Promise<boolean> {
    return this.#do(() => {
      this.#db.prepare('UPDATE tidemark_lanes SET paused = ? WHERE lane = ?').run(reason, this.#lane)
      this.#report.paused.push(...this.#tables.map(({ link }) => link.shared))
      this.#finish()
      return false
    })
  }

  #end(): Promise<boolean> {
    return this.#do((times) => {
      const isWhole = this.#tables.map((rows) => this.#isWhole(rows, times))
      if (isWhole.includes(false) || laneOf(this.#db, this.#lane).reading) return true
      this.#finish()
      return false
    })
  }

  #settle(
    lane: Lane,
    batch: readonly Queued[],
    answer: Page & {
      readonly last: number
      readonly results?: MutationResult[] | undefined
    },
    isAmiss: boolean,
  ): Promise<boolean> {
    return this.#do((times) => {
      if (!this.#isAsAsked(lane, batch)) return true
      this.#hasSent ||= batch.length > 0
      const settled = batch.filter(({ n }) => n <= answer.last)
      const first = batch[0]?.n ?? lane.next
      this.#settleEach(settled, answer.results ?? [], times)
      this.#tally.sent(settled, answer.results ?? [])
      this.#db
        .prepare('UPDATE tidemark_lanes SET sending = NULL WHERE lane = ? AND sending IS NOT NULL')
        .run(this.#lane)
      forgetOld(this.#db, this.#lane, times.now)
      this.#db
        .prepare('UPDATE tidemark_lanes SET paused = NULL WHERE lane = ? AND paused IS NOT NULL')
        .run(this.#lane)
      // A restored copy of the file: the server knows numbers that this file has not given yet.
      if (answer.last >= laneOf(this.#db, this.#lane).next) {
        beginAnew(this.#db, lane)
        return true
      }
      if (answer.last < first - 1) {
        // The server has been restored, and says so by its number only.
        if (!revive(this.#db, lane, answer.last + 1)) beginAnew(this.#db, lane)
        else readAgain(this.#db, this.#lane)
        return true
      }
      if (answer.resnapshot) {
        readAgain(this.#db, this.#lane)
        return true
      }
      this.#store(answer, times)
      const waiting = countWaiting(this.#db, this.#lane)
      if (batch.length > 0) this.#deps.moved('went', this.#report.went, this.#report.went + waiting)
      if (answer.more)
        this.#db.prepare('UPDATE tidemark_lanes SET reading = 1 WHERE lane = ?').run(this.#lane)
      const isLeft = waiting > 0 && !(this.#deps.single && this.#hasSent)
      const goesOn = answer.more === true || isLeft || isAmiss
      if (!goesOn) this.#finish()
      return goesOn
    })
  }

  #settleEach(settled: readonly Queued[], said: readonly MutationResult[], times: Times): void {
    const results = new Map(said.map((result) => [result.n, result]))
    // Of those that were simply applied nothing is left to do, unless they say anew what was disputed.
    const told = hasDisputed(this.#db) ? settled : settled.filter(({ n }) => results.has(n))
    const last = settled.at(-1)
    if (last && told.length < settled.length) {
      const but = told.map(({ n }) => n)
      settleOthers(this.#db, this.#lane, last.n, but, times.now)
    }
    for (const queued of told) {
      const rows = this.#tables.find(({ link }) => link.id === queued.link)
      if (rows) settleOne(this.#db, rows, queued, results.get(queued.n), times)
    }
  }

  /** Nobody else has settled the batch or read on since it was taken. */
  #isAsAsked(lane: Lane, batch: readonly Queued[]): boolean {
    const now = laneOf(this.#db, this.#lane)
    return (
      now.incarnation === lane.incarnation &&
      now.cursor === lane.cursor &&
      now.sending === (batch.at(-1)?.n ?? null)
    )
  }

  #store(page: Page, times: Times): void {
    const [lane, tables] = [this.#lane, this.#tables]
    storePage(this.#db, page, { lane, tables, report: this.#report, tally: this.#tally }, times)
  }

  #do<T>(work: (times: Times) => T): Promise<T> {
    return transaction(this.#db, this.#deps, () =>
      work({ now: this.#deps.now(), round: laneOf(this.#db, this.#lane).round }),
    )
  }
}

/** Rows of one transaction: other programs wait no longer than it takes. */
const SOME = 1_000
