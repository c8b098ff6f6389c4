import { useEffect } from 'preact/hooks'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { hear } from './live.ts'
import { refresh } from './reads.ts'
import { activeRuns } from './runs.ts'
import { isSheetPath } from './sheets.ts'

/** Sockets tell of runs and commits; when the next check is due, and what others configure, is asked this often (ms). */
const READ = 30_000

/** Keeps the view of the sheets up to date while it is there. */
export function useSheetsLive(sheets: readonly Sheet[] | undefined): void {
  const lanes = [...new Set(sheets?.filter(({ spreadsheet_id }) => spreadsheet_id).map(({ lane }) => lane))]
    .sort()
    .join('\n')
  useEffect(() => hear(lanes ? lanes.split('\n') : []), [lanes])
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && navigator.onLine) refresh(isSheetPath)
    }, READ)
    return () => clearInterval(timer)
  }, [])
}

/** The unfinished run of a link, as last heard of: the one that runs, or the oldest that waits. */
export const runOf = (link: string) => {
  const own = activeRuns.value.filter((run) => run.link === link)
  return own.find(({ status }) => status === 'running') ?? own[0]
}
