import { refusal } from '../failure.ts'
import { named, type Sqlite } from '../laptop/file.ts'
import type { RestorePart } from '../proposal.ts'

/** A request's body is 1 MB at most; the rest is for what stands around the rows. And rows of one commit. */
const PART = { bytes: 900_000, rows: 1_000 } as const

/**
 * What a copy of the server holds, in parts that one request can carry: each of one table, from a key on up to the next part's first
 * one, so that together they say of every key whether it is there. The same copy always gives the same parts.
 */
export function* restoreParts(db: Sqlite, only: readonly string[] | undefined): Generator<RestorePart> {
  for (const table of tablesOf(db, only)) {
    let [from, rows, bytes] = [null as string | null, [] as RestorePart['tables'][number]['rows'], 0]
    const part = (until: string | null): RestorePart => ({
      lane: table.lane,
      tables: [
        {
          name: table.name,
          columns: table.columns,
          rows,
          ...(from !== null && { from }),
          ...(until !== null && { until }),
        },
      ],
    })
    const key = table.columns.indexOf(table.key)
    for (const cells of rowsOf(db, table)) {
      const length = Buffer.byteLength(JSON.stringify(cells)) + 1
      if (rows.length > 0 && (bytes + length > PART.bytes || rows.length === PART.rows)) {
        const next = String(cells[key])
        yield part(next)
        ;[from, rows, bytes] = [next, [], 0]
      }
      rows.push(cells)
      bytes += length
    }
    yield part(null)
  }
}

interface Table {
  readonly name: string
  readonly lane: string
  readonly key: string
  readonly columns: string[]
}

function tablesOf(db: Sqlite, only: readonly string[] | undefined): Table[] {
  const all = db
    .prepare('SELECT name, lane, key FROM tidemark_tables ORDER BY n')
    .all()
    .map(({ name, lane, key }) => ({
      name: String(name),
      lane: String(lane),
      key: String(key),
      columns: db
        .prepare('SELECT name FROM tidemark_columns WHERE tbl = ? ORDER BY n')
        .all(String(name))
        .map((column) => String(column.name)),
    }))
  const unknown = only?.find((name) => !all.some((table) => table.name === name))
  if (unknown !== undefined)
    throw refusal('no_table', {
      title: 'The backup has no such table',
      detail: `${unknown} is not in it.`,
      mend: `It has ${all.map(({ name }) => name).join(', ')}.`,
    })
  return only ? all.filter(({ name }) => only.includes(name)) : all
}

function* rowsOf(db: Sqlite, { name, key, columns }: Table): Generator<(string | number | null)[]> {
  const rows = db
    .prepare(`SELECT ${columns.map(named).join(', ')} FROM ${named(name)} ORDER BY ${named(key)}`)
    .iterate()
  for (const row of rows) yield columns.map((column) => row[column] as string | number | null)
}

/** How a plan file calls a part. */
export const nameOfPart = ({ tables }: RestorePart) =>
  tables.map(({ name, from }) => (from === undefined ? name : `${name} from ${from}`)).join()
