import { type Database, statement } from '../../db/database.ts'
import { systems } from '../../sync/systems/index.ts'
import type { Visit } from './visit.ts'

/**
 * Every lane that has something to do, once, the longest overdue first; before all others those with a scope that never
 * ran. One batch, and only what is due travels, however many scopes there are.
 */
export async function dueVisits(database: Database, now: number): Promise<Visit[]> {
  const links = systems.flatMap((system) => system.links)
  const [unfinished, ...lists] = await database.batch([
    statement(UNFINISHED, now),
    ...links.map(({ name, scopes: { list } }) =>
      // A list's own parameters come first, so that its numbers stay as they are.
      statement(dueOf(list.sql, list.params.length), ...list.params, name, now),
    ),
  ])
  const visits = new Map<string, Waiting>()
  const at = (lane: string, since: number): Waiting => {
    const known = visits.get(lane)
    const waiting = known ?? { lane, wake: false, due: [], since }
    waiting.since = Math.min(waiting.since, since)
    if (!known) visits.set(lane, waiting)
    return waiting
  }
  for (const row of unfinished?.rows ?? []) at(String(row.lane), Number(row.since)).wake = true
  links.forEach((link, i) => {
    for (const row of lists[i]?.rows ?? []) {
      const scope = String(row.scope)
      at(link.lane(scope), Number(row.since)).due.push({ link: link.name, scope })
    }
  })
  return [...visits.values()]
    .sort((a, b) => a.since - b.since)
    .map(({ lane, wake, due }) => ({ lane, wake, due }))
}

interface Waiting {
  readonly lane: string
  wake: boolean
  readonly due: { link: string; scope: string }[]
  /** When the first of these was due; 0: never ran */
  since: number
}

/**
 * Lanes with runs that nobody moves (not begun yet, or not moved within their lease), and with actions that have not
 * ended: to wake a lane that is at one does no harm.
 */
const UNFINISHED = `SELECT lane, min(coalesce(lease_until, enqueued_at)) AS since FROM runs
  WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until <= ?1) GROUP BY lane
  UNION ALL SELECT lane, min(created_at) FROM actions WHERE finished_at IS NULL GROUP BY lane`

/** Scopes of a link whose time has come, and those that never ran. */
const dueOf = (list: string, params: number) =>
  `SELECT s.scope, coalesce(l.next_due_at, 0) AS since FROM (${list}) s
    LEFT JOIN link_state l ON l.link = ?${params + 1} AND l.scope = s.scope
    WHERE coalesce(l.next_due_at, 0) <= ?${params + 2}`
