import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { type Get, getMore } from '../data/api.ts'
import { type Held, useRead } from '../data/reads.ts'

/** A list whose first page is kept up to date, and whose older pages are read when somebody asks for them. */
export interface Pages<T> {
  readonly held: Held<T[]>
  readonly all: readonly T[]
  readonly isMore: boolean
  readonly problem: Problem | null
  readonly more: () => Promise<void>
}

/** `idOf` tells rows apart: the first page moves while older ones stay. */
export function usePages<T>(get: Get<T[]>, idOf: (row: T) => string): Pages<T> {
  const held = useRead(get)
  const [older, setOlder] = useState<{ rows: readonly T[]; next: string | null } | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const first = held.value ?? []
  const seen = new Set(first.map(idOf))
  const next = older ? older.next : (held.next ?? null)
  return {
    held,
    all: older ? [...first, ...older.rows.filter((row) => !seen.has(idOf(row)))] : first,
    isMore: next !== null,
    problem,
    async more() {
      if (next === null) return
      const answer = await getMore<T>(next).load()
      setProblem(answer.ok ? null : answer.problem)
      if (answer.ok) setOlder({ rows: [...(older?.rows ?? []), ...answer.value], next: answer.next })
    },
  }
}
