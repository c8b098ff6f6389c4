import type { Row, Statement } from '../../db/database.ts'
import type { PinRow } from './changes.ts'
import { chunks } from './chunks.ts'
import { type Deletions, recentDeletions } from './guard.ts'
import { indexPage, isAsBefore, type PageIndex } from './page-index.ts'
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
  const index = page && indexPage(link, run.scope, part, page, known)
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
  const table = link.table
  const matches: string[] = []
  const keys = new Set(inbox.map((item) => item.key))
  if (index) {
    for (const [match, indexed] of index.rows) {
      if (!all && isAsBefore(indexed)) continue
      matches.push(match)
      if (indexed.entry) keys.add(indexed.entry[0])
    }
    for (const entry of known) if (!index.names.has(entry[1])) keys.add(entry[0])
  }
  const on = link.match.map((column, i) => `t.${column} = j.value ->> ${i}`).join(' AND ')
  const byMatch = chunks(matches).map((json) => ({
    sql: `SELECT t.* FROM json_each(?1) j CROSS JOIN ${table.name} t ON ${on} WHERE t.deleted_at IS NULL`,
    params: [json],
  }))
  const byKey = chunks([...keys].map((key) => JSON.stringify(key))).map((json) => ({
    sql: `SELECT t.* FROM json_each(?1) j CROSS JOIN ${table.name} t ON t.${table.key} = j.value`,
    params: [json],
  }))
  const results = await engine.database.batch([...byMatch, ...byKey])
  const rows = new Map(results.flatMap((result) => result.rows).map((row) => [row[table.key], row]))
  return [...rows.values()]
}
