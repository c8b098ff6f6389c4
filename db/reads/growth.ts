import { type Database, query, type Row } from '../database.ts'
import { metrics } from '../schema.ts'

const PERIODS = { day: 1, week: 7, month: 30 } as const

type Change = Record<(typeof metrics)[number], number | null>
export type GrowthRow = Record<keyof typeof PERIODS, Change>

/** Change of one account since the snapshot of 1, 7 and 30 days before `today` (or the last one before that). One query. */
export const accountGrowth = (database: Database, account: string, today: string): Promise<GrowthRow> =>
  growth(database, 'a.id = ?1', account, today)

/** The same, summed over the live accounts of a project; an account without so old a snapshot takes no part. */
export const projectGrowth = (database: Database, project: string, today: string): Promise<GrowthRow> =>
  growth(database, 'a.project_id = ?1 AND a.deleted_at IS NULL', project, today)

async function growth(database: Database, where: string, id: string, today: string): Promise<GrowthRow> {
  const periods = Object.entries(PERIODS)
  const columns = periods.flatMap(([p]) => metrics.map((m) => `sum(a.${m} - ${p}.${m}) AS ${p}_${m}`))
  const joins = periods.map(
    ([p, days]) => `LEFT JOIN account_snapshots ${p} ON ${p}.account_id = a.id AND ${p}.day =
      (SELECT max(s.day) FROM account_snapshots s WHERE s.account_id = a.id AND s.day <= date(?2, '-${days} day'))`,
  )
  const [row] = await query<Row>(
    database,
    `SELECT ${columns.join(', ')} FROM accounts a ${joins.join(' ')} WHERE ${where}`,
    id,
    today,
  )
  const change = (period: string) =>
    Object.fromEntries(metrics.map((m) => [m, (row?.[`${period}_${m}`] ?? null) as number | null])) as Change
  return { day: change('day'), week: change('week'), month: change('month') }
}
