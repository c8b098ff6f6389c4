import { answerTo } from '../../web/review/src/answer.ts'
import { type Copy, type Effect, type Entry, merged, newCopy } from '../../web/review/src/outbox.ts'
import type { Kept, Status } from '../../web/review/src/queue.ts'
import type { Deps } from '../../web/review/src/sync.ts'

/** A phone's copy in memory, which behaves as the browser's database does. */
export interface Memory {
  copy: Copy
  entries: Entry[]
  rows: Map<string, Kept>
  ids: number
}

export const newMemory = (incarnation: string): Memory => ({
  copy: newCopy('listings', incarnation),
  entries: [],
  rows: new Map(),
  ids: 0,
})

export const changing =
  (memory: Memory): Deps['change'] =>
  async (_read, decide) => {
    const change = decide(structuredClone({ copy: memory.copy, entries: memory.entries }))
    memory.copy = change.copy
    memory.entries = merged(memory.entries, change.entries)
    for (const effect of change.effects) apply(memory, effect)
    return structuredClone({ copy: memory.copy, entries: memory.entries })
  }

export function answer(memory: Memory, id: string, status: Status, now: number): void {
  const kept = memory.rows.get(id)
  if (!kept) return
  memory.entries = memory.entries.filter(({ state, mutation }) => state !== 'waiting' || mutation.key !== id)
  const mutation = answerTo(kept, memory.entries, status, now)
  memory.entries.push({ id: ++memory.ids, state: 'waiting', mutation })
}

function apply({ rows }: Memory, effect: Effect): void {
  if (effect.type === 'page') {
    for (const cells of effect.table.rows) {
      const row = Object.fromEntries(effect.table.columns.map((column, i) => [column, cells[i] ?? null]))
      rows.set(String(row.id), { id: String(row.id), row, came: 0, reading: effect.reading })
    }
    for (const id of effect.table.deleted) rows.delete(id)
  } else if (effect.type === 'sweep') {
    for (const [id, { reading }] of rows)
      if (reading < effect.reading && !effect.keep.includes(id)) rows.delete(id)
  } else {
    const { mutation, result } = effect
    const kept = rows.get(mutation.key)
    const taken = result?.status === 'conflict' ? {} : mutation.values
    if (kept) rows.set(kept.id, { ...kept, row: { ...kept.row, ...taken, ...result?.set } })
  }
}
