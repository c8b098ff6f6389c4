import type * as z from 'zod'
import type { SheetLink } from '../sync/protocol/config.ts'
import type { TableStatistics } from '../sync/protocol/reference.ts'
import { waysFor } from '../sync/protocol/sheet-conflicts.ts'
import type { SheetScript } from '../sync/protocol/sheets.ts'
import { count, duration, number, relative, table } from './print.ts'
import { whyInWords } from './run-words.ts'
import type { CountedSheet } from './sheets.ts'
import type { Paper } from './terminal.ts'

/** Whether a workbook or one of its tabs waits for somebody. */
export const needsPerson = ({
  spreadsheet_id,
  trouble,
  open_conflicts,
  last_status,
}: CountedSheet): boolean =>
  spreadsheet_id !== null && (trouble !== null || open_conflicts > 0 || last_status === 'failed')

export function sheetsInWords(sheets: readonly CountedSheet[], paper: Paper): string[] {
  if (sheets.length === 0) return ['No table is kept in a sheet.']
  return sheets.flatMap((sheet, i) => [...(i > 0 ? [''] : []), ...sheetInWords(sheet, paper)])
}

function sheetInWords(sheet: CountedSheet, paper: Paper): string[] {
  const { paint, now } = paper
  const { name, spreadsheet_id, check_minutes, next_due_at, last_good_at, tabs, open_conflicts } = sheet
  if (spreadsheet_id === null)
    return [
      `${paint.dim('–')} ${paint.bold(name)}  no workbook is linked`,
      paint.dim(`  tables: ${tabs.map((tab) => tab.table).join(', ')}`),
      paint.dim(`  link one: tidemark sheets link ${name} ADDRESS`),
    ]
  const due = next_due_at ? `, next ${relative(next_due_at, now)}` : ''
  return [
    `${needsPerson(sheet) ? paint.yellow('!') : paint.green('✓')} ${paint.bold(name)}  ${paint.dim(spreadsheet_id)}`,
    paint.dim(
      `  in step ${last_good_at ? relative(last_good_at, now) : 'not yet'}, looks every ${number(check_minutes)} min${due}`,
    ),
    ...(sheet.trouble ? whyInWords(sheet.trouble, paper) : []),
    '',
    ...tabsInWords(sheet, paper),
    ...tabs.flatMap((tab) => guardInWords(tab, paper)),
    ...(open_conflicts > 0
      ? ['', paint.yellow(`${count(open_conflicts, 'conflict')} open; see: tidemark conflicts --sheets`)]
      : []),
  ]
}

type Tab = CountedSheet['tabs'][number]

/** What holds a tab, and both answers. */
function guardInWords({ label, guard }: Tab, { paint }: Paper): string[] {
  if (!guard) return []
  return [
    '',
    `${paint.bold(label)} ${paint.yellow('is held')}: ${guard.detail}`,
    ...(waysFor(guard.kind) ?? []).map(
      ({ strategy, name }) => `  → ${name}: tidemark resolve ${guard.conflict} --strategy ${strategy}`,
    ),
  ]
}

const STATUS: Readonly<Record<NonNullable<TableStatistics['last_status']>, string>> = {
  waiting: 'waiting',
  done: 'in step',
  unchanged: 'in step',
  degraded: 'not read',
  failed: 'failed',
}

function tabsInWords({ tabs, statistics }: CountedSheet, paper: Paper): string[] {
  const rows = tabs.map((tab) => ({ tab, of: statistics.find((one) => one.table === tab.table) }))
  type Of = (typeof rows)[number]
  const statusOf = ({ tab, of }: Of) =>
    tab.guard ? 'held' : of ? (of.last_status ? STATUS[of.last_status] : 'not synced yet') : ''
  return table<Of>(
    [
      { title: 'table', cell: ({ tab }) => tab.table },
      { title: 'tab', cell: ({ tab }) => (tab.tab === tab.label ? '' : tab.tab), shrinks: true },
      {
        title: 'status',
        cell: statusOf,
        paint: (text) => (text === 'in step' ? text : paper.paint.yellow(text)),
      },
      { title: 'rows', cell: ({ tab }) => number(tab.rows), align: 'right' },
      { title: 'rows in', cell: ({ of }) => (of ? number(of.rows_in.all) : ''), align: 'right' },
      { title: 'cells out', cell: ({ of }) => (of ? number(of.cells_out.all) : ''), align: 'right' },
      {
        title: 'took',
        cell: ({ of }) => (of?.duration_ms.last == null ? '' : duration(of.duration_ms.last)),
        align: 'right',
      },
      {
        title: 'errors',
        cell: ({ of }) => (of && of.runs > 0 ? `${Number((of.error_rate * 100).toFixed(1))} %` : ''),
        align: 'right',
      },
      { title: 'calls today', cell: ({ of }) => (of ? number(of.calls.day) : ''), align: 'right' },
      {
        title: 'open',
        cell: ({ tab }) => (tab.open_conflicts > 0 ? number(tab.open_conflicts) : ''),
        align: 'right',
        paint: (text) => paper.paint.yellow(text),
      },
    ],
    rows,
    paper,
  )
}

/** What a link is set to now. */
export function linkedInWords(name: string, link: SheetLink, { paint }: Paper): string[] {
  const tabs = Object.entries(link.tabs).map(([of, title]) => `${of} in ${title}`)
  return [
    `${paint.green('✓')} ${paint.bold(name)} is kept in ${link.spreadsheet_id}`,
    `  looks every ${number(link.check_minutes)} min; changed on both sides: ${link.policy}`,
    ...(tabs.length > 0 ? [`  tabs: ${tabs.join(', ')}`] : []),
    paint.dim(`  next: tidemark sheets sync ${name}`),
  ]
}

/** The steps and the secret, beside the script. */
export const scriptInWords = ({ instructions, property, secret }: z.infer<typeof SheetScript>): string[] => [
  ...instructions.map((step, i) => `${i + 1}. ${step}`),
  `${property}  ${secret}`,
]
