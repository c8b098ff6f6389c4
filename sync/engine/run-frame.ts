import type { Database, Row } from '../../db/database.ts'
import { declarationHash, type LinkDeclaration, type Schedule } from './declare.ts'
import { digest } from './digest.ts'
import type { Part, RemoteColumn, Warning } from './ports.ts'
import type { LinkState, RunFrame } from './run-state.ts'

/** Reads what a run works with, in one batch. null: the scope is gone. */
export async function readFrame(
  database: Database,
  link: LinkDeclaration,
  scope: string,
): Promise<RunFrame | null> {
  const keys = [link.config?.schedule ?? '', link.config?.aliases ?? '']
  const results = await database.batch([
    link.scopes.target(scope),
    link.scopes.parts(scope),
    { sql: 'SELECT * FROM link_state WHERE link = ?1 AND scope = ?2', params: [link.name, scope] },
    { sql: 'SELECT key, value FROM config WHERE key IN (?1, ?2)', params: keys },
    {
      sql: 'SELECT page, live, warnings FROM link_pages WHERE link = ?1 AND scope = ?2',
      params: [link.name, scope],
    },
    {
      sql: 'SELECT version FROM inbox_heads WHERE lane = ?1 AND tbl = ?2',
      params: [link.lane(scope), link.inbox?.table.name ?? ''],
    },
    link.scopes.subjects?.(scope) ?? { sql: 'SELECT 1 WHERE false', params: [] },
  ])
  const [target, parts, state, config, pages, inbox, subjects] = results.map((result) => result.rows)
  if (!target?.[0] || !parts || !config || !pages || !subjects) return null
  const settings = new Map(config.map((row) => [String(row.key), JSON.parse(String(row.value)) as unknown]))
  const columns = withAliases(link.columns, settings.get(keys[1] ?? ''))
  return {
    link,
    target: target[0],
    parts: parts.map(partOf),
    columns,
    schedule: scheduleOf(link.schedule, settings.get(keys[0] ?? '')),
    hash: digest(declarationHash(link) + JSON.stringify(columns)),
    subjects,
    state: stateOf(state?.[0]),
    inboxHead: Number(inbox?.[0]?.version ?? 0),
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

/** An operator's `{ check_minutes | every_hours, full_hours }` over the declared schedule. */
export function scheduleOf(declared: Schedule, config: unknown): Schedule {
  const set = (config ?? {}) as { check_minutes?: number; every_hours?: number; full_hours?: number }
  const minutes = set.check_minutes ?? (set.every_hours === undefined ? undefined : set.every_hours * 60)
  return {
    ...declared,
    check: minutes === undefined ? declared.check : minutes * 60_000,
    full: set.full_hours === undefined ? declared.full : set.full_hours * 3_600_000,
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
    nextDueAt: Number(row.next_due_at),
    attempt: Number(row.attempt),
  }
}
