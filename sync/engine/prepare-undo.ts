import type { Row, Statement } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { Proposal } from '../protocol/lane.ts'
import { conflictOf } from './changes.ts'
import type { Ask } from './facts.ts'
import { pinOwned } from './pin-owned.ts'
import type { Engine } from './ports.ts'
import type { Declared, Prepared } from './prepare.ts'
import { type Past, type Reopened, undo } from './undo.ts'

/** Reads what is undone: its history, and the conflicts that it settled and opened. */
export async function prepareUndo(
  engine: Engine,
  declared: Declared,
  lane: string,
  { of, pin }: Extract<Proposal, { type: 'undo' }>,
): Promise<Prepared | Failure> {
  const [history, settled, opened] = await engine.database.batch(pastStatements(lane, of))
  const rows = history?.rows ?? []
  if (rows.length + (opened?.rows ?? []).length === 0)
    return {
      type: 'not_found',
      detail: 'Nothing that could be undone was found.',
      mend: 'See the history of the row.',
    }
  const past = rows.map(
    (row): Past => ({
      tbl: String(row.tbl),
      key: String(row.key),
      op: String(row.op),
      before: row.before == null ? null : (JSON.parse(String(row.before)) as Row),
      after: JSON.parse(String(row.after ?? '{}')) as Row,
    }),
  )
  const reopened = await reopenedBy(engine, lane, rows)
  const asked = (opened?.rows ?? []).map(conflictOf)
  const times = new Set(rows.map(({ at }) => Number(at)))
  const ended = new Set(past.flatMap(({ op, after }) => (op === 'resolve' ? [after.conflict] : [])))
  const conflicts = {
    settled: (settled?.rows ?? []).map(conflictOf),
    opened: asked.filter(({ id, openedAt }) => ('run' in of || times.has(openedAt)) && !ended.has(id)),
    amended: asked.filter(({ openedAt }) => !('run' in of || times.has(openedAt))),
    reopened,
  }
  const names = [...new Set([...past, ...conflicts.settled, ...asked].map(({ tbl }) => tbl))]
  return {
    asks: names.flatMap((name): Ask[] => {
      const table = declared.tables.get(name)
      const own = past.filter(({ tbl }) => tbl === name)
      return table
        ? [
            {
              table,
              keys: own.map(({ key }) => key),
              values: own.map(({ before }) => before ?? {}),
              open: true,
            },
          ]
        : []
    }),
    work: (work) => {
      const skips = undo(work, past, conflicts)
      if (pin) pinOwned(work, declared.links, 'undone')
      return skips
    },
  }
}

/** Conflicts that were open again by what is undone, and that nobody has asked anew since. */
async function reopenedBy(engine: Engine, lane: string, history: readonly Row[]): Promise<Reopened[]> {
  const ended = new Map(
    history
      .filter(({ op }) => op === 'reopen')
      .map(({ before, version }) => {
        const { conflict, resolution } = JSON.parse(String(before)) as Row
        return [String(conflict), { resolution: resolution ?? null, version: Number(version) }]
      }),
  )
  if (ended.size === 0) return []
  const [found] = await engine.database.batch([
    {
      sql: `SELECT * FROM conflicts WHERE id IN (SELECT value FROM json_each(?1)) AND lane = ?2 AND resolved_at IS NULL`,
      params: [JSON.stringify([...ended.keys()]), lane],
    },
  ])
  return (found?.rows ?? []).map(conflictOf).flatMap((conflict): Reopened[] => {
    const { resolution = null, version = 0 } = ended.get(conflict.id) ?? {}
    return resolution === null || conflict.version > version
      ? []
      : [{ conflict, resolution: String(resolution) }]
  })
}

/** The history of what is undone, the conflicts that it settled, and those that it opened; of a resolution, those of its row. */
function pastStatements(lane: string, of: Extract<Proposal, { type: 'undo' }>['of']): Statement[] {
  if ('run' in of) {
    // A run's history lies above that of the time before it was asked for.
    const floor = `coalesce((SELECT version FROM history WHERE lane = ?1
        AND at < (SELECT enqueued_at FROM runs WHERE id = ?2) ORDER BY version DESC LIMIT 1), 0)`
    return [
      {
        sql: `SELECT * FROM history WHERE lane = ?1 AND version > ${floor} AND run_id = ?2 ORDER BY version, n`,
        params: [lane, of.run],
      },
      { sql: 'SELECT * FROM conflicts WHERE false', params: [] },
      { sql: 'SELECT * FROM conflicts WHERE lane = ?1 AND run_id = ?2', params: [lane, of.run] },
    ]
  }
  const one = '(SELECT resolved_version, tbl, key FROM conflicts WHERE id = ?2 AND lane = ?1)'
  // Others that the same commit settled, or what else a push said in it, are not what is undone.
  const [among, params] =
    'version' in of
      ? [(column: string) => `${column} = ?2`, [lane, of.version]]
      : [(column: string) => `(${column}, tbl, key) = ${one}`, [lane, of.resolution]]
  return [
    { sql: `SELECT * FROM history WHERE lane = ?1 AND ${among('version')} ORDER BY n`, params },
    { sql: `SELECT * FROM conflicts WHERE lane = ?1 AND ${among('resolved_version')}`, params },
    { sql: `SELECT * FROM conflicts WHERE lane = ?1 AND ${among('version')}`, params },
  ]
}
