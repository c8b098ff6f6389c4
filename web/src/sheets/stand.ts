import type { TableStatistics } from '../../../sync/protocol/reference.ts'
import type { PartReport, Run } from '../../../sync/protocol/runs.ts'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import type { Tab } from '../data/sheets.ts'
import type { IconName } from '../parts/icons.tsx'

/** How a tab or a workbook stands: in words, with a tone and a mark beside them. */
export interface Stand {
  readonly text: string
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet' | 'busy'
  readonly icon: IconName
}

const STANDS = {
  held: { text: 'Held', tone: 'warn', icon: 'paused' },
  failed: { text: 'Failed', tone: 'bad', icon: 'failed' },
  trouble: { text: 'Can’t be read', tone: 'warn', icon: 'degraded' },
  syncing: { text: 'Syncing', tone: 'busy', icon: 'running' },
  queued: { text: 'Waiting', tone: 'quiet', icon: 'queued' },
  never: { text: 'Not synced yet', tone: 'quiet', icon: 'waiting' },
  asks: { text: 'In step, but for questions', tone: 'warn', icon: 'conflict' },
  good: { text: 'In step', tone: 'good', icon: 'done' },
  off: { text: 'Not linked', tone: 'quiet', icon: 'delete' },
} as const satisfies Record<string, Stand>

/** What a tab's stand follows from, beside the tab. */
export interface Around {
  readonly sheet: Sheet
  /** Of its table, where it is counted */
  readonly statistics: TableStatistics | undefined
  /** The unfinished run of the link */
  readonly run: Run | undefined
}

/** What a person should know first of a tab. */
export function standOfTab(tab: Tab, { sheet, statistics, run }: Around): Stand {
  if (tab.guard) return STANDS.held
  const part = run?.report.parts.find(({ id }) => id === tab.table)
  if (run && isUnderWay(run, part)) return run.status === 'queued' ? STANDS.queued : STANDS.syncing
  const status = statistics?.last_status ?? sheet.last_status
  if (status === 'failed') return STANDS.failed
  if (status === 'degraded') return STANDS.trouble
  if ((statistics?.last_sync_at ?? sheet.last_good_at) === null) return STANDS.never
  return tab.open_conflicts > 0 ? STANDS.asks : STANDS.good
}

const isUnderWay = (run: Run, part: PartReport | undefined) =>
  (run.parts === null || part !== undefined) && (part === undefined || part.status === 'waiting')

/** What a person should know first of a workbook. */
export function standOfSheet(
  sheet: Sheet,
  statistics: readonly TableStatistics[],
  run: Run | undefined,
): Stand {
  if (sheet.spreadsheet_id === null) return STANDS.off
  const stands = sheet.tabs.map((tab) =>
    standOfTab(tab, { sheet, run, statistics: statistics.find(({ table }) => table === tab.table) }),
  )
  return URGENT.find((stand) => stands.includes(stand)) ?? (sheet.trouble ? STANDS.trouble : STANDS.good)
}

const URGENT: readonly Stand[] = [
  STANDS.failed,
  STANDS.held,
  STANDS.trouble,
  STANDS.syncing,
  STANDS.queued,
  STANDS.never,
  STANDS.asks,
]
