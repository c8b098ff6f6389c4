import type { Row, SqlValue } from '../../db/database.ts'
import type { Change, ConflictRow, PinChange, PinRow, Settled } from './changes.ts'
import type { LinkDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { changesOf, type Draft, draftOf, propose, standing } from './draft.ts'
import type { Deletions } from './guard.ts'
import { identifier, WAY } from './identify.ts'
import { type IndexedRow, isAsBefore, isNews, type PageIndex } from './page-index.ts'
import type { CellChange, Page, Part, RemoteRow, Warning } from './ports.ts'
import { pinHistory, remotePins } from './remote-pins.ts'
import { judgeVanished } from './vanished.ts'

/**
 * What a page held when it was merged last, a tuple a row: row key, digest of the match key, position, digest without the
 * identity, digest, and 0 (here), the time since which it is missing, -1 (deleted here, should it return), or -2 (missing, and a person
 * wants it there again).
 */
export type PageEntry = readonly [string, string, number, string, string, number]

/** One value of the inbox for a row of the part. */
export interface InboxValue {
  readonly key: string
  readonly col: string
  readonly value: SqlValue
  readonly origin: string
}

export interface PlanInput {
  readonly link: LinkDeclaration
  readonly scope: string
  readonly part: Part
  /** null: the remote was not read (unchanged, or down) */
  readonly page: Page | null
  /** The page's index; null where there is no page */
  readonly index: PageIndex | null
  readonly known: readonly PageEntry[]
  /** Stored rows that the page, the inbox or the known entries may touch, deleted ones included */
  readonly stored: readonly Row[]
  readonly pins: readonly PinRow[]
  readonly inbox: readonly InboxValue[]
  readonly deletions: Deletions
  /** Merge every row, also those that the remote shows unchanged */
  readonly full: boolean
  /**
   * For links that add no rows: row key -> who of the remote's rows stands for it, by the digest of its match key, and by
   * which way it was found (0 is the best)
   */
  readonly claims?: ReadonlyMap<string, { readonly name: string; readonly way: number }>
  readonly now: number
  readonly newKey: () => string
}

/** A row of the remote that waits: `unmatched` (no row here), `ambiguous` (several), `details` (not given). */
export interface Deferred {
  readonly name: string
  readonly kind: 'unmatched' | 'ambiguous' | 'details'
  /** What the remote showed, by column */
  readonly row: Row
  readonly reason: string
}

export interface Plan {
  readonly changes: readonly Change[]
  readonly pins: readonly PinChange[]
  /** Links both ways: conflicts that were answered in the remote */
  readonly settled?: readonly Settled[]
  /** All conflicts that this page shows, also those already open */
  readonly conflicts: readonly ConflictRow[]
  readonly entries: readonly PageEntry[]
  readonly warnings: readonly Warning[]
  readonly counts: { read: number; merged: number; skipped: number; rejected: number; deleted: number }
  /** Rows are missing for the first time: look again soon before believing it */
  readonly lookAgain: boolean
  /** Rows that could not be merged and wait */
  readonly deferred: readonly Deferred[]
  /** Cells of the remote that differ from the merged values, for links that write back */
  readonly cells: readonly CellChange[]
}

/**
 * Merges one page of a remote, and what the inbox has for its part, into the stored rows. Pure: the same inputs
 * give the same plan. Phases: find each row's row, merge, merge the inbox, then judge what vanished.
 */
export function planPage(input: PlanInput): Plan {
  const { link, page, index, known, full } = input
  const byKey = new Map(input.stored.map((row) => [String(row[link.table.key]), row]))
  const drafts = new Drafts(input)
  const rows = index?.rows ?? new Map<string, IndexedRow>()
  const vanished = page ? known.filter((entry) => !index?.names.has(entry[1])) : []
  const identify = identifier(input, byKey, vanished)
  const warnings: Warning[] = [...(index?.warnings ?? [])]
  const pinChanges: PinChange[] = []
  const entries: PageEntry[] = []
  const shown: { key: string; row: RemoteRow }[] = []
  let skipped = 0

  const deferred: Deferred[] = []
  const doubts: ConflictRow[] = []

  // What can't be read is there all the same: it does not vanish, and is read again when it can be.
  for (const [name, position] of index?.unread ?? [])
    entries.push([known.find((entry) => entry[1] === name)?.[0] ?? '', name, position, '', '', 0])
  for (const indexed of rows.values()) {
    const found = identify(indexed)
    if ('kind' in found) {
      const { kind, reason } = found
      entries.push(['', indexed.name, indexed.row.position, '', indexed.all, 0])
      if (!full && !isNews(indexed)) {
        skipped++
        continue
      }
      deferred.push({ name: indexed.name, kind, row: indexed.row.values, reason })
      if (kind === 'ambiguous') doubts.push(doubtOf(input, indexed, reason))
      continue
    }
    const { key, stored, entry } = found
    const rest = 'way' in found ? `${WAY}${found.way}` : indexed.rest
    entries.push([key, indexed.name, indexed.row.position, rest, indexed.all, 0])
    shown.push({ key, row: indexed.row })
    if (!full && entry === indexed.entry && !isNews(indexed)) {
      skipped++
      continue
    }
    const draft = drafts.open(key, stored)
    if (stored?.deleted_at != null) {
      draft.after.deleted_at = null
      draft.why.deleted_at = [page?.where(indexed.row.position) ?? '', 'returned']
    }
    if (page) remotePins(input, draft, indexed.row, page, pinChanges, warnings)
    proposeRow(input, draft, indexed)
    // A refused proposal is recorded once: when the remote shows it for the first time, not whenever all is read.
    if (!isAsBefore(indexed)) drafts.settle(draft)
  }
  for (const item of input.inbox) {
    const stored = byKey.get(item.key)
    if (!stored || (stored.deleted_at != null && !drafts.has(item.key))) continue
    proposeInbox(input, drafts.open(item.key, stored), item)
  }

  const merged = drafts.finish()
  // A page of a list says nothing about rows of other pages: what vanished is judged at the end of the list.
  const missing =
    page && !link.list
      ? judgeVanished(
          input,
          vanished.filter((entry) => !identify.adopted.has(entry[1])),
          rows.size,
          byKey,
        )
      : { entries: page ? [] : known, changes: [], pins: [], conflicts: [], lookAgain: false }
  const read = (page?.rows.length ?? 0) + (page?.rejected?.length ?? 0)
  return {
    changes: [
      ...missing.changes,
      ...merged.changes,
      ...pinHistory(link, pinChanges, (key) => Number(byKey.get(key)?.version ?? 0)),
    ],
    pins: [...missing.pins, ...pinChanges],
    conflicts: [...(index?.conflicts ?? []), ...doubts, ...merged.conflicts, ...missing.conflicts],
    entries: [...entries, ...missing.entries],
    warnings: [...warnings, ...merged.warnings].map(short),
    counts: {
      read,
      merged: rows.size - skipped,
      skipped,
      rejected: read - rows.size,
      deleted: missing.changes.length,
    },
    lookAgain: missing.lookAgain,
    deferred,
    cells: writesBack(input)
      ? cellsToWrite(link, shown, (key) => drafts.get(key)?.after ?? byKey.get(key) ?? {})
      : [],
  }
}

/** Whether merged values of this part go back to the remote. */
export const writesBack = ({ link, part }: { link: LinkDeclaration; part: Part }): boolean =>
  link.writes.length > 0 && part.options.write_back === 1

/** Texts of a warning: what a person needs to find the place, and no cell of 50,000 characters in every report. */
const WARNING_TEXT = 300
/** Of what stood there, the specification of the lists asks for 1 KB */
const RAW_TEXT = 1_000

const short = (warning: Warning): Warning => ({
  ...warning,
  message: warning.message.slice(0, WARNING_TEXT),
  ...(warning.where === undefined ? {} : { where: warning.where.slice(0, WARNING_TEXT) }),
  ...(warning.raw === undefined ? {} : { raw: warning.raw.slice(0, RAW_TEXT) }),
})

/** What conflicts of a part are derived from. */
export const scopeKeyOf = ({
  link,
  scope,
  part,
}: {
  link: LinkDeclaration
  scope: string
  part: Part
}): string => `${link.name}|${scope}|${part.id}`

/** The row of a remote that may stand for several rows here: a person says, nobody guesses. */
const doubtOf = (input: PlanInput, { row, name, values }: IndexedRow, reason: string): ConflictRow => ({
  id: ambiguityId(input, name),
  part: input.part.id,
  tbl: input.link.table.name,
  key: String(values[input.link.match[0] ?? ''] ?? values.name ?? name),
  col: null,
  kind: 'ambiguous',
  base: null,
  ours: null,
  theirs: JSON.stringify(row.values),
  detail: `${input.page?.where(row.position) ?? ''}: ${reason}`,
  recommendations: [
    'Make the names differ, or give the row its id, in the remote; the conflict closes by itself.',
  ],
})

/** The id of the conflict that a row of the remote opens when it can't be told what it stands for. */
export const ambiguityId = (of: { link: LinkDeclaration; scope: string; part: Part }, name: string): string =>
  `c_${digest(`${scopeKeyOf(of)}|ambiguous|${name}`)}`

/** The rows being merged, and what the remote proposed in vain. */
class Drafts {
  readonly #all = new Map<string, Draft>()
  readonly #refused = new Map<string, Draft['refused']>()
  readonly #pins: ReadonlyMap<string, ReadonlyMap<string, PinRow>>
  readonly #input: PlanInput

  constructor(input: PlanInput) {
    this.#input = input
    this.#pins = groupPins(input.pins)
  }

  has(key: string) {
    return this.#all.has(key)
  }

  get(key: string) {
    return this.#all.get(key)
  }

  open(key: string, stored: Row | undefined): Draft {
    const found =
      this.#all.get(key) ?? draftOf(this.#input.link.table, key, stored ?? null, this.#pins.get(key))
    this.#all.set(key, found)
    return found
  }

  /** Remembers what the remote proposed in vain: what the inbox proposes stays in the inbox and needs no record. */
  settle(draft: Draft) {
    this.#refused.set(draft.key, { ...draft.refused })
  }

  finish() {
    const changes: Change[] = []
    const conflicts: ConflictRow[] = []
    const warnings: Warning[] = []
    for (const draft of this.#all.values()) {
      const proposed = this.#refused.get(draft.key) ?? {}
      const refused = Object.entries(proposed).filter(([column, { value }]) => value !== draft.after[column])
      changes.push(...changesOf({ ...draft, refused: Object.fromEntries(refused) }, this.#input.link.table))
      conflicts.push(...draft.conflicts)
      for (const [column, { value, origin, rule }] of refused)
        warnings.push({
          kind: 'refused',
          message: `${column} ${value} was not taken: ${rule} keeps ${draft.after[column]}. A pin fixes a value.`,
          where: origin,
          raw: String(value),
        })
    }
    return { changes, conflicts, warnings }
  }
}

function proposeRow(input: PlanInput, draft: Draft, { row, values }: IndexedRow): void {
  const { link, page, part } = input
  const found = standing(draft)
  for (const column of [...link.match, ...link.owns]) {
    const value = values[column]
    if (value === undefined || column === link.table.key) continue
    propose(draft, link.table, {
      column,
      value,
      row: values,
      found,
      origin: page?.where(row.position, column) ?? link.remote,
      part: part.id,
      scopeKey: scopeKeyOf(input),
    })
  }
}

function proposeInbox(input: PlanInput, draft: Draft, item: InboxValue): void {
  propose(draft, input.link.table, {
    column: item.col,
    value: item.value,
    row: { [item.col]: item.value },
    found: standing(draft),
    origin: item.origin,
    part: input.part.id,
    scopeKey: scopeKeyOf(input),
  })
}

function groupPins(all: readonly PinRow[]): Map<string, Map<string, PinRow>> {
  const grouped = new Map<string, Map<string, PinRow>>()
  for (const pin of all) {
    const columns = grouped.get(pin.key) ?? new Map<string, PinRow>()
    columns.set(pin.col, pin)
    grouped.set(pin.key, columns)
  }
  return grouped
}

/** Cells that show something else than the merged value. Formulas and texts of people are never written over. */
function cellsToWrite(
  of: LinkDeclaration,
  shown: readonly { key: string; row: RemoteRow }[],
  mergedOf: (key: string) => Row,
): CellChange[] {
  const cells: CellChange[] = []
  for (const { key, row } of shown) {
    const merged = mergedOf(key)
    const match = Object.fromEntries(of.match.map((column) => [column, merged[column] ?? null]))
    for (const column of of.writes) {
      const seen = row.values[column] ?? null
      const value = merged[column] ?? null
      if (value === null || value === seen || row.locked?.includes(column)) continue
      cells.push({ match, column, seen, value })
    }
  }
  return cells
}
