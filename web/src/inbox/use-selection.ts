import { useRef, useState } from 'preact/hooks'
import type { Item } from './items.ts'

/** Which rows are selected; what left the list is not. */
export interface Selection {
  /** In the order of the list */
  readonly chosen: readonly Item[]
  readonly all: readonly Item[]
  readonly has: (id: string) => boolean
  /** `isRange`: all from the row that was touched before */
  readonly toggle: (id: string, isRange: boolean) => void
  readonly selectAll: () => void
  readonly clear: () => void
}

/** A selection among rows that can be settled. */
export function useSelection(rows: readonly Item[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const anchor = useRef<string | null>(null)
  return {
    chosen: rows.filter(({ id }) => ids.has(id)),
    all: rows,
    has: (id) => ids.has(id),
    toggle(id, isRange) {
      const from = isRange ? rows.findIndex((row) => row.id === anchor.current) : -1
      const to = rows.findIndex((row) => row.id === id)
      anchor.current = id
      if (to < 0) return
      const touched =
        from < 0 ? [id] : rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id)
      const next = new Set(ids)
      for (const one of touched)
        if (ids.has(id) && from < 0) next.delete(one)
        else next.add(one)
      setIds(next)
    },
    selectAll: () => setIds(new Set(rows.map(({ id }) => id))),
    clear: () => setIds(new Set()),
  }
}
