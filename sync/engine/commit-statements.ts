import type { Row, SqlValue, Statement } from '../../db/database.ts'
import { type Change, type ConflictRow, isWrite, type PinChange, type Settled } from './changes.ts'
import { chunks } from './chunks.ts'
import type { CommitInput, Fence } from './commit.ts'
import type { TableDeclaration } from './declare.ts'
import { claimedBy } from './unique.ts'

// The statements of a commit behind its fence. Bulk writes are one json_each statement a parameter-full of rows.

/** Synced rows: releases of unique values before claims, only the columns that changes name, only where they differ. */
export function rowStatements(changes: readonly Change[], input: CommitInput): Statement[] {
  const written = changes.filter(({ op }) => isWrite(op))
  const statements: Statement[] = []
  for (const table of new Set(written.map((change) => change.table))) {
    const of = written.filter((change) => change.table === table)
    statements.push(...releases(table, of))
    // Releases of unique values before claims.
    for (const op of ['delete', 'update', 'insert'] as const)
      statements.push(
        ...upserts(
          table,
          of.filter((c) => c.op === op),
          input,
        ),
      )
  }
  return statements
}

/**
 * Rows of one statement are written one after the other: where one takes the unique value that another one gives up, all that
 * give one up are emptied first.
 */
function releases(table: TableDeclaration, changes: readonly Change[]): Statement[] {
  return table.unique.flatMap((unique) => {
    const moved = changes
      .filter(({ op }) => op === 'update')
      .map(({ key, before, after }) => ({
        key,
        old: claimedBy(unique, before),
        now: claimedBy(unique, after),
      }))
      .filter(({ old, now }) => old !== now)
    const given = new Map(moved.map(({ key, old }) => [old, key]))
    const taken = moved.some(({ key, now }) => {
      const by = now === null ? undefined : given.get(now)
      return by !== undefined && by !== key
    })
    if (!taken) return []
    const givers = moved.filter(({ old }) => old !== null)
    return chunks(givers.map(({ key }) => JSON.stringify(key))).map((json) => ({
      sql: `UPDATE ${table.name} SET ${unique.stored} = NULL WHERE ${table.key} IN (SELECT value FROM json_each(?1))`,
      params: [json],
    }))
  })
}

/**
 * One json_each statement a parameter-full of rows. Only columns that some change names are set, so that a link
 * can't touch another's columns; the guard keeps a row that is already so from being written.
 */
function upserts(table: TableDeclaration, changes: readonly Change[], input: CommitInput): Statement[] {
  if (changes.length === 0) return []
  const named = new Set(changes.flatMap((change) => change.columns))
  // What is compared of a unique value is made here, at the one door: no writer can forget it.
  const set = [
    ...[...named].filter((c) => c !== table.key),
    ...table.unique.flatMap(({ column, stored }) => (named.has(column) ? [stored] : [])),
  ]
  const meta = ['version', 'updated_at', 'origin']
  const guard = set.map((c) => `${table.name}.${c} IS NOT excluded.${c}`).join(' OR ')
  const sql = `INSERT INTO ${table.name} (${table.columns.join(', ')})
    SELECT ${table.columns.map((_, i) => `j.value ->> ${i}`).join(', ')} FROM json_each(?1) j WHERE true
    ON CONFLICT (${table.key}) DO UPDATE SET ${[...set, ...meta].map((c) => `${c} = excluded.${c}`).join(', ')}
    WHERE ${guard === '' ? 'false' : guard}`
  const stamp: Row = {
    version: input.fence.version + 1,
    updated_at: input.at,
    origin: input.origin,
  }
  const rows = changes.map(({ after }) => {
    const row = { ...after }
    for (const { column, stored, fold } of table.unique) row[stored] = fold(after[column] ?? null)
    return JSON.stringify(table.columns.map((column) => stamp[column] ?? row[column] ?? null))
  })
  return chunks(rows).map((json) => ({ sql, params: [json] }))
}

/** A row whose history grew without a change of its own (a refusal, a pin) takes the version, so that its chain leads there. */
export function touches(changes: readonly Change[], input: CommitInput): Statement[] {
  const written = new Set(
    changes.filter(({ op }) => isWrite(op)).map(({ table, key }) => `${table.name}|${key}`),
  )
  const touched = changes.filter(({ op, table, key }) => !isWrite(op) && !written.has(`${table.name}|${key}`))
  return [...new Set(touched.map(({ table }) => table))].flatMap((table) =>
    chunks(
      [...new Set(touched.filter((change) => change.table === table).map(({ key }) => key))].map((key) =>
        JSON.stringify(key),
      ),
    ).map((json) => ({
      sql: `UPDATE ${table.name} SET version = ?2 WHERE ${table.key} IN (SELECT value FROM json_each(?1))`,
      params: [json, input.fence.version + 1],
    })),
  )
}

/** What changed, from what to what, by whom and by which rule. */
export function historyStatements(changes: readonly Change[], input: CommitInput): Statement[] {
  const sql = `INSERT INTO history (lane, version, n, tbl, key, op, before, after, why, origin, actor, run_id, at, prev_version)
    SELECT ?2, ?3, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
      j.value ->> 6, ?4, ?5, ?6, ?7, j.value ->> 7 FROM json_each(?1) j`
  const { origin, actor, runId, at, fence } = input
  const rows = changes
    .filter((change) => change.table.history)
    .map((change, n) =>
      JSON.stringify([
        n,
        change.table.name,
        change.key,
        change.op,
        change.op === 'insert' ? null : JSON.stringify(pick(change.before, change.columns)),
        JSON.stringify(pick(change.after, change.columns)),
        JSON.stringify(change.why),
        Number(change.prev ?? change.before?.version ?? 0),
      ]),
    )
  return chunks(rows).map((json) => ({
    sql,
    params: [json, fence.lane, fence.version + 1, origin, actor, runId, at],
  }))
}

