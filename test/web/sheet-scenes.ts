import type { Conflict } from '../../sync/protocol/records.ts'
import { iso } from './fake-data.ts'
import type { FakeServer } from './fake-server.ts'
import { runOf } from './fake-sheet-routes.ts'

const HOUR = 3_600_000

const conflict = (of: Partial<Conflict> & Pick<Conflict, 'id' | 'table' | 'key' | 'kind'>): Conflict => ({
  lane: 'reference',
  link: 'reference.sheet',
  scope: 'shared',
  part: of.table,
  column: null,
  base: null,
  ours: null,
  theirs: null,
  detail: '',
  recommendations: [],
  opened_at: iso(Date.now() - 2 * HOUR),
  run_id: '01JD0000000000000000000097',
  resolved_at: null,
  resolution: null,
  ...of,
})

const CELL = conflict({
  id: 's_cell',
  table: 'employee_settings',
  key: 'E-003',
  kind: 'merge',
  base: JSON.stringify({ hourly_wage: 2_000 }),
  ours: JSON.stringify({ hourly_wage: 2_125 }),
  theirs: JSON.stringify({ hourly_wage: 2_200 }),
  detail: 'hourly_wage was changed on both sides: 22.00 in the sheet, 21.25 here',
})

const GUARDS = [
  conflict({
    id: 's_emptied',
    table: 'dynamic_rates',
    key: 'dynamic_rates',
    kind: 'emptied',
    theirs: JSON.stringify(['r0', 'r1', 'r2', 'r3']),
    detail: 'The tab DynamicRates shows none of the 4 rows any more',
  }),
  conflict({
    id: 's_replaced',
    table: 'ranks',
    key: 'ranks',
    kind: 'replaced',
    theirs: JSON.stringify(['k0', 'k1', 'k2', 'k3']),
    detail: 'The tab Ränge shows 31 rows, and none of the 4 that it showed before',
  }),
]

/** Questions, guards, and a tab that was not taken. */
export function makeHeld({ world }: FakeServer): void {
  world.conflicts.push(...structuredClone([CELL, ...GUARDS]))
  const [sheet] = world.sheets.sheets
  if (!sheet) return
  const trouble = {
    reason: 'The range from 500.00 and the range from 2,500.00 overlap',
    mend: 'Correct the ranges in the sheet: the table is taken as a whole, or not at all.',
  }
  Object.assign(sheet, { last_status: 'degraded', open_conflicts: 3, trouble })
  sheet.tabs = sheet.tabs.map((tab) => {
    const guard = GUARDS.find(({ table }) => table === tab.table)
    return {
      ...tab,
      open_conflicts: 1,
      guard: guard ? { conflict: guard.id, kind: guard.kind, detail: guard.detail } : null,
    }
  })
}

/** The workbook is not shared any more, and the schedules ask for more than Google gives. */
export function makeUnreachable({ world: { sheets } }: FakeServer): void {
  const [sheet] = sheets.sheets
  if (!sheet) return
  Object.assign(sheet, {
    last_status: 'degraded',
    trouble: {
      reason: 'Google answered 403: Tidemark may not open the workbook',
      mend: 'Share it as editor with tidemark@example.iam.gserviceaccount.com; the next check reads it again.',
    },
  })
  for (const of of sheets.statistics) of.last_status = 'degraded'
  const { forecast } = sheets
  sheets.forecast = {
    ...forecast,
    expected: { read: 11.4, write: 1.1 },
    worst: { read: 74, write: 50.5 },
    links: forecast.links.map((link) =>
      link.kind === 'tables'
        ? {
            ...link,
            check_minutes: 1,
            expected_share: 0.18,
            worst_share: 1.22,
            exceeds: true,
            fits_minutes: 2,
          }
        : link,
    ),
  }
}

/** No workbook is named yet. */
export function makeUnlinked({ world: { sheets } }: FakeServer): void {
  for (const sheet of sheets.sheets)
    Object.assign(sheet, {
      spreadsheet_id: null,
      url: null,
      last_status: null,
      last_good_at: null,
      last_check_at: null,
      next_due_at: null,
    })
  sheets.forecast = {
    ...sheets.forecast,
    expected: { read: 0, write: 0 },
    worst: { read: 0, write: 0 },
    links: [],
  }
}

/** Linked a moment ago: no run has ended. */
export function makeNew({ world }: FakeServer): void {
  for (const sheet of world.sheets.sheets) {
    Object.assign(sheet, { last_status: null, last_good_at: null, last_check_at: null })
    sheet.tabs = sheet.tabs.map((tab) => ({ ...tab, rows: 0 }))
  }
  world.sheets.statistics = world.sheets.statistics.map((of) => ({
    ...of,
    rows: 0,
    last_sync_at: null,
    last_status: null,
    runs: 0,
    rows_in: { last: 0, all: 0 },
    cells_out: { last: 0, all: 0 },
    duration_ms: { last: null, median: null },
    error_rate: 0,
  }))
  world.sheets.rows = { employee_settings: [], dynamic_rates: [], ranks: [] }
}

/** A run under way: one tab is done. */
export function makeSyncing({ world }: FakeServer): void {
  const run = runOf(world, 'reference', true)
  const [first] = run.report.parts
  Object.assign(run, { status: 'running', started_at: iso(Date.now() - 4_000) })
  if (first) Object.assign(first, { status: 'done', updated: 3 })
  world.runs.unshift(run)
}
