import type { Database, Row } from '../../db/database.ts'
import { declarationHash, type LinkDeclaration, type List, type Schedule } from './declare.ts'
import { digest } from './digest.ts'
import type { Part, RemoteColumn, Warning } from './ports.ts'
import type { LinkState, RunFrame } from './run-state.ts'

/** Reads what a run works with, in one batch. null: the scope is gone. */
export async function readFrame(
  database: Database,
  link: LinkDeclaration,
  scope: string,
): Promise<RunFrame | null> {
  const { schedule = '', aliases = '', connection = '' } = link.config ?? {}
  const results = await database.batch([
    link.scopes.target(scope),
    link.scopes.parts(scope),
    { sql: 'SELECT * FROM link_state WHERE link = ?1 AND scope = ?2', params: [link.name, scope] },
    {
      sql: 'SELECT key, value FROM config WHERE key IN (?1, ?2, ?3)',
      params: [schedule, aliases, connection],
    },
    {
      sql: 'SELECT page, live, warnings FROM link_pages WHERE link = ?1 AND scope = ?2',
      params: [link.name, scope],
    },
    {
      sql: 'SELECT version FROM inbox_heads WHERE lane = ?1 AND tbl = ?2',
      params: [link.lane(scope), link.inbox?.table.name ?? ''],
    },
    link.scopes.subjects?.(scope) ?? { sql: 'SELECT 1 WHERE false', params: [] },
    link.ties
      ? {
          // A part without a fingerprint is read whatever changed here: nobody looks back as far as to its last merge.
          sql: `SELECT tbl, max(version) AS version FROM history
            WHERE lane = ?1 AND op IN ('insert', 'update', 'delete', 'resolve', 'reopen') AND version >
              (SELECT min(j.value) FROM link_state s, json_each(s.inbox) j
                WHERE s.link = ?2 AND s.scope = ?3 AND j.key IN (SELECT f.key FROM json_each(s.fingerprints) f))
            GROUP BY tbl`,
          params: [link.lane(scope), link.name, scope],
        }
      : { sql: 'SELECT 1 WHERE false', params: [] },
  ])
  const [target, parts, state, config, pages, inbox, subjects, changed] = results.map((result) => result.rows)
  if (!target?.[0] || !parts || !config || !pages || !subjects) return null
  const settings = new Map(config.map((row) => [String(row.key), JSON.parse(String(row.value)) as unknown]))
  const columns = withAliases(link.columns, settings.get(aliases))
  const own = { ...asRecord(settings.get(connection)), ...asRecord(settings.get(schedule)) }
  return {
    link,
    target: target[0],
    parts: parts.map(partOf),
    columns,
    schedule: scheduleOf(link.schedule, settings.get(schedule)),
    settings: own,
    ahead: Math.max(1, Math.trunc(Number(own.concurrency ?? 1))),
    list: link.list ? listOf(link.list, own) : null,
    hash: digest(declarationHash(link) + JSON.stringify(columns)),
    subjects,
    state: stateOf(state?.[0]),
    inboxHead: Number(inbox?.[0]?.version ?? 0),
    outgoing: Object.fromEntries((changed ?? []).map(({ tbl, version }) => [String(tbl), Number(version)])),
    pages: Object.fromEntries(
      pages.map((row) => [
        String(row.page),
        { live: Number(row.live), warnings: JSON.parse(String(row.warnings)) as Warning[] },
      ]),
    ),
  }
}

/**
 * A part's fingerprint: the remote's stamp, and what the part was read with. Another spreadsheet, another header alias or
 * a switched write-back is a change too, though the remote's stamp is the same.
 */
export const fingerprintOf = (frame: RunFrame, part: Part, stamp: string): string =>
  `${stamp}:${digest(JSON.stringify([frame.hash, frame.target, part]))}`

const partOf = ({ id, name, time_zone, ...options }: Row): Part => ({
  id: String(id),
  name: String(name),
  timeZone: String(time_zone ?? 'UTC'),
  options,
})

type ScheduleWord =
  | 'check_minutes'
  | 'every_hours'
  | 'full_hours'
  | 'login_hours'
  | 'stale_days'
  | 'lazy_minutes'
const HOUR = 3_600_000

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

/** An operator's `{ probe, probe_pages, overlap_days }` over what the link declares. */
export function listOf(declared: List, config: Readonly<Record<string, unknown>>): List {
  const set = config as { probe?: List['probe']; probe_pages?: number; overlap_days?: number }
  return {
    ...declared,
    probe: set.probe ?? declared.probe,
    probePages: set.probe_pages ?? declared.probePages,
    ...(set.overlap_days === undefined ? {} : { overlap: set.overlap_days * 24 * HOUR }),
  }
}

/** An operator's `{ check_minutes | every_hours, full_hours }` over the declared schedule. */
export function scheduleOf(declared: Schedule, config: unknown): Schedule {
  const set = (config ?? {}) as Partial<Record<ScheduleWord, number>>
  const minutes = set.check_minutes ?? (set.every_hours === undefined ? undefined : set.every_hours * 60)
  return {
    ...declared,
    check: minutes === undefined ? declared.check : minutes * 60_000,
    full: set.full_hours === undefined ? declared.full : set.full_hours * HOUR,
    ...(declared.login === undefined || set.login_hours === undefined
      ? {}
      : { login: set.login_hours * HOUR }),
    ...(declared.reconnect === undefined || set.stale_days === undefined
      ? {}
      : { reconnect: set.stale_days * 24 * HOUR }),
    ...(declared.lazy === undefined || set.lazy_minutes === undefined
      ? {}
      : { lazy: set.lazy_minutes * 60_000 }),
  }
}

/** An operator's `{ column: [header, …] }` beside the declared aliases. */
function withAliases(
  declared: Readonly<Record<string, RemoteColumn>>,
  config: unknown,
): Record<string, RemoteColumn> {
  const more = (config ?? {}) as Record<string, readonly string[]>
  return Object.fromEntries(
    Object.entries(declared).map(([name, column]) => [
      name,
      { ...column, aliases: [...column.aliases, ...(more[name] ?? [])] },
    ]),
  )
}

function stateOf(row: Row | undefined): LinkState | null {
  if (!row) return null
  return {
    fingerprints: JSON.parse(String(row.fingerprints)),
    inbox: JSON.parse(String(row.inbox)),
    deletions: JSON.parse(String(row.deletions)),
    memory: JSON.parse(String(row.memory)),
    lastFullAt: row.last_full_at === null ? null : Number(row.last_full_at),
    lastGoodAt: row.last_good_at === null ? null : Number(row.last_good_at),
    nextDueAt: Number(row.next_due_at),
    attempt: Number(row.attempt),
    list: JSON.parse(String(row.list)),
    checks: Number(row.checks),
    skips: Number(row.skips),
    target: row.target == null ? null : String(row.target),
  }
}
