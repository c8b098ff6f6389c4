import { type Statement, statement } from '../../db/database.ts'
import { type Exported, link, type System, type TableDeclaration } from '../engine/declare.ts'

const HOUR = 3_600_000
const CONFIG = 'backups.sheet'

/**
 * Copies of whole tables in tabs of a workbook, for people: any table of these systems that an operator names, at most as often as
 * he says. One scope, as all copies go to one workbook; a lane of its own, because a copy of 100,000 rows takes minutes and changes
 * nothing that the writers of those tables wait for.
 */
export function backups(systems: readonly System[]): System {
  const tables = systems.flatMap((system) => system.tables)
  const [first] = tables
  if (!first) throw new Error('there is no table to copy')
  return {
    name: 'backups',
    tables: [],
    links: [
      link('backups.sheet', first, 'google-sheets', {
        exports: Object.fromEntries(tables.map((table) => [table.name, exported(table)])),
        owns: [],
        writes: [],
        match: [],
        columns: {},
        lane: () => 'backups',
        // What people wait for goes first.
        priority: 1,
        schedule: { check: 24 * HOUR, full: 24 * HOUR },
        config: { schedule: CONFIG },
        scopes: {
          per: 'shared',
          list: statement(`SELECT 'shared' AS scope WHERE EXISTS (${TARGET})`, CONFIG),
          target: () => statement(TARGET, CONFIG),
          parts: () =>
            statement(
              `SELECT DISTINCT t.value AS id, 'Backup of ' || t.value AS name, 'UTC' AS time_zone
                FROM config c, json_each(c.value, '$.tables') t WHERE c.key = ?1 ORDER BY t.value`,
              CONFIG,
            ),
        },
        deletes: 'never',
      }),
    ],
  }
}

const TARGET = `SELECT value ->> 'spreadsheet_id' AS spreadsheet_id FROM config
  WHERE key = ?1 AND value ->> 'spreadsheet_id' IS NOT NULL AND json_array_length(value, '$.tables') > 0`

/** A table as it is copied: all it holds but tombstones, times as people read them, everything else as it is stored. */
function exported({ name, key, columns, device }: TableDeclaration): Exported {
  const headers = [key, ...columns.filter((column) => column !== key && column !== 'deleted_at')]
  const isTime = (column: string) => {
    const { type } = device?.columns[column] ?? {}
    return type ? type === 'time' : NAMED_A_TIME.test(column)
  }
  const shown = headers
    .map((header) => (isTime(header) ? `${inWords(header)} AS ${header}` : header))
    .join(', ')
  return {
    headers,
    // A row's version only ever rises, and a deletion raises it too.
    head: statement(`SELECT count(*) || '.' || coalesce(sum(version), 0) AS head FROM ${name}`),
    page: (after, most): Statement =>
      statement(
        `SELECT ${shown} FROM ${name} WHERE deleted_at IS NULL AND (?1 IS NULL OR ${key} > ?1) ORDER BY ${name}.${key} LIMIT ?2`,
        after,
        most,
      ),
  }
}

/** What the schema's times are called, where no device is told of the column: integer milliseconds */
const NAMED_A_TIME = /(^|_)at$/

const inWords = (column: string): string =>
  `CASE typeof(${column}) WHEN 'integer' THEN strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch') ELSE ${column} END`
