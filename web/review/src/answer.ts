import type { Entry, Values } from './outbox.ts'
import type { Kept, Status } from './queue.ts'

/** The columns that an answer changes. */
const COLUMNS = ['lifecycle_stage', 'assessed_at', 'modesty_status'] as const

/** An answer as a mutation, on top of what this phone has said of the listing already. */
export function answerTo(
  { id, row }: Kept,
  earlier: readonly Entry[],
  status: Status,
  now: number,
): Entry['mutation'] {
  const sent = earlier.filter(({ state, mutation }) => state === 'sending' && mutation.key === id)
  const stood: Values = Object.assign({}, row, ...sent.map(({ mutation }) => mutation.values))
  const at = new Date(now).toISOString()
  return {
    table: 'listings',
    op: 'update',
    key: id,
    values: {
      lifecycle_stage: status.approved ? 'assessed_approved' : 'assessed_rejected',
      assessed_at: at,
      modesty_status: status.id,
    },
    base: Object.fromEntries(COLUMNS.map((column) => [column, stood[column] ?? null])),
    at,
  }
}

/** The answer that undo goes back to: the newest before `before`. What a person was told is refused is not among them. */
export const lastAnswer = (entries: readonly Entry[], before: number | null): Entry | undefined =>
  entries
    .filter(({ id, state }) => state !== 'rejected' && (before === null || id < before))
    .sort((a, b) => b.id - a.id)[0]
