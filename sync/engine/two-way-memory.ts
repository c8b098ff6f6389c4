import type { Statement } from '../../db/database.ts'
import { chunks } from './chunks.ts'
import type { LinkRow } from './two-way-rows.ts'

/** Writes what is remembered of rows, and forgets those of which nothing is (null). */
export function rememberStatements(
  { link, scope, part }: { readonly link: string; readonly scope: string; readonly part: string },
  rows: ReadonlyMap<string, LinkRow | null>,
): Statement[] {
  const put = [...rows].flatMap(([key, row]) =>
    row === null
      ? []
      : [
          JSON.stringify([
            key,
            JSON.stringify(row.base),
            Object.keys(row.disputes).length === 0 ? null : JSON.stringify(row.disputes),
          ]),
        ],
  )
  const gone = [...rows].flatMap(([key, row]) => (row === null ? [JSON.stringify(key)] : []))
  return [
    ...chunks(put).map((json) => ({
      sql: `INSERT INTO link_rows (link, scope, part, key, base, disputes)
        SELECT ?1, ?2, ?3, j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(?4) j WHERE true
        ON CONFLICT (link, scope, part, key) DO UPDATE SET base = excluded.base, disputes = excluded.disputes
          WHERE base IS NOT excluded.base OR disputes IS NOT excluded.disputes`,
      params: [link, scope, part, json],
    })),
    ...chunks(gone).map((json) => ({
      sql: `DELETE FROM link_rows WHERE link = ?1 AND scope = ?2 AND part = ?3
        AND key IN (SELECT value FROM json_each(?4))`,
      params: [link, scope, part, json],
    })),
  ]
}
