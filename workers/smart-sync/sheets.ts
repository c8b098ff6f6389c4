import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { type LinksFacts, readLinksFacts } from '../../db/reads/sheets.ts'
import { isGuard } from '../../sync/engine/guard-kinds.ts'
import { SheetLink } from '../../sync/protocol/config.ts'
import type { Sheet } from '../../sync/protocol/sheets.ts'
import {
  type BothWayLink,
  bothWayLinks,
  bothWayNames,
  referenceLink,
  SHARED,
  sheetName,
} from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './sheet-routes.ts'

export const listSheets: RouteHandler<typeof routes.listSheets, SmartSync> = async (c) => {
  const tables = [...new Set(bothWayLinks.flatMap(({ ties }) => Object.keys(ties)))]
  const settings = bothWayLinks.map(settingKey)
  const facts = await readLinksFacts(database(c.env), bothWayNames, settings, tables)
  // Whose rows everybody may read; how many rows others have is not for a user to know.
  const shown = c.get('actor').role === 'admin' ? bothWayLinks : [referenceLink]
  return c.json(
    shown.map((link) => sheetView(link, facts, c.env.GOOGLE_ORIGIN)),
    200,
  )
}

/** Key of the setting that says which workbook a link is about. */
export const settingKey = ({ config }: BothWayLink): string => config?.schedule ?? ''

function sheetView(link: BothWayLink, facts: LinksFacts, origin = 'https://docs.google.com'): Sheet {
  const setting = facts.settings.find(({ key }) => key === settingKey(link))
  const set = SheetLink.parse(setting ? JSON.parse(String(setting.value)) : {})
  const state = facts.states.find((row) => row.link === link.name && row.scope === SHARED)
  const open = facts.conflicts.filter((row) => row.link === link.name)
  const held = new Set(open.filter(isStopped).map(partOf))
  // What a guard stopped is said where it is asked.
  const failed = facts.failed.find((row) => row.link === link.name && !held.has(row.part))
  const ping = facts.pings.find((row) => row.link === link.name)
  return {
    name: sheetName(link),
    link: link.name,
    lane: link.lane(SHARED),
    setting: settingKey(link),
    spreadsheet_id: set.spreadsheet_id,
    url: set.spreadsheet_id && `${origin}/spreadsheets/d/${set.spreadsheet_id}`,
    check_minutes: set.check_minutes,
    tabs: Object.values(link.ties).map(({ table }) => {
      const own = open.filter((row) => partOf(row) === table.name)
      const stopped = own.find(isStopped)
      return {
        table: table.name,
        label: table.device.label,
        tab: set.tabs[table.name] ?? table.device.label,
        policy: set.policies[table.name] ?? set.policy,
        rows: facts.rows.get(table.name) ?? 0,
        open_conflicts: own.length,
        guard: stopped
          ? { conflict: String(stopped.id), kind: String(stopped.kind), detail: String(stopped.detail) }
          : null,
      }
    }),
    last_status: (state?.last_status ?? null) as Sheet['last_status'],
    last_good_at: maybeIso(state?.last_good_at),
    last_check_at: maybeIso(state?.last_check_at),
    next_due_at: maybeIso(state?.next_due_at),
    trouble: troubleOf(state?.trouble) ?? (failed ? whyOf(failed) : null),
    open_conflicts: open.length,
    last_ping_at: maybeIso(ping?.at),
  }
}

const partOf = ({ part, tbl }: Row) => part ?? tbl
const isStopped = ({ kind }: Row) => isGuard({ kind: String(kind) })
const whyOf = ({ reason, mend }: Row) => ({ reason: String(reason), mend: String(mend ?? '') })

const troubleOf = (text: unknown): Sheet['trouble'] => {
  if (text == null) return null
  const { reason, mend } = JSON.parse(String(text)) as { reason: string; mend: string }
  return { reason, mend }
}

const maybeIso = (at: unknown): string | null => (at == null ? null : new Date(Number(at)).toISOString())
