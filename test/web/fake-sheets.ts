import type * as z from 'zod'
import type { DynamicRate, EmployeeSetting, Rank, TableStatistics } from '../../sync/protocol/reference.ts'
import type { Sheet, SheetScript, SheetsForecast } from '../../sync/protocol/sheets.ts'
import { iso } from './fake-data.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Workbooks that are synced both ways, as the fake server knows them. */
export interface FakeSheets {
  sheets: Sheet[]
  statistics: TableStatistics[]
  forecast: SheetsForecast
  rows: Record<string, (EmployeeSetting | DynamicRate | Rank)[]>
  script: z.infer<typeof SheetScript>
  /** What was put under `sheets.<name>` */
  config: Record<string, Record<string, unknown>>
}

/** The reference tables, linked and in step. */
export function makeSheets(now: number): FakeSheets {
  const rows = referenceRows(now)
  const sheet: Sheet = {
    name: 'reference',
    link: 'reference.sheet',
    lane: 'reference',
    setting: 'sheets.reference',
    spreadsheet_id: 'wb-7aKq2mfV0pQx',
    url: 'https://docs.google.com/spreadsheets/d/wb-7aKq2mfV0pQx/edit',
    check_minutes: 5,
    last_status: 'unchanged',
    last_good_at: iso(now - 2 * MINUTE),
    last_check_at: iso(now - 2 * MINUTE),
    next_due_at: iso(now + 3 * MINUTE),
    trouble: null,
    last_ping_at: null,
    open_conflicts: 0,
    tabs: [
      tab('employee_settings', 'EmployeeSettings', rows),
      tab('dynamic_rates', 'DynamicRates', rows),
      { ...tab('ranks', 'Ranks', rows), tab: 'Ränge', policy: 'manual' },
    ],
  }
  const statistics = sheet.tabs.map(({ table, rows: count }) => statisticsOf(table, count, now))
  return { sheets: [sheet], statistics, forecast: forecastOf(now), rows, script: SCRIPT, config: {} }
}

const tab = (table: string, label: string, rows: FakeSheets['rows']): Sheet['tabs'][number] => ({
  table,
  label,
  tab: label,
  policy: 'sheet',
  rows: rows[table]?.length ?? 0,
  open_conflicts: 0,
  guard: null,
})

const statisticsOf = (table: string, rows: number, now: number): TableStatistics => ({
  table,
  rows,
  last_sync_at: iso(now - 2 * MINUTE),
  last_status: 'unchanged',
  runs: 50,
  rows_in: { last: 0, all: 214 },
  cells_out: { last: 2, all: 1_318 },
  duration_ms: { last: 840, median: 610 },
  error_rate: 0.02,
  calls: { last: 1, day: 312 },
})

const forecastOf = (now: number): SheetsForecast => ({
  limits: { read: 60, write: 60 },
  expected: { read: 0.26, write: 0.02 },
  worst: { read: 0.8, write: 0.2 },
  links: [
    {
      name: 'reference',
      kind: 'tables',
      check_minutes: 5,
      expected_share: 0.0035,
      worst_share: 0.0067,
      exceeds: false,
      fits_minutes: null,
    },
    {
      name: 'main',
      kind: 'workspace',
      check_minutes: 30,
      expected_share: 0.0008,
      worst_share: 0.0067,
      exceeds: false,
      fits_minutes: null,
    },
  ],
  timestamp: iso(now),
})

const SCRIPT: FakeSheets['script'] = {
  spreadsheet_id: 'wb-7aKq2mfV0pQx',
  property: 'TIDEMARK_SECRET',
  name: 'reference',
  address: 'https://tidemark.example/hooks/sheets',
  script: `// Tells Tidemark that somebody edited this workbook.\nfunction changed(event) {\n  const body = JSON.stringify({ at: Date.now() })\n  UrlFetchApp.fetch(URL, { method: 'post', payload: body, headers: signed(body) })\n}\n`,
  secret: 'whsec_c2hvcnQgYW5kIG9ubHkgZm9yIHRoZSB0ZXN0cw==',
  instructions: [
    'In the workbook open Extensions › Apps Script, and paste the script.',
    'Under Project settings › Script properties add TIDEMARK_SECRET, with the secret.',
    'Run connect once, and allow what it asks for.',
  ],
}

function referenceRows(now: number): FakeSheets['rows'] {
  const meta = (i: number) => ({
    last_synced_at: iso(now - 2 * MINUTE),
    last_modified_at: iso(now - (i + 1) * HOUR),
    source: i % 3 === 1 ? ('local' as const) : ('sheets' as const),
    sync_status: i === 2 ? ('conflict' as const) : i === 4 ? ('pending' as const) : ('synced' as const),
    version: 20 + i,
  })
  const names = [
    'Amara Okafor',
    'Tomás Herrera-Villanueva de la Fuente',
    'Yuki Tanabe',
    null,
    'Farid Haddad',
    'Nora Lindqvist',
  ]
  return {
    employee_settings: names.map((name, i) => ({
      id: `E-00${i + 1}`,
      name,
      hourly_wage: 1_490 + i * 165,
      commission: 0.04 + i * 0.0125,
      ...meta(i),
    })),
    dynamic_rates: [0, 50_000, 250_000, 1_000_000].map((from, i, all) => ({
      id: `r${i}`,
      range_from: from,
      range_to: all[i + 1] ?? null,
      rate: 0.03 + i * 0.02,
      ...meta(i),
    })),
    ranks: ['Newcomer', 'Regular', 'Captain', 'Legend'].map((name, i) => ({
      id: `k${i}`,
      name,
      min_amount: i * 100_000,
      max_amount: i === 3 ? null : (i + 1) * 100_000,
      bonus: i === 0 ? null : i * 2_500,
      emoji: ['🌱', '⭐', '⚓', '👑'][i] ?? null,
      ...meta(i),
    })),
  }
}
