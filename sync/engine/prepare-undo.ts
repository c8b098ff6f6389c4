import type { Row, Statement } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { Proposal } from '../protocol/lane.ts'
import { conflictOf } from './changes.ts'
import type { Ask } from './facts.ts'
import { pinOwned } from './pin-owned.ts'
import type { Engine } from './ports.ts'
import type { Declared, Prepared } from './prepare.ts'
import { rowsOf } from './resolve.ts'
import { type Past, type Reopened, undo } from './undo.ts'

/** Reads what is undone: its history, and the conflicts that it settled and opened. */
export async function prepareUndo(
  engine: Engine,
  declared: Declared,
  lane: string,
  { of, pin }: Extract<Proposal, { type: 'undo' }>,
): Promise<Prepared | Failure> {
  const [history, settled, opened] = await engine.database.batch(await pastStatements(engine, lane, of))
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

type Of = Extract<Proposal, { type: 'undo' }>['of']

/** The history of what is undone, the conflicts that it settled, and those that it opened. */
async function pastStatements(engine: Engine, lane: string, of: Of): Promise<Statement[]> {
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
  const { version, tbl, keys } =
    'version' in of ? { version: of.version, tbl: null, keys: null } : await settledRows(engine, lane, of)
  const among = '(?3 IS NULL OR (tbl = ?3 AND key IN (SELECT value FROM json_each(?4))))'
  const params = [lane, version, tbl, keys]
  return [
    { sql: `SELECT * FROM history WHERE lane = ?1 AND version = ?2 AND ${among} ORDER BY n`, params },
    { sql: `SELECT * FROM conflicts WHERE lane = ?1 AND resolved_version = ?2 AND ${among}`, params },
    { sql: `SELECT * FROM conflicts WHERE lane = ?1 AND version = ?2 AND ${among}`, params },
  ]
}

/** Which commit settled a conflict, and its rows: others that it settled too, or what else a push said in it, are not undone. */
async function settledRows(
  engine: Engine,
  lane: string,
  { resolution }: Extract<Of, { resolution: string }>,
): Promise<{ version: number | null; tbl: string; keys: string }> {
  const [found] = await engine.database.batch([
    { sql: 'SELECT * FROM conflicts WHERE id = ?1 AND lane = ?2', params: [resolution, lane] },
  ])
  const [row] = found?.rows ?? []
  if (!row) return { version: null, tbl: '', keys: '[]' }
  const conflict = conflictOf(row)
  const keys = [conflict.key, ...rowsOf(conflict)]
  return { version: conflict.resolvedVersion, tbl: conflict.tbl, keys: JSON.stringify(keys) }
}
