import { type Database, type Row, statement } from '../database.ts'

/** What tells whether a link's rows are old, and whether somebody is at it already. */
export interface Freshness {
  readonly lastGoodAt: number | null
  /** What an operator set for the link, as JSON; null: nothing */
  readonly setting: string | null
  /** A run waits or runs */
  readonly going: boolean
  /** The scope is there and synced */
  readonly exists: boolean
}

/** In one batch; `target` is the link's own question whether the scope is there. */
export async function readFreshness(
  database: Database,
  of: { readonly link: string; readonly scope: string; readonly lane: string; readonly setting: string },
  target: { readonly sql: string; readonly params: readonly (string | number | null)[] },
): Promise<Freshness> {
  const [state, setting, going, scope] = await database.batch([
    statement('SELECT last_good_at FROM link_state WHERE link = ?1 AND scope = ?2', of.link, of.scope),
    statement('SELECT value FROM config WHERE key = ?1', of.setting),
    statement(
      'SELECT 1 FROM runs WHERE lane = ?1 AND link = ?2 AND scope = ?3 AND finished_at IS NULL LIMIT 1',
      of.lane,
      of.link,
      of.scope,
    ),
    target,
  ])
  const first = (rows: readonly Row[] | undefined) => rows?.[0]
  const at = first(state?.rows)?.last_good_at
  const value = first(setting?.rows)?.value
  return {
    lastGoodAt: at == null ? null : Number(at),
    setting: value == null ? null : String(value),
    going: first(going?.rows) !== undefined,
    exists: first(scope?.rows) !== undefined,
  }
}
