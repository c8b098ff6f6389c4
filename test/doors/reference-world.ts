import type { Row, SqlValue } from '../../db/database.ts'
import { type Answer, type Call, type Doors, look, openDoors } from './world.ts'

/** Doors with the reference tables in them, as a bot has set them. */
export const EMPLOYEES = {
  E1: { name: 'Ann', hourly_wage: 1_250, commission: 0.08 },
  E2: { name: 'Bob', hourly_wage: 1_400, commission: 0.1 },
}
const RATES = {
  low: { range_from: 0, range_to: 10_000, rate: 0.05 },
  high: { range_from: 10_000, range_to: null, rate: 0.07 },
}
const RANKS = {
  Bronze: { min_amount: 0, max_amount: 50_000, bonus: 0, emoji: '🥉' },
  Gold: { min_amount: 50_000, max_amount: null, bonus: 2_500, emoji: '🥇' },
}

export async function openReferenceDoors(): Promise<Doors> {
  const doors = await openDoors()
  for (const [table, rows] of Object.entries({
    employee_settings: EMPLOYEES,
    dynamic_rates: RATES,
    ranks: RANKS,
  }))
    for (const [name, body] of Object.entries(rows)) await put(doors, `${table}/${name}`, body)
  await doors.later()
  doors.lanes.calls.length = 0
  return doors
}

/** A row is set, as its bot does it. */
export async function put(
  doors: Doors,
  path: string,
  body: unknown,
  headers: Call['headers'] = {},
): Promise<Answer> {
  return doors.call('hook', 'PUT', `/api/reference/${path}`, { body, headers })
}

export const get = (doors: Doors, path: string, headers: Call['headers'] = {}): Promise<Answer> =>
  doors.call('ann', 'GET', `/api/reference/${path}`, { headers })

export const WORKBOOK = 'workbook-of-reference'

/** An operator says which workbook it is. */
export const linkSheet = (doors: Doors, spreadsheet: string = WORKBOOK): void =>
  void doors.file
    .prepare(
      `INSERT INTO config (key, value, updated_at, updated_by) VALUES ('sheets.reference', ?1, 1, 'admin')
        ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    )
    .run(JSON.stringify({ spreadsheet_id: spreadsheet }))

/** The sheet was read, and shows all that is here. */
export function synced(doors: Doors, at = Date.now()): void {
  doors.file
    .prepare(
      `INSERT INTO link_state (link, scope, lane, next_due_at, last_good_at)
        VALUES ('reference.sheet', 'shared', 'reference', ?1, ?1)
        ON CONFLICT (link, scope) DO UPDATE SET last_good_at = excluded.last_good_at`,
    )
    .run(at)
  for (const [table, columns] of Object.entries(SHOWN))
    for (const row of look(doors, `SELECT * FROM ${table} WHERE deleted_at IS NULL`))
      base(doors, table, String(row.id), Object.fromEntries(columns.map((name) => [name, row[name] ?? null])))
}

/** The tab shows this of a row. */
export const base = (doors: Doors, table: string, key: string, shows: Row): void =>
  void doors.file
    .prepare(
      `INSERT INTO link_rows (link, scope, part, key, base) VALUES ('reference.sheet', 'shared', ?1, ?2, ?3)
        ON CONFLICT (link, scope, part, key) DO UPDATE SET base = excluded.base`,
    )
    .run(table, key, JSON.stringify(shows) as SqlValue)

const SHOWN = {
  employee_settings: ['name', 'hourly_wage', 'commission'],
  dynamic_rates: ['range_from', 'range_to', 'rate'],
  ranks: ['name', 'min_amount', 'max_amount', 'bonus', 'emoji'],
}
