import type { Result, Row, Statement } from '../../db/database.ts'
import type { PinRow } from './changes.ts'
import { chunks } from './chunks.ts'
import type { LinkDeclaration } from './declare.ts'
import { type Deletions, recentDeletions } from './guard.ts'
import { entriesByName, type IndexedRow, indexPage, isNews, type PageIndex, waysOf } from './page-index.ts'
import { type InboxValue, type PageEntry, writesBack } from './plan.ts'
import type { Page, Part } from './ports.ts'
import type { Step } from './run.ts'
import { pinOf } from './run-begin.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'

/** What the plan needs to know of D1. */
export interface Facts {
  readonly index: PageIndex | null
  readonly known: readonly PageEntry[]
  /** JSON: the page's warnings as they are stored */
  readonly warnings: string
  readonly stored: readonly Row[]
  readonly pins: readonly PinRow[]
  readonly inbox: readonly InboxValue[]
  readonly deletions: Deletions
  /** Ids of the open conflicts of this part, by kind */
  readonly open: readonly { readonly id: string; readonly kind: string }[]
}

/** Reads them in two batches: what is known of the page, then only the rows that it may touch. */
export async function readFacts(
  step: Step,
  frame: RunFrame,
  checkpoint: Checkpoint,
  part: Part,
  page: Page | null,
): Promise<Facts> {
  const { engine, run, link } = step
  const table = link.table
  const after = checkpoint.mode === 'full' ? 0 : (frame.state?.inbox[part.id] ?? 0)
  const nothing: Statement = { sql: 'SELECT 1 WHERE false', params: [] }
  const [pages, inbox, pins, open] = await engine.database.batch([
    {
      sql: 'SELECT rows, warnings FROM link_pages WHERE link = ?1 AND scope = ?2 AND page = ?3',
      params: [link.name, run.scope, part.id],
    },
    link.inbox && after < checkpoint.inboxHead ? link.inbox.read(part, after, checkpoint.inboxHead) : nothing,
    { sql: 'SELECT * FROM pins WHERE lane = ?1 AND tbl = ?2', params: [run.lane, table.name] },
    {
      sql: `SELECT id, kind FROM conflicts WHERE lane = ?1 AND resolved_at IS NULL AND link = ?2 AND scope = ?3 AND part = ?4`,
      params: [run.lane, link.name, run.scope, part.id],
    },
  ])
  const known = JSON.parse(String(pages?.rows[0]?.rows ?? '[]')) as PageEntry[]
  const proposed = (inbox?.rows ?? []).map((row) => ({
    key: String(row.key),
    col: String(row.col),
    value: row.value ?? null,
    origin: String(row.origin),
  }))
  const index = page && indexPage(link, run.scope, part, page, entriesByName(known))
  return {
    index,
    known,
    warnings: String(pages?.rows[0]?.warnings ?? '[]'),
    stored: await readStored(
      step,
      index,
      known,
      proposed,
      checkpoint.mode === 'full' || writesBack({ link, part }),
    ),
    pins: (pins?.rows ?? []).map(pinOf),
    inbox: proposed,
    deletions: recentDeletions(frame.state?.deletions[part.id] ?? [], engine.clock.now()),
    open: (open?.rows ?? []).map((row) => ({ id: String(row.id), kind: String(row.kind) })),
  }
}

/** Stored rows that the plan may touch: those that the page shows changed, those that vanished, those of the inbox. */
async function readStored(
  { engine, link }: Step,
  index: PageIndex | null,
  known: readonly PageEntry[],
  inbox: readonly InboxValue[],
  all: boolean,
): Promise<Row[]> {
  const keys = new Set(inbox.map((item) => item.key))
  if (index) for (const entry of known) if (!index.names.has(entry[1])) keys.add(entry[0])
  const wanted = wantedOf(link, wantedRows(index, all), keys)
  return storedRows(await engine.database.batch(storedStatements(link, wanted)), link)
}

/** What is looked up in a link's table. */
export interface Wanted {
  /** Rows by key, deleted ones included */
  readonly keys: ReadonlySet<string>
  /** Live rows by columns; each of `values` is a JSON array of theirs */
  readonly matches: readonly { readonly columns: readonly string[]; readonly values: readonly string[] }[]
}

/** Rows of a page that are merged; `all`: also those that are as before. */
export const wantedRows = (index: PageIndex | null, all: boolean): IndexedRow[] =>
  [...(index?.rows.values() ?? [])].filter((indexed) => all || isNews(indexed))

/** What to look up for a page's rows: by key, and by each way to match; `further`: keys beside theirs. */
export function wantedOf(
  link: LinkDeclaration,
  rows: readonly IndexedRow[],
  further: Iterable<string> = [],
): Wanted {
  const keys = new Set(rows.flatMap((row) => keysOf(link, row)))
  for (const key of further) keys.add(key)
  const matches = waysAsked(link).map((columns) => ({
    columns,
    values: rows.flatMap(({ values }) => tupleOf(columns, values) ?? []),
  }))
  return { keys, matches }
}

/** Keys under which a row of the remote may be here. */
export function keysOf(link: LinkDeclaration, { entry, values }: IndexedRow): string[] {
  const known = entry && entry[0] !== '' ? [entry[0]] : []
  // Deleted ones too: a row may return.
  return link.list && link.adds !== false ? [...known, String(values[link.table.key])] : known
}

/** A row's values of these columns, as JSON; null where one is missing: this way can't be tried. */
export function tupleOf(columns: readonly string[], row: Row): string | null {
  const values = columns.map((column) => row[column] ?? null)
  return values.includes(null) ? null : JSON.stringify(values)
}

/**
 * Ways to match that are looked up. A list that brings its rows' keys is asked by key, deleted rows included: not twice.
 * A way that asks for more than another one finds nothing beyond it.
 */
export const waysAsked = (link: LinkDeclaration): (readonly string[])[] =>
  waysOf(link).filter(
    (columns, way, all) =>
      !(link.list && link.adds !== false && columns.join() === link.table.key) &&
      !all.some((other, i) => i !== way && other.every((column) => columns.includes(column))),
  )

/** Statements that look it up. */
export function storedStatements({ table }: LinkDeclaration, { keys, matches }: Wanted): Statement[] {
  const byMatch = matches.flatMap(({ columns, values }) => {
    const on = columns.map((column, i) => `t.${column} = j.value ->> ${i}`).join(' AND ')
    return chunks(values).map((json) => ({
      sql: `SELECT t.* FROM json_each(?1) j CROSS JOIN ${table.name} t ON ${on} WHERE t.deleted_at IS NULL`,
      params: [json],
    }))
  })
  const byKey = chunks([...keys].map((key) => JSON.stringify(key))).map((json) => ({
    sql: `SELECT t.* FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${table.key} = j.value`,
    params: [json],
  }))
  return [...byMatch, ...byKey]
}

/** The rows of `storedStatements`, each once. */
export const storedRows = (results: readonly Result[], link: LinkDeclaration): Row[] => [
  ...new Map(results.flatMap((result) => result.rows).map((row) => [row[link.table.key], row])).values(),
]
