import type * as z from 'zod'
import type { ReferenceStatistics, TableStatistics } from '../../sync/protocol/reference.ts'
import type { Sheet, SheetScript, SheetsForecast } from '../../sync/protocol/sheets.ts'
import { ago, DAY } from './data.ts'

const tab = (table: string, label: string, rows: number): Sheet['tabs'][number] => ({
  table,
  label,
  tab: label,
  policy: 'sheet',
  rows,
  open_conflicts: 0,
  guard: null,
})

export const tabs = [
  tab('employee_settings', 'EmployeeSettings', 7),
  tab('dynamic_rates', 'DynamicRates', 4),
  { ...tab('ranks', 'Ranks', 6), tab: 'Ränge' },
]

export const sheet = (over: Partial<Sheet> = {}): Sheet => ({
  name: 'reference',
  link: 'reference.sheet',
  lane: 'reference',
  setting: 'sheets.reference',
  spreadsheet_id: '1AbC_d-9',
  url: 'https://docs.google.com/spreadsheets/d/1AbC_d-9/edit',
  check_minutes: 5,
  tabs,
  last_status: 'done',
  last_good_at: ago(DAY / 24),
  last_check_at: ago(DAY / 24),
  next_due_at: ago(-2 * 60_000),
  trouble: null,
  open_conflicts: 0,
  last_ping_at: null,
  ...over,
})

const counted = (table: string, rows: number): TableStatistics => ({
  table,
  rows,
  last_sync_at: ago(DAY / 24),
  last_status: 'done',
  runs: 50,
  rows_in: { last: 1, all: 214 },
  cells_out: { last: 2, all: 1_318 },
  duration_ms: { last: 840, median: 610 },
  error_rate: 0.02,
  calls: { last: 3, day: 312 },
})

export const statistics: z.infer<typeof ReferenceStatistics> = {
  link: 'reference.sheet',
  running: null,
  last_run: { id: '01RUN9', status: 'done', finished_at: ago(DAY / 24) },
  tables: tabs.map(({ table, rows }) => counted(table, rows)),
  timestamp: ago(0),
}

export const forecast = (over: Partial<SheetsForecast['links'][number]> = {}): SheetsForecast => ({
  limits: { read: 60, write: 60 },
  expected: { read: 6, write: 0.01 },
  worst: { read: over.exceeds ? 74 : 24, write: 12 },
  links: [
    {
      name: 'reference',
      kind: 'tables',
      check_minutes: 5,
      expected_share: 0.1,
      worst_share: 0.4,
      exceeds: false,
      fits_minutes: null,
      ...over,
    },
  ],
  timestamp: ago(0),
})

export const script: z.infer<typeof SheetScript> = {
  name: 'reference',
  spreadsheet_id: '1AbC_d-9',
  script: "const ADDRESS = 'https://tidemark.example/hooks/sheets'\nfunction changed() {}\n",
  address: 'https://tidemark.example/hooks/sheets',
  secret: 'whsec_c2VjcmV0',
  property: 'TIDEMARK_SECRET',
  instructions: ['Open Extensions > Apps Script.', 'Run connect.'],
}

export const started = { success: true, answer: 'queued', run_id: '01RUN9', timestamp: ago(0) } as const

export const setting = {
  key: 'sheets.reference',
  value: { spreadsheet_id: null, tabs: { ranks: 'Ränge' }, check_minutes: 5, full_hours: 6, policy: 'sheet' },
  updated_at: ago(0),
  updated_by: 'Ada',
}
