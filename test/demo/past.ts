import type { Runtime } from '../runtime/runtime.ts'

const DAYS = 60

/**
 * Two months of snapshots before today, so that growth and charts have something to show on the first day. Written
 * straight into D1: nobody can sync the past. Each day back an account had 0.1 to 0.4 % less, the same at every start.
 */
export async function givePast(five: Runtime): Promise<void> {
  const metrics = ['followers', 'likes', 'comments', 'videos', 'views']
  const earlier = metrics.map((m) => `CAST(s.${m} * pow(1 - rate, n) AS INTEGER)`)
  await five.query(
    `WITH RECURSIVE days (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM days WHERE n < ${DAYS}),
      today AS (SELECT *, 0.001 + (followers % 7) * 0.0005 AS rate FROM account_snapshots)
      INSERT INTO account_snapshots (account_id, day, ${metrics.join(', ')}, at)
      SELECT s.account_id, date(s.day, '-' || n || ' day'), ${earlier.join(', ')}, s.at - n * 86400000
      FROM today s, days WHERE true ON CONFLICT (account_id, day) DO NOTHING`,
  )
}
