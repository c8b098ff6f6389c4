import type { Row, Statement } from '../../db/database.ts'
import { chunks } from './chunks.ts'
import { type Facts, readFacts } from './facts.ts'
import { DELETIONS, GUARDS } from './guard-kinds.ts'
import type { PageEntry } from './plan.ts'
import type { Page, Part } from './ports.ts'
import type { Step } from './run.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'
import { type Match, matchLeft, matchRows } from './two-way-identify.ts'
import {
  isAsKnown,
  knownRow,
  type LinkRow,
  type ShownRow,
  shownRows,
  type TwoWayLink,
} from './two-way-rows.ts'
import { type Unheard, unheardOf, unheardStatement } from './two-way-unheard.ts'

/** Everything that the plan of a part both ways looks at. */
export interface TwoWayFacts {
  readonly rows: readonly ShownRow[]
  /** Position -> who the row is */
  readonly matches: ReadonlyMap<number, Match>
  readonly known: readonly PageEntry[]
  /** JSON: the page's warnings as they are stored */
  readonly warnings: string
  /** When the page's memory was written last; 0: never */
  readonly at: number
  readonly remembered: ReadonlyMap<string, LinkRow>
  readonly unheard: Unheard
  /** Keys of rows that changed here since the part was last in step, or of all of them in a full run */
  readonly outgoing: ReadonlySet<string>
  /** Conflicts that `remembered` names: how they were resolved; null: they are open */
  readonly answers: ReadonlyMap<string, string | null>
  /** What was said in them, where that is a row */
  readonly questions: ReadonlyMap<string, Row>
  /** Open conflicts of the part: those that close by themselves */
  readonly open: readonly { readonly id: string; readonly kind: string; readonly key: string }[]
  /** A person answered a guard of the part since its memory was written last */
  readonly isAnswered: boolean
  /** How the deletions that the guard kept were answered since; null: they were not */
  readonly deletions: { readonly resolution: string; readonly keys: readonly string[] } | null
  readonly lane: Facts
}

/** Reads them: what is known of the part, then of the rows that differ, then those rows themselves. */
export async function readTwoWay(
  { engine, run }: Step,
  link: TwoWayLink,
  frame: RunFrame,
  checkpoint: Checkpoint,
  part: Part,
  page: Page,
): Promise<TwoWayFacts> {
  const { database } = engine
  const { table } = link
  const full = checkpoint.mode === 'full'
  const of = [link.name, run.scope, part.id] as const
  const [memory, changed, disputed, conflicts, sent] = await database.batch([
    {
      sql: 'SELECT rows, warnings, at FROM link_pages WHERE link = ?1 AND scope = ?2 AND page = ?3',
      params: of,
    },
    full ? allKeys(link) : changedKeys(run.lane, table.name, frame.state?.inbox[part.id] ?? 0),
    {
      sql: `SELECT key, base, disputes FROM link_rows
        WHERE link = ?1 AND scope = ?2 AND part = ?3 AND disputes IS NOT NULL`,
      params: of,
    },
    {
      sql: `SELECT id, kind, key FROM conflicts
        WHERE lane = ?4 AND link = ?1 AND scope = ?2 AND part = ?3 AND resolved_at IS NULL`,
      params: [...of, run.lane],
    },
    unheardStatement(of),
  ])
  const held = memory?.rows[0]
  const known = JSON.parse(String(held?.rows ?? '[]')) as PageEntry[]
  const at = Number(held?.at ?? 0)
  const outgoing = new Set((changed?.rows ?? []).map(({ key }) => String(key)))
  const rows = shownRows(link, part, page)
  const first = matchRows(rows, known.map(knownRow), link.rowIds)
  const byPosition = new Map(rows.map((row) => [row.position, row]))
  const entries = new Map(known.map((entry) => [entry[0], entry]))
  // Also one that is back, or under another id, and shows just what it did: something else may stand here.
  const moved = [...first.matches].flatMap(([position, { key, verdict }]) => {
    const same =
      key !== null && verdict === 'same' && isAsKnown(entries.get(key), byPosition.get(position)?.content)
    return key !== null && (full || !same) ? [key] : []
  })
  const wanted = [...new Set([...first.known.map(({ key }) => key), ...moved, ...outgoing])]
  const disputes = (disputed?.rows ?? []).map(linkRow)
  const named = disputes.flatMap(([, { disputes: of }]) => Object.values(of).map(({ conflict }) => conflict))
  const strangers = first.rows.filter(({ name }) => name !== null)
  const [answered, settled, ...found] = await database.batch([
    // A guard is a conflict of the part itself: its answer is in the history as one of a row that is called so.
    full || outgoing.has(part.id)
      ? answeredGuards(of, run.lane, at)
      : { sql: 'SELECT 1 WHERE false', params: [] },
    {
      sql: 'SELECT id, theirs, resolution FROM conflicts WHERE id IN (SELECT value FROM json_each(?1))',
      params: [JSON.stringify(named)],
    },
    ...linkRowReads(of, wanted),
    ...strangerReads(link, strangers),
  ])
  const reads = linkRowReads(of, wanted).length
  const remembered = new Map([
    ...disputes,
    ...found.slice(0, reads).flatMap(({ rows: all }) => all.map(linkRow)),
  ])
  // Where people type the key, another key is another row, however much it shows the same.
  const baseOf = (key: string) => (isNamedByKey(link) ? undefined : remembered.get(key)?.base)
  const matches = new Map(matchLeft(first, baseOf, link.owns, link.rowIds))
  adopt(
    link,
    rows,
    matches,
    found.slice(reads).flatMap(({ rows: all }) => all),
  )
  const keys = new Set([...wanted, ...disputes.map(([key]) => key)])
  for (const { position, row } of rows) {
    const match = matches.get(position)
    if (match?.key && (match.verdict !== 'same' || moved.includes(match.key))) keys.add(match.key)
    // An id that nobody knows may be that of a row whose writing was not heard of.
    if (match?.verdict === 'new' && row.ref) keys.add(row.ref)
    if (match?.verdict === 'new' && isNamedByKey(link))
      keys.add(String(byPosition.get(position)?.values[table.key]))
  }
  const lane = await readFacts(database, run.lane, [
    {
      table,
      keys: [...keys],
      values: table.unique.length === 0 ? [] : rows.map(({ values }) => values),
      open: true,
    },
  ])
  const guards = answered?.rows ?? []
  const guarded = guards.findLast(({ kind }) => kind === DELETIONS)
  return {
    rows,
    matches,
    known,
    warnings: String(held?.warnings ?? '[]'),
    at,
    remembered,
    unheard: unheardOf(sent?.rows ?? []),
    outgoing,
    answers: new Map(
      (settled?.rows ?? []).map(({ id, resolution }) => [String(id), resolution as string | null]),
    ),
    questions: new Map(
      (settled?.rows ?? []).map(({ id, theirs }) => [String(id), JSON.parse(String(theirs ?? '{}')) as Row]),
    ),
    open: (conflicts?.rows ?? []).map(({ id, kind, key }) => ({
      id: String(id),
      kind: String(kind),
      key: String(key),
    })),
    isAnswered: guards.length > 0,
    deletions: guarded
      ? { resolution: String(guarded.resolution), keys: JSON.parse(String(guarded.theirs)) as string[] }
      : null,
    lane,
  }
}

