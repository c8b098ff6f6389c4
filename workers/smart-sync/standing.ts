import type { Database, Row, SqlValue } from '../../db/database.ts'
import { holders, lastSaid, liveRows } from '../../db/reads/sync-conflicts.ts'
import { namesFor } from '../../sync/engine/auto-resolve.ts'
import type { StoredConflict } from '../../sync/engine/changes.ts'
import { chunks } from '../../sync/engine/chunks.ts'
import type { TableDeclaration } from '../../sync/engine/declare.ts'
import { sidesOf } from '../../sync/engine/sides.ts'

/** What stands here now of what some conflicts are about. */
export interface Standing {
  /** A live row; null: it is gone, or never was */
  row(table: TableDeclaration, key: string): Row | null
  /** Who changed the row last before the edit that waits met it, and when; null: not known */
  said(
    table: TableDeclaration,
    conflict: { readonly key: string; readonly version: number },
  ): { readonly by: string; readonly at: number } | null
  /** Who holds a value of a unique column; null: it is free */
  holder(
    table: TableDeclaration,
    column: string,
    value: SqlValue,
  ): { readonly key: string; readonly value: SqlValue } | null
}

/** Reads it for open conflicts, in one batch; also who holds the names that are proposed in place of taken ones. */
export async function readStanding(
  database: Database,
  conflicts: readonly { readonly conflict: StoredConflict; readonly table: TableDeclaration }[],
): Promise<Standing> {
  const open = conflicts.filter(({ conflict }) => conflict.resolvedAt === null)
  const asked = [...Map.groupBy(open, ({ table }) => table)].flatMap(([table, group]) => {
    const of = group.map(({ conflict }) => conflict)
    const folded = (column: string, fold: (value: SqlValue) => string | null) =>
      of
        .filter(({ kind, col }) => kind === 'unique' && col === column)
        .flatMap((conflict) => {
          const theirs = sidesOf(conflict, table).theirs ?? {}
          return [theirs, ...namesFor(table, conflict, theirs)].flatMap(
            (row) => fold(row[column] ?? null) ?? [],
          )
        })
    return [
      ...arrays(of.map(({ key }) => JSON.stringify(key))).map((keys) => ({
        table,
        column: '',
        statement: liveRows(table, keys),
      })),
      ...[...Map.groupBy(of, ({ lane }) => lane)].flatMap(([lane, opened]) =>
        arrays(opened.map(({ key, version }) => JSON.stringify([key, version]))).map((pairs) => ({
          table,
          column: SAID,
          statement: lastSaid(table, lane, pairs),
        })),
      ),
      ...table.unique.flatMap((unique) =>
        arrays(folded(unique.column, unique.fold).map((value) => JSON.stringify(value))).map((values) => ({
          table,
          column: unique.column,
          statement: holders(table, unique, values),
        })),
      ),
    ]
  })
  const results = asked.length === 0 ? [] : await database.batch(asked.map(({ statement }) => statement))
  const rows = new Map<string, Row>()
  asked.forEach(({ table, column }, i) => {
    for (const row of results[i]?.rows ?? [])
      rows.set(
        name(
          table,
          column,
          column === '' ? row[table.key] : column === SAID ? `${row.key} ${row.version}` : row.folded,
        ),
        row,
      )
  })
  return {
    row: (table, key) => rows.get(name(table, '', key)) ?? null,
    said(table, { key, version }) {
      const said = rows.get(name(table, SAID, `${key} ${version}`))?.said
      if (typeof said !== 'string') return null
      const [by, at] = JSON.parse(said) as [string, number]
      return { by, at }
    },
    holder: (table, column, value) => {
      const unique = table.unique.find((each) => each.column === column)
      const row = unique && rows.get(name(table, column, unique.fold(value)))
      return row ? { key: String(row.key), value: row.value ?? null } : null
    },
  }
}

/** JSON values, each once, as JSON arrays that D1 takes as parameters. */
const arrays = (values: readonly string[]): string[] => chunks([...new Set(values)])

/** Stands in the place of a column for who said what stands: no column is named so. */
const SAID = ' said'

const name = (table: TableDeclaration, column: string, value: SqlValue | undefined): string =>
  JSON.stringify([table.name, column, value])
