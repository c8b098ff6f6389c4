import type { Database, Row, SqlValue } from '../../db/database.ts'
import { holders, liveRows } from '../../db/reads/sync-conflicts.ts'
import type { DeviceTable } from '../shared/names.ts'

/** What stands here now of what some conflicts are about. */
export interface Standing {
  /** A live row; null: it is gone, or never was */
  row(table: DeviceTable, key: string): Row | null
  /** Who holds a value of a unique column; null: it is free */
  holder(
    table: DeviceTable,
    column: string,
    value: SqlValue,
  ): { readonly key: string; readonly value: SqlValue } | null
}

/** Reads it for open conflicts, in one batch. */
export async function readStanding(
  database: Database,
  conflicts: readonly { readonly row: Row; readonly table: DeviceTable }[],
): Promise<Standing> {
  const open = conflicts.filter(({ row }) => row.resolved_at === null)
  const asked = [...Map.groupBy(open, ({ table }) => table)].flatMap(([table, of]) => [
    {
      table,
      unique: null,
      statement: liveRows(table, [...new Set(of.map(({ row }) => String(row.key)))]),
    },
    ...table.unique.flatMap((unique) => {
      const folded = of.flatMap(({ row }) => {
        const isIt = row.kind === 'unique' && row.col === unique.column
        return isIt ? (unique.fold(saidOf(row, unique.column)) ?? []) : []
      })
      return folded.length === 0
        ? []
        : [{ table, unique, statement: holders(table, unique, [...new Set(folded)]) }]
    }),
  ])
  const results = asked.length === 0 ? [] : await database.batch(asked.map(({ statement }) => statement))
  const rows = new Map<string, Row>()
  asked.forEach(({ table, unique }, i) => {
    for (const row of results[i]?.rows ?? [])
      rows.set(unique ? name(table, unique.column, row.folded) : name(table, '', row[table.key]), row)
  })
  return {
    row: (table, key) => rows.get(name(table, '', key)) ?? null,
    holder: (table, column, value) => {
      const unique = table.unique.find((each) => each.column === column)
      const row = unique && rows.get(name(table, column, unique.fold(value)))
      return row ? { key: String(row.key), value: row.value ?? null } : null
    },
  }
}

const saidOf = (row: Row, column: string): SqlValue =>
  (JSON.parse(String(row.theirs ?? '{}')) as Row)[column] ?? null

const name = (table: DeviceTable, column: string, value: SqlValue | undefined): string =>
  JSON.stringify([table.name, column, value])
