import type { HistoryEntry } from '../sync/protocol/records.ts'

type Scalar = string | number | null

/** One change of one column: where it came from, who made it, when, by which run and rule. */
export interface Because {
  readonly before: Scalar
  readonly after: Scalar
  readonly origin: string
  readonly rule: string
  readonly actor: string
  readonly at: string
  readonly run_id: string | null
  readonly lane: string
  readonly version: number
}

/** Why a column says what it says. */
export interface Reason {
  readonly column: string
  readonly value: Scalar
  /** What set it; null: it is older than the history */
  readonly set: Because | null
  /** What was proposed since, and not taken; newest first */
  readonly refused: readonly Because[]
  /** Who holds it at this value; null: nobody */
  readonly pin: Because | null
}

/**
 * Reads from a row's history, newest first, why each of its columns says what it says. `deleted`: what took the row away, if it
 * is gone. `now`: the row itself, where it can be read; it also has columns that no change has touched.
 */
export function reasonsOf(
  history: readonly HistoryEntry[],
  now: Readonly<Record<string, Scalar>> | null,
): { readonly reasons: readonly Reason[]; readonly deleted: Because | null } {
  const changes = history.flatMap((entry) =>
    entry.changes
      .filter(({ column }) => isColumn(entry, column))
      .map(({ column, ...change }) => ({
        op: entry.op,
        column,
        because: { ...of(entry), ...change },
      })),
  )
  const [latest] = history.filter(({ op }) => op === 'insert' || op === 'update' || op === 'delete')
  const columns = [...new Set([...changes.map(({ column }) => column), ...Object.keys(now ?? {})])]
  const reasons = columns.map((column): Reason => {
    const own = changes.filter((change) => change.column === column)
    const i = own.findIndex(({ op }) => op === 'insert' || op === 'update' || op === 'delete')
    const set = own[i]?.because ?? null
    const pin = own.find(({ op }) => op === 'pin' || op === 'unpin')
    return {
      column,
      value: now?.[column] ?? (set ? set.after : null),
      set,
      refused: own
        .slice(0, i < 0 ? undefined : i)
        .flatMap(({ op, because }) => (op === 'refuse' ? [because] : [])),
      pin: pin?.op === 'pin' ? pin.because : null,
    }
  })
  const gone = latest?.op === 'delete' ? latest : undefined
  return {
    reasons,
    deleted: gone
      ? { ...of(gone), before: null, after: null, rule: gone.changes[0]?.rule ?? '', origin: gone.origin }
      : null,
  }
}

/** Conflicts that ended stand in the history of their row; and when it was edited is told of each change. */
const isColumn = ({ op }: HistoryEntry, column: string): boolean =>
  op !== 'resolve' && op !== 'reopen' && column !== 'edited_at' && column !== 'deleted_at'

const of = ({ actor, at, run_id, lane, version, origin }: HistoryEntry) => ({
  actor,
  at,
  run_id,
  lane,
  version,
  origin,
})
