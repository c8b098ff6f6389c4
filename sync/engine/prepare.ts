import type { Row } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { Proposal } from '../protocol/lane.ts'
import { autoResolve, namesFor } from './auto-resolve.ts'
import { conflictOf, type StoredConflict } from './changes.ts'
import type { LinkDeclaration, TableDeclaration } from './declare.ts'
import type { Ask } from './facts.ts'
import { pinOwned } from './pin-owned.ts'
import type { Engine } from './ports.ts'
import { prepareUndo } from './prepare-undo.ts'
import { type Resolution, resolve, rowsOf } from './resolve.ts'
import { keptRows, restore } from './restore.ts'
import { isOfRemote, sidesOf } from './sides.ts'
import type { Skip } from './undo.ts'
import type { Work } from './work.ts'

/** What a lane knows of what it holds. */
export interface Declared {
  readonly tables: ReadonlyMap<string, TableDeclaration>
  readonly links: readonly LinkDeclaration[]
}

/** What is asked before a proposal can be worked out, and how that is done: pure but for the work. */
export interface Prepared {
  readonly asks: readonly Ask[]
  readonly work: (work: Work) => Failure | readonly Skip[]
}

/** Reads what a proposal is about. A failure where there is no such thing, or it can't be asked for. */
export function prepare(
  engine: Engine,
  declared: Declared,
  lane: string,
  proposal: Proposal,
  actor: string,
): Promise<Prepared | Failure> {
  if (proposal.type === 'resolve') return prepareResolve(engine, declared, lane, proposal, actor)
  if (proposal.type === 'auto') return prepareAuto(engine, declared, lane, proposal)
  if (proposal.type === 'undo') return prepareUndo(engine, declared, lane, proposal)
  return prepareRestore(engine, declared, lane, proposal)
}

async function prepareResolve(
  engine: Engine,
  declared: Declared,
  lane: string,
  proposal: Extract<Proposal, { type: 'resolve' }>,
  actor: string,
): Promise<Prepared | Failure> {
  const [found] = await engine.database.batch([
    { sql: 'SELECT * FROM conflicts WHERE id = ?1 AND lane = ?2', params: [proposal.conflict, lane] },
  ])
  const [row] = found?.rows ?? []
  if (!row) return { type: 'not_found', detail: `There is no conflict ${proposal.conflict}.` }
  const conflict = conflictOf(row)
  if (conflict.resolvedAt !== null) {
    const again = conflict.resolution === proposal.strategy && conflict.resolvedBy === actor
    if (again && (await isAsSettled(engine, lane, conflict, proposal))) return { asks: [], work: () => [] }
    return {
      type: 'conflict',
      detail: `It was settled already: ${conflict.resolution} by ${conflict.resolvedBy}.`,
      mend: 'Undo that first, if it should end otherwise.',
    }
  }
  const how: Resolution = {
    strategy: proposal.strategy,
    newValue: proposal.newValue,
    values: proposal.values && { ...proposal.values },
    notes: proposal.notes,
  }
  const { newValue } = how
  const said =
    newValue === undefined
      ? []
      : (declared.tables.get(conflict.tbl)?.unique ?? []).map(({ column }): Row => ({ [column]: newValue }))
  return {
    asks: asksOf(declared, [conflict], [...said, how.values ?? {}]),
    work: (work) => {
      const failure = resolve(work, conflict, how)
      if (failure) return failure
      // A remote that disputes would bring its value back.
      if (isOfRemote(conflict))
        pinOwned(work, declared.links, `settled: ${how.strategy}`, shownBy(declared, conflict))
      return []
    },
  }
}

/** Whether the resolution set no column otherwise than this one says: then it is the same, sent again. */
async function isAsSettled(
  engine: Engine,
  lane: string,
  { tbl, key, col, theirs, resolvedVersion }: StoredConflict,
  { newValue, values }: Extract<Proposal, { type: 'resolve' }>,
): Promise<boolean> {
  // Without a column, the sides are JSON of columns.
  const first = () => col ?? Object.keys(JSON.parse(String(theirs ?? '{}')))[0] ?? ''
  const said = Object.entries({ ...(newValue !== undefined && { [first()]: newValue }), ...values })
  if (said.length === 0) return true
  const [found] = await engine.database.batch([
    {
      sql: `SELECT after FROM history WHERE lane = ?1 AND version = ?2 AND tbl = ?3 AND key = ?4
        AND op IN ('insert', 'update', 'delete')`,
      params: [lane, resolvedVersion, tbl, key],
    },
  ])
  const set: Row = Object.assign({}, ...(found?.rows ?? []).map(({ after }) => JSON.parse(String(after))))
  return said.every(([column, value]) => !(column in set) || set[column] === value)
}

