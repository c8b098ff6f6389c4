import type { Result, Row, Statement } from '../../db/database.ts'
import type { PinRow } from './changes.ts'
import { chunks } from './chunks.ts'
import type { LinkDeclaration } from './declare.ts'
import { type Deletions, recentDeletions } from './guard.ts'
import { entriesByName, indexPage, isNews, type PageIndex, waysOf } from './page-index.ts'
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
  return storedRows(await engine.database.batch(storedStatements(link, index, keys, all)), link)
}

/** Statements for the stored rows of a page's rows, by each way to match and by key; `keys`: further ones. */
export function storedStatements(
  link: LinkDeclaration,
  index: PageIndex | null,
  keys: Set<string>,
  all: boolean,
): Statement[] {
  const table = link.table
  const wanted = [...(index?.rows.values() ?? [])].filter((indexed) => all || isNews(indexed))
  for (const { entry, values } of wanted) {
    if (entry && entry[0] !== '') keys.add(entry[0])
    // Deleted ones too: a row may return.
    if (link.list && link.adds !== false) keys.add(String(values[table.key]))
  }
  // A list that brings its rows' keys is asked by key below, deleted rows included: not twice.
  // A way that asks for more than another one finds nothing beyond it.
  const ways = waysOf(link).filter(
    (columns, way, all) =>
      !(link.list && link.adds !== false && columns.join() === table.key) &&
      !all.some((other, i) => i !== way && other.every((column) => columns.includes(column))),
  )
  const byMatch = ways.flatMap((columns) => {
    const matches = wanted
      .map(({ values }) => columns.map((column) => values[column] ?? null))
      .filter((values) => values.every((value) => value !== null))
    const on = columns.map((column, i) => `t.${column} = j.value ->> ${i}`).join(' AND ')
    return chunks(matches.map((values) => JSON.stringify(values))).map((json) => ({
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
