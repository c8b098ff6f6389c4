import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Item } from './items.ts'

/** A row that comes back to the list: it has the focus then, unless somebody has put that elsewhere. */
export const awaited = signal<string | null>(null)

/** The row that takes the place of those that leave: the next one that stays, else the one before; '': none stays. */
export function rowAfter(order: readonly Item[], leaving: readonly Item[]): string {
  const gone = new Set(leaving.map(({ id }) => id))
  const first = order.findIndex(({ id }) => gone.has(id))
  const stays = ({ id }: Item) => !gone.has(id)
  return (
    (order.slice(Math.max(0, first)).find(stays) ?? order.slice(0, Math.max(0, first)).findLast(stays))?.id ??
    ''
  )
}

/** Puts the focus on a row's link; where it is not there (any more), on the heading. */
export function focusOn(id: string): void {
  const row = id === '' ? null : rowOf(id)
  const place = row?.querySelector<HTMLElement>('.inbox-link') ?? document.querySelector<HTMLElement>('h1')
  place?.focus()
  if (row) row.scrollIntoView({ block: 'nearest' })
}

/** The row that has the focus, or holds what has it. */
export const focusedRow = (): string | null =>
  document.activeElement?.closest<HTMLElement>('.inbox-row')?.dataset.id ?? null

const rowOf = (id: string) => document.querySelector<HTMLElement>(`.inbox-row[data-id="${CSS.escape(id)}"]`)

/** A dialog keeps the focus in it until it is gone: what is said here is where it goes then. */
export function useFocusAfter(isOpen: boolean): (id: string) => void {
  const target = useRef<string | null>(null)
  useEffect(() => {
    if (isOpen || target.current === null) return
    focusOn(target.current)
    target.current = null
  }, [isOpen])
  return (id) => {
    target.current = id
  }
}

/** When the row that had the focus leaves the list, whoever settled it, the one that takes its place has it. */
export function useHeldFocus(order: readonly Item[]): void {
  const held = useRef<{ id: string; at: number } | null>(null)
  const ids = order.map(({ id }) => id)
  useEffect(() => {
    const note = () => {
      const id = focusedRow()
      // What is in a dialog, or was removed with the focus, leaves the place as it was.
      if (document.activeElement === document.body || document.querySelector('dialog[open]')) return
      held.current = id === null ? null : { id, at: ids.indexOf(id) }
    }
    document.addEventListener('focusin', note)
    return () => document.removeEventListener('focusin', note)
  }, [ids.join()])
  useEffect(() => {
    const back = awaited.peek()
    if (back === null || !ids.includes(back)) return
    awaited.value = null
    if (document.activeElement?.matches('h1, body')) focusOn(back)
  })
  useEffect(() => {
    const { id, at } = held.current ?? { id: '', at: 0 }
    if (id === '' || ids.includes(id) || document.activeElement !== document.body) return
    focusOn(ids[Math.min(at, ids.length - 1)] ?? '')
  })
}
