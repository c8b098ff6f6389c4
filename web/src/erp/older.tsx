import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { getMore } from '../data/api.ts'
import type { Held } from '../data/reads.ts'
import { Failure } from '../parts/notice.tsx'

/**
 * A list whose first page is kept up to date and whose further ones are added on demand. `idOf`: what a row is known by,
 * so that one that moved to a further page meanwhile is shown once.
 */
export function useOlder<T>(held: Held<T[]>, idOf: (row: T) => string) {
  const [older, setOlder] = useState<{ rows: readonly T[]; next: string | null } | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const first = held.value ?? []
  const seen = new Set(first.map(idOf))
  const rows = [...first, ...(older?.rows ?? []).filter((row) => !seen.has(idOf(row)))]
  const next = older ? older.next : (held.next ?? null)

  async function more() {
    if (!next) return
    const answer = await getMore<T>(next).load()
    setProblem(answer.ok ? null : answer.problem)
    if (answer.ok) setOlder({ rows: [...(older?.rows ?? []), ...answer.value], next: answer.next })
  }

  const button = (text: string) => (
    <>
      {problem && <Failure problem={problem} />}
      {next && (
        <button type="button" class="button erp-more" onClick={more}>
          {text}
        </button>
      )}
    </>
  )
  return { rows, button }
}
