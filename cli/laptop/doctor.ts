import type { PageTable, RowsAnswer } from '../../sync/protocol/device.ts'
import { compareSome } from './compare.ts'
import { bucketsOf, type Difference, differencesIn, digestOf, namedRows } from './differences.ts'
import type { Values } from './edit.ts'
import { type Sqlite, transaction } from './file.ts'
import { linksOf } from './link.ts'
import { writeReplaced } from './log.ts'
import { laneOf } from './outbox.ts'
import { receive } from './receive.ts'
import { type Rows, rowsOf, type Times } from './rows.ts'
import { type SyncDeps, syncFile } from './sync.ts'

export interface Findings {
  readonly rows: number
  readonly differences: readonly Difference[]
}

/** News that came between a sync and a look is no difference: it is looked at again after the next sync. */
const LOOKS = 3

/** Syncs, and compares every attached table with the server; what differs and no sync mends is a difference. */
export async function examine(db: Sqlite, deps: SyncDeps): Promise<Findings> {
  await syncFile(db, deps)
  for (let look = 1; ; look++) {
    const found = await compareAll(db, deps)
    if (found.differences.length === 0 || look === LOOKS) return found
    const { rows, deleted, went } = await syncFile(db, deps)
    if (rows + deleted + went === 0) return found
  }
}

async function compareAll(db: Sqlite, deps: SyncDeps): Promise<Findings> {
  let rows = 0
  const differences: Difference[] = []
  for (const link of await transaction(db, deps, () => linksOf(db))) {
    const table = rowsOf(db, link)
    const [all, own] = await transaction(db, deps, () => [namedRows(table), table.own()] as const)
    rows += all.length - own
    const wanted = link.columns.map(({ name }) => name)
    const answer = await deps.remote.digest(link.lane, link.shared, wanted)
    let looked = 0
    for (const bucket of bucketsOf(all, answer)) {
      looked += bucket.rows.length
      deps.moved('compared', looked, all.length)
      const digest = await transaction(db, deps, () => digestOf(table, bucket.rows, answer.columns))
      if (bucket.rows.length === bucket.limit && digest === bucket.digest) continue
      const page =
        bucket.limit === 0
          ? { columns: [], rows: [] }
          : await deps.remote.rows(link.lane, link.shared, bucket.from, bucket.limit)
      differences.push(...(await transaction(db, deps, () => differencesIn(db, table, bucket.rows, page))))
    }
  }
  return { rows, differences }
}

/**
 * Does what the plan says. What a row says here is written into the log before the server's takes its place; edits that nobody
 * noticed are marked, and the sync sends them.
 */
export async function repair(db: Sqlite, deps: SyncDeps, found: readonly Difference[]): Promise<void> {
  for (const link of await transaction(db, deps, () => linksOf(db))) {
    const rows = rowsOf(db, link)
    const mine = found.filter(({ table }) => table === link.local)
    if (mine.some(({ plan }) => plan === 'send'))
      for (let after: string | null = null; ; ) {
        after = await transaction(db, deps, () => compareSome(rows, after))
        if (after === null) break
      }
    for (const difference of mine.filter(({ plan }) => plan !== 'send'))
      await mend(db, deps, rows, difference)
  }
  await syncFile(db, deps)
}

async function mend(db: Sqlite, deps: SyncDeps, rows: Rows, { row, plan }: Difference): Promise<void> {
  const { link } = rows
  const key = rows.keyOf(row)
  const answer = await deps.remote.rows(link.lane, link.shared, key, 1)
  await transaction(db, deps, () => {
    // Somebody wrote it meanwhile: that is an edit, and the sync's.
    if (rows.mark(row)) return
    const times = { now: deps.now(), round: laneOf(db, link.lane).round }
    const page = pageOf(rows, key, answer)
    if (plan === 'remove' && page.rows.length > 0) return
    const before = rows.file(row)
    if (before) writeReplaced(db, new Date(times.now).toISOString(), row, before)
    forgetAgreement(rows, row, times)
    receive(db, rows, page, times, { rows: 0, deleted: 0, unplaced: [] })
  })
}

/** What the file says is taken for agreed, so that every column in which the server differs is written. */
function forgetAgreement(rows: Rows, row: string, times: Times): void {
  const here = rows.file(row)
  if (!here) return
  const vals = Object.fromEntries(
    Object.entries(here).filter(([, value]) => value === null || typeof value !== 'object'),
  ) as Values
  rows.setShadow(row, { vals, seen: {}, state: 'agreed' }, times, 'remote')
}

/** The row as a page of the feed shows it; where the server has none, its deletion. */
function pageOf({ link }: Rows, key: string, { columns, rows }: RowsAnswer): PageTable {
  const found = rows.filter(([first]) => first === key)
  const isNamed = found[0]?.length === columns.length
  return {
    name: link.shared,
    columns: isNamed ? columns : ['', ...columns],
    rows: found,
    deleted: found.length > 0 ? [] : [key],
  }
}
