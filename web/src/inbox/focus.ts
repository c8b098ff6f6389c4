import type { Item } from './items.ts'

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
