import { named } from './file.ts'
import type { Definition } from './link.ts'

/** How a row came to be looked at; bits of `how`. */
export const HOW = { changed: 1, inserted: 2, met: 4 } as const

/** Columns that `blank` has bits for. */
const BLANK_BITS = 62

/**
 * What records the edits of other programs. A trigger only marks the row's key: what changed is found at the next sync, by comparing with
 * the shadow. `ON CONFLICT`, not `OR IGNORE`: the host's own `INSERT OR ABORT` would override the latter. `blank` holds the columns
 * that an UPDATE emptied, since an INSERT OR REPLACE that leaves them out looks the same afterwards.
 */
export function triggersOf(id: number, table: string, { key, columns }: Definition): string[] {
  const dirty = `tidemark_dirty_${id}`
  const on = `ON ${named(table)}`
  const rowOf = (side: 'NEW' | 'OLD') => `CAST(${side}.${named(key)} AS TEXT)`
  const has = (side: 'NEW' | 'OLD') => `${side}.${named(key)} IS NOT NULL`
  const mark = (side: 'NEW' | 'OLD', how: number) =>
    `INSERT INTO ${dirty} VALUES (${rowOf(side)}, ${how}, 0) ON CONFLICT (row) DO UPDATE SET how = how | ${how} WHERE how & ${how} = 0`
  const tracked = columns.filter(({ write }) => write).slice(0, BLANK_BITS)
  const isBlank = ({ local, omitted }: { local: string; omitted: string }) =>
    `NEW.${named(local)} IS ${omitted}`
  const all = tracked.map((column, i) => `((${isBlank(column)}) << ${i})`).join(' | ') || '0'
  const newly =
    tracked
      .map((column, i) => {
        const name = named(column.local)
        return `((${isBlank(column)} AND OLD.${name} IS NOT NEW.${name}) << ${i})`
      })
      .join(' | ') || '0'
  const watched = [...new Set([key, ...columns.map(({ local }) => local)])].map(named).join(', ')
  return [
    `CREATE TRIGGER tidemark_${id}_insert AFTER INSERT ${on} WHEN ${has('NEW')} BEGIN ${mark('NEW', HOW.inserted)}; END`,
    `CREATE TRIGGER tidemark_${id}_delete AFTER DELETE ${on} WHEN ${has('OLD')} BEGIN ${mark('OLD', HOW.changed)}; END`,
    `CREATE TRIGGER tidemark_${id}_update AFTER UPDATE OF ${watched} ${on} WHEN ${has('NEW')} BEGIN INSERT INTO ${dirty} VALUES (${rowOf('NEW')}, ${HOW.changed}, ${newly}) ON CONFLICT (row) DO UPDATE SET how = how | ${HOW.changed}, blank = blank & (${all}) | excluded.blank; END`,
    `CREATE TRIGGER tidemark_${id}_rename AFTER UPDATE OF ${named(key)} ${on} WHEN OLD.${named(key)} IS NOT NEW.${named(key)} AND ${has('OLD')} BEGIN ${mark('OLD', HOW.changed)}; END`,
  ]
}