/** What the remote shows that disputes: it does not come between. */
function shownBy({ tables }: Declared, conflict: StoredConflict): Row | null {
  const table = tables.get(conflict.tbl)
  return table ? sidesOf(conflict, table).theirs : null
}

async function prepareAuto(
  engine: Engine,
  declared: Declared,
  lane: string,
  { max }: Extract<Proposal, { type: 'auto' }>,
): Promise<Prepared> {
  const [found] = await engine.database.batch([
    {
      sql: `SELECT * FROM conflicts WHERE lane = ?1 AND resolved_at IS NULL
        AND (link = '' OR (op IS NOT NULL AND link IN (SELECT value FROM json_each(?3))))
        ORDER BY opened_at, version, id LIMIT ?2`,
      params: [lane, max, JSON.stringify(declared.links.flatMap(({ name, ties }) => (ties ? [name] : [])))],
    },
  ])
  const conflicts = (found?.rows ?? []).map(conflictOf)
  return {
    asks: asksOf(declared, conflicts, []),
    work: (work) =>
      conflicts.flatMap((conflict) => {
        const how = autoResolve(work, conflict)
        if ('skip' in how) return [{ about: conflict.id, reason: how.skip }]
        const failure = resolve(work, conflict, how)
        return failure ? [{ about: conflict.id, reason: failure.detail }] : []
      }),
  }
}

/** Rows of the conflicts and of who holds their values, and of the names that they may be given. */
function asksOf(declared: Declared, conflicts: readonly StoredConflict[], said: readonly Row[]): Ask[] {
  return [...new Set(conflicts.map(({ tbl }) => tbl))].flatMap((name) => {
    const table = declared.tables.get(name)
    if (!table) return []
    const own = conflicts.filter(({ tbl }) => tbl === name)
    const theirs = own.map((conflict) => ({ conflict, values: sidesOf(conflict, table).theirs ?? {} }))
    return [
      {
        table,
        keys: own.flatMap((conflict) => [conflict.key, ...rowsOf(conflict)]),
        values: [
          ...said,
          ...theirs.flatMap(({ conflict, values }) => [values, ...namesFor(table, conflict, values)]),
        ],
        open: true,
        // Another row may hold the value by now than did when the conflict was opened.
        holders: true,
      },
    ]
  })
}

async function prepareRestore(
  engine: Engine,
  declared: Declared,
  lane: string,
  { tables }: Extract<Proposal, { type: 'restore' }>,
): Promise<Prepared | Failure> {
  const known = tables.flatMap((kept) => {
    const table = declared.tables.get(kept.name)
    const device = table?.device
    // Rows are written in their own lane only, and what one person keeps there is not all that the table holds.
    return table && device && device.lane(null) === lane && kept.columns.includes(table.key)
      ? [{ kept, table: { ...table, device } }]
      : []
  })
  const strange = tables.find((kept) => !known.some((one) => one.kept === kept))
  if (strange)
    return { type: 'bad_request', detail: `${strange.name} is no table of ${lane} that can be restored.` }
  const present = await engine.database.batch(
    known.map(({ kept, table: { name, key } }) => ({
      sql: `SELECT ${key} AS key FROM ${name} WHERE deleted_at IS NULL AND ${key} >= ?1 AND (?2 IS NULL OR ${key} < ?2)`,
      params: [kept.from ?? '', kept.until ?? null],
    })),
  )
  const parts = known.map(({ kept, table }, i) => ({
    table,
    rows: keptRows(table, kept),
    here: (present[i]?.rows ?? []).map(({ key }) => String(key)),
  }))
  return {
    asks: parts.map(({ table, rows, here }) => ({
      table,
      keys: [...here, ...rows.flatMap(({ key }) => key ?? [])],
      values: rows.map(({ values }) => values),
      open: false,
    })),
    work: (work) => parts.flatMap(({ table, rows, here }) => restore(work, table, rows, here)),
  }
}
