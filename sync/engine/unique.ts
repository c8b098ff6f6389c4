import type { Row, SqlValue, Statement } from '../../db/database.ts'
import { chunks } from './chunks.ts'
import type { TableDeclaration, UniqueColumn } from './declare.ts'

/** What is compared of a unique text: without the blanks around it, and in one case. SQLite's lower() is ASCII only. */
export const folded = (value: SqlValue): string | null => {
  const text = value === null ? '' : String(value).normalize('NFC').trim().toLowerCase().normalize('NFC')
  return text === '' ? null : text
}

/** What is compared of a unique value that is declared exact. */
export const whole = (value: SqlValue): string | null =>
  value === null || value === '' ? null : String(value)

/** Who holds which unique values, as far as they were read: name of the claim -> key of the row. */
export type Claims = Map<string, string>

/** The name of a claim. */
export const claim = (table: TableDeclaration, { column }: UniqueColumn, compared: string): string =>
  `${table.name}|${column}|${compared}`

/** What a row claims of a unique column; null: nothing. */
export const claimedBy = ({ column, fold }: UniqueColumn, row: Row | null): string | null =>
  row && row.deleted_at == null ? fold(row[column] ?? null) : null

/** A unique column whose value another row holds. */
export interface Taken {
  readonly column: string
  readonly holder: string
}

/** Columns of `values` whose unique value is another row's. */
export const takenOf = (claims: Claims, table: TableDeclaration, key: string, values: Row): Taken[] =>
  table.unique.flatMap((unique) => {
    const compared = unique.column in values ? unique.fold(values[unique.column] ?? null) : null
    const holder = compared === null ? undefined : claims.get(claim(table, unique, compared))
    return holder === undefined || holder === key ? [] : [{ column: unique.column, holder }]
  })

/** A row gives up the values that it held, and claims those that it has now; null: there is no (live) row. */
export function reclaim(
  claims: Claims,
  table: TableDeclaration,
  key: string,
  before: Row | null,
  after: Row | null,
): void {
  for (const unique of table.unique) {
    const [old, now] = [claimedBy(unique, before), claimedBy(unique, after)]
    if (old === now) continue
    const given = old === null ? null : claim(table, unique, old)
    if (given !== null && claims.get(given) === key) claims.delete(given)
    if (now !== null) claims.set(claim(table, unique, now), key)
  }
}

/** Values that somebody may claim: as values, and as those that rows of these keys (deleted ones) would claim again. */
export interface Wanted {
  readonly values: readonly Row[]
  readonly keys: readonly string[]
}

/** Who holds the values that are wanted: statements, and what their answers (key, claim) say. */
export function holderStatements(table: TableDeclaration, { values, keys }: Wanted): Statement[] {
  return table.unique.flatMap((unique) => {
    const { stored } = unique
    const holders = (wanted: string, json: string): Statement => ({
      sql: `SELECT ${table.key} AS key, ?2 || ${stored} AS claim FROM ${table.name}
        WHERE deleted_at IS NULL AND ${stored} IN (${wanted})`,
      params: [json, claim(table, unique, '')],
    })
    return [
      ...chunks(comparedOf(unique, values).map((value) => JSON.stringify(value))).map((json) =>
        holders('SELECT value FROM json_each(?1)', json),
      ),
      ...chunks([...new Set(keys)].map((key) => JSON.stringify(key))).map((json) =>
        holders(
          `SELECT t.${stored} FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${table.key} = j.value`,
          json,
        ),
      ),
    ]
  })
}

/** The rows that hold these values. */
export const holderRows = (table: TableDeclaration, { values }: Pick<Wanted, 'values'>): Statement[] =>
  table.unique.flatMap((unique) =>
    chunks(comparedOf(unique, values).map((value) => JSON.stringify(value))).map((json) => ({
      sql: `SELECT * FROM ${table.name} WHERE deleted_at IS NULL AND ${unique.stored} IN (SELECT value FROM json_each(?1))`,
      params: [json],
    })),
  )

/** What is compared of a unique column of these rows, each once. */
const comparedOf = ({ column, fold }: UniqueColumn, values: readonly Row[]): string[] => [
  ...new Set(values.flatMap((row) => (column in row ? (fold(row[column] ?? null) ?? []) : []))),
]

export const claimsOf = (rows: readonly Row[]): Claims =>
  new Map(rows.map(({ key, claim: held }) => [String(held), String(key)]))