/** Its key is what people type: a row that is new is called so. */
export const isNamedByKey = ({ match, table }: TwoWayLink): boolean =>
  match.length === 1 && match[0] === table.key

const allKeys = ({ table }: TwoWayLink): Statement => ({
  sql: `SELECT ${table.key} AS key FROM ${table.name} WHERE deleted_at IS NULL`,
  params: [],
})

const changedKeys = (lane: string, table: string, since: number): Statement => ({
  sql: `SELECT DISTINCT key FROM history WHERE lane = ?1 AND version > ?2 AND tbl = ?3
    AND op IN ('insert', 'update', 'delete', 'resolve', 'reopen')`,
  params: [lane, since, table],
})

/** Guards that a person answered since, the latest last. */
const answeredGuards = (of: readonly string[], lane: string, since: number): Statement => ({
  sql: `SELECT kind, theirs, resolution FROM conflicts
    WHERE lane = ?4 AND link = ?1 AND scope = ?2 AND part = ?3 AND resolved_at > ?5
      AND resolution IN ('keep_local', 'keep_remote') AND kind IN (SELECT value FROM json_each(?6))
    ORDER BY resolved_at`,
  params: [...of, lane, since, JSON.stringify(GUARDS)],
})

const linkRowReads = (of: readonly string[], keys: readonly string[]): Statement[] =>
  chunks(keys.map((key) => JSON.stringify(key))).map((json) => ({
    sql: `SELECT r.key, r.base, r.disputes FROM json_each(?4) j CROSS JOIN link_rows r
      ON r.link = ?1 AND r.scope = ?2 AND r.part = ?3 AND r.key = j.value`,
    params: [...of, json],
  }))

/** Live rows here that match rows which were never seen: what was here first, and what was written and not heard of. */
function strangerReads(
  { table, match, rowIds }: TwoWayLink,
  rows: readonly ShownRow[] | readonly { values: Row }[],
): Statement[] {
  if (match.length === 0 || rowIds) return []
  const on = match.map((column, i) => `t.${column} = j.value ->> ${i}`).join(' AND ')
  return chunks(rows.map(({ values }) => JSON.stringify(match.map((column) => values[column] ?? null)))).map(
    (json) => ({
      sql: `SELECT t.${table.key} AS key, j.value AS match FROM json_each(?1) j CROSS JOIN ${table.name} t ON ${on}
      WHERE t.deleted_at IS NULL`,
      params: [json],
    }),
  )
}

/** Rows that seemed new are those here which their match columns name. */
function adopt(
  { match }: TwoWayLink,
  rows: readonly ShownRow[],
  matches: Map<number, Match>,
  found: readonly Row[],
): void {
  const named = new Map(found.map((row) => [String(row.match), String(row.key)]))
  const taken = new Set([...matches.values()].map(({ key }) => key))
  for (const { position, values } of rows) {
    if (matches.get(position)?.verdict !== 'new') continue
    const key = named.get(JSON.stringify(match.map((column) => values[column] ?? null)))
    if (key === undefined || taken.has(key)) continue
    taken.add(key)
    matches.set(position, { key, verdict: 'same' })
  }
}

const linkRow = ({ key, base, disputes }: Row): [string, LinkRow] => [
  String(key),
  {
    base: JSON.parse(String(base)) as Row,
    disputes: disputes === null ? {} : (JSON.parse(String(disputes)) as LinkRow['disputes']),
  },
]
