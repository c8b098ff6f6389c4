import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { type ForecastFacts, readForecastFacts } from '../../db/reads/sheets.ts'
import { scheduleOf } from '../../sync/engine/run-frame.ts'
import { SheetLink } from '../../sync/protocol/config.ts'
import type { Report } from '../../sync/protocol/runs.ts'
import { type CallsByKind, forecast, type ScheduledLink } from '../../sync/remotes/google-sheets/forecast.ts'
import { bothWayLinks, bothWayNames, linkNamed, SHARED, SHEET_LINK, sheetName } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './sheet-routes.ts'
import { settingKey } from './sheets.ts'

/** The cron looks this often, in milliseconds: a shorter interval is this one. */
const TICK = 5 * 60_000
/** Calls of a run that found something, where there was none yet: the tabs' list and their cells; read again, written */
const READS: CallsByKind = { read: 2, write: 0 }
const WRITES: CallsByKind = { read: 3, write: 2 }

export const sheetsForecast: RouteHandler<typeof routes.sheetsForecast, SmartSync> = async (c) => {
  const smartSync = linkNamed(SHEET_LINK)
  const facts = await readForecastFacts(
    database(c.env),
    [SHEET_LINK, ...bothWayNames],
    [smartSync.config?.schedule ?? '', ...bothWayLinks.map(settingKey)],
  )
  const settings = new Map(
    facts.settings.map(({ key, value }) => [key, JSON.parse(String(value)) as unknown]),
  )
  const tables = bothWayLinks.flatMap((link): Scheduled[] => {
    const set = settings.get(settingKey(link))
    if (SheetLink.parse(set ?? {}).spreadsheet_id === null) return []
    const { check } = scheduleOf(link.schedule, set)
    return [{ kind: 'tables', name: sheetName(link), check, ...pastOf(facts, link.name, SHARED, WRITES) }]
  })
  const workspaces = facts.workspaces.map(({ id, write_back }): Scheduled => {
    const { check } = scheduleOf(smartSync.schedule, settings.get(smartSync.config?.schedule ?? ''))
    const usual = write_back === 1 ? WRITES : READS
    return { kind: 'workspace', name: String(id), check, ...pastOf(facts, SHEET_LINK, String(id), usual) }
  })
  const scheduled = [...tables, ...workspaces]
  const { limits, expected, worst, links } = forecast(
    scheduled.map((link) => ({ ...link, check: Math.max(TICK, link.check) })),
  )
  return c.json(
    {
      limits,
      expected,
      worst,
      links: links.map((link, i) => ({
        name: link.name,
        kind: scheduled[i]?.kind ?? 'tables',
        check_minutes: (scheduled[i]?.check ?? 0) / 60_000,
        expected_share: link.expectedShare,
        worst_share: link.worstShare,
        exceeds: link.exceeds,
        fits_minutes: link.fits,
      })),
      timestamp: new Date().toISOString(),
    },
    200,
  )
}

interface Scheduled extends ScheduledLink {
  readonly kind: 'tables' | 'workspace'
}

/** How often checks found something, and what the runs that did have called. `without`: where there was none. */
function pastOf(
  facts: ForecastFacts,
  link: string,
  scope: string,
  without: CallsByKind,
): Pick<ScheduledLink, 'found' | 'usual' | 'most'> {
  const of = (row: Row) => row.link === link && row.scope === scope
  const state = facts.states.find(of)
  const checks = Number(state?.checks ?? 0)
  const runs = facts.runs.filter(of).map(({ report }) => callsOf(JSON.parse(String(report)) as Report))
  const mean = (kind: keyof CallsByKind) => runs.reduce((sum, run) => sum + run[kind], 0) / runs.length
  const most = (kind: keyof CallsByKind) => runs.reduce((top, run) => Math.max(top, run[kind]), without[kind])
  return {
    found: checks === 0 ? null : 1 - Number(state?.skips ?? 0) / checks,
    usual: runs.length === 0 ? without : { read: mean('read'), write: mean('write') },
    most: { read: most('read'), write: most('write') },
  }
}

/**
 * A run counts its calls together. The first asks Drive; each tab that was written to took one to write, and the others read.
 */
function callsOf({ counts, parts }: Report): CallsByKind {
  const asked = Math.max(0, counts.calls - 1)
  const write = Math.min(asked, parts.filter(({ sent }) => sent > 0).length)
  return { read: asked - write, write }
}