/** Tells inboxes that their table has news. */
export const heads = (changes: readonly Change[], { lane, version }: Fence): Statement[] =>
  [...new Set(changes.map(({ table }) => table))]
    .filter((table) => table.inbox)
    .map((table) => ({
      sql: `INSERT INTO inbox_heads (lane, tbl, version) VALUES (?1, ?2, ?3)
        ON CONFLICT (lane, tbl) DO UPDATE SET version = excluded.version`,
      params: [lane, table.name, version + 1],
    }))

/** Pins set and released. */
export function pinStatements(pins: readonly PinChange[], lane: string): Statement[] {
  const set = pins
    .filter(({ op }) => op === 'set')
    .map(({ pin }) =>
      JSON.stringify([
        pin.tbl,
        pin.key,
        pin.col,
        JSON.stringify(pin.value),
        pin.source,
        pin.actor,
        pin.note,
        pin.until,
        pin.at,
      ]),
    )
  const released = pins
    .filter(({ op }) => op === 'release')
    .map(({ pin }) => JSON.stringify([pin.tbl, pin.key, pin.col]))
  return [
    ...chunks(released).map((json) => ({
      sql: `DELETE FROM pins WHERE (tbl, key, col) IN (SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(?1) j)`,
      params: [json],
    })),
    ...chunks(set).map((json) => ({
      sql: `INSERT INTO pins (tbl, key, col, lane, value, source, actor, note, until, at)
        SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, ?2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
          j.value ->> 6, j.value ->> 7, j.value ->> 8 FROM json_each(?1) j WHERE true
        ON CONFLICT (tbl, key, col) DO UPDATE SET value = excluded.value, source = excluded.source,
          actor = excluded.actor, note = excluded.note, until = excluded.until, at = excluded.at`,
      params: [json, lane],
    })),
  ]
}

/**
 * Conflicts opened, amended, or opened again. What a person settled stays settled while a remote shows the same again; a device that
 * says it again asks anew.
 */
export function conflictStatements(conflicts: readonly ConflictRow[], input: CommitInput): Statement[] {
  const rows = conflicts.map((c) =>
    JSON.stringify([
      c.id,
      c.part,
      c.tbl,
      c.key,
      c.col,
      c.kind,
      c.base,
      c.ours,
      c.theirs,
      c.detail,
      JSON.stringify(c.recommendations),
      c.op ?? null,
      c.holder ?? null,
      c.origin ?? null,
      c.saidAt ?? null,
    ]),
  )
  return chunks(rows).map((json) => ({
    sql: `INSERT INTO conflicts (id, part, tbl, key, col, kind, base, ours, theirs, detail, recommendations,
        op, holder, origin, said_at, lane, link, scope, opened_at, run_id, version)
      SELECT ${Array.from({ length: 15 }, (_, i) => `j.value ->> ${i}`).join(', ')}, ?2, ?3, ?4, ?5, ?6, ?7
      FROM json_each(?1) j WHERE true
      ON CONFLICT (id) DO UPDATE SET resolved_at = NULL, resolution = NULL, resolved_by = NULL, resolved_version = NULL,
        opened_at = CASE WHEN resolved_at IS NULL THEN opened_at ELSE excluded.opened_at END,
        run_id = excluded.run_id, base = excluded.base, ours = excluded.ours, theirs = excluded.theirs,
        detail = excluded.detail, recommendations = excluded.recommendations, op = excluded.op, holder = excluded.holder,
        origin = excluded.origin, said_at = excluded.said_at, version = excluded.version, notes = NULL
      WHERE CASE WHEN resolved_at IS NULL THEN theirs IS NOT excluded.theirs AND (link = '' OR kind IN ('merge', 'unique'))
        ELSE link = '' OR resolution NOT IN ('rename_local', 'keep_local', 'keep_remote', 'merge') OR theirs IS NOT excluded.theirs END`,
    params: [json, input.fence.lane, input.link, input.scope, input.at, input.runId, input.fence.version + 1],
  }))
}

/** Conflicts that ended, or are open again. */
export function settledStatements(settled: readonly Settled[], { at, fence }: CommitInput): Statement[] {
  const rows = settled.map(({ id, resolution, by, notes }) => JSON.stringify([id, resolution, by, notes]))
  return chunks(rows).map((json) => ({
    sql: `UPDATE conflicts SET resolution = j.value ->> 1, notes = CASE WHEN j.value ->> 1 IS NULL THEN NULL ELSE j.value ->> 3 END,
        resolved_at = CASE WHEN j.value ->> 1 IS NULL THEN NULL ELSE ?2 END,
        resolved_by = CASE WHEN j.value ->> 1 IS NULL THEN NULL ELSE j.value ->> 2 END,
        resolved_version = CASE WHEN j.value ->> 1 IS NULL THEN NULL ELSE ?3 END
      FROM json_each(?1) j WHERE conflicts.id = j.value ->> 0`,
    params: [json, at, fence.version + 1],
  }))
}

const pick = (row: Row | null, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column): [string, SqlValue] => [column, row?.[column] ?? null]))
