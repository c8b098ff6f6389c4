import type { RouteHandler } from '@hono/zod-openapi'
import { type LinkHistory, readLinkHistory } from '../../db/reads/sheets.ts'
import { type RunState, runFromRow } from '../../sync/engine/run-state.ts'
import type { TableStatistics } from '../../sync/protocol/reference.ts'
import type { PartReport } from '../../sync/protocol/runs.ts'
import { referenceLink } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './sheet-routes.ts'

export const referenceStatistics: RouteHandler<typeof routes.referenceStatistics, SmartSync> = async (c) => {
  const now = Date.now()
  const tables = Object.keys(referenceLink.ties)
  const history = await readLinkHistory(database(c.env), referenceLink.name, tables, now)
  const runs = history.runs.map(runFromRow)
  const [last] = runs
  return c.json(
    {
      link: referenceLink.name,
      running: history.unfinished,
      last_run: last ? { id: last.id, status: last.status, finished_at: maybeIso(last.finishedAt) } : null,
      tables: tables.map((table) => statisticsOf(table, runs, history)),
      timestamp: new Date(now).toISOString(),
    },
    200,
  )
}

function statisticsOf(table: string, runs: readonly RunState[], history: LinkHistory): TableStatistics {
  const seen = runs.map((run) => ({ run, part: run.report.parts.find(({ id }) => id === table) }))
  const good = seen.find((each) => !isError(each))
  const took = runs.flatMap(({ startedAt, finishedAt }) =>
    startedAt === null || finishedAt === null ? [] : [Math.max(0, finishedAt - startedAt)],
  )
  const [last] = seen
  const all = (of: (part: PartReport) => number) =>
    seen.reduce((sum, { part }) => sum + (part ? of(part) : 0), 0)
  return {
    table,
    rows: history.rows.get(table) ?? 0,
    last_sync_at: maybeIso(good?.run.finishedAt ?? null),
    // A run that found the workbook as it was names no tab.
    last_status: last ? (last.part?.status ?? (isError(last) ? 'failed' : 'unchanged')) : null,
    runs: runs.length,
    rows_in: { last: last?.part?.updated ?? 0, all: all(({ updated }) => updated) },
    cells_out: { last: last?.part?.sent ?? 0, all: all(({ sent }) => sent) },
    duration_ms: { last: took[0] ?? null, median: medianOf(took) },
    error_rate: runs.length === 0 ? 0 : seen.filter(isError).length / runs.length,
    calls: { last: last?.run.report.counts.calls ?? 0, day: history.callsOfDay },
  }
}

/** The table was not brought up to date: its own tab failed, or none was read. */
const isError = ({ run, part }: { run: RunState; part: PartReport | undefined }): boolean =>
  part
    ? part.status === 'failed' || part.status === 'degraded' || part.status === 'waiting'
    : run.status === 'failed' || run.status === 'degraded'

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [upper = 0, lower = 0] = [sorted[middle], sorted[middle - 1]]
  return sorted.length % 2 === 1 ? upper : Math.round((upper + lower) / 2)
}

const maybeIso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
