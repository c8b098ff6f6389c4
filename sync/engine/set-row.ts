import type { Row } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'
import { settle } from './draft.ts'
import { draftFor, moving, type Work } from './work.ts'

/** Where values come from and why they stand, as the history says it. */
export interface Because {
  readonly origin: string
  readonly rule: string
}

/** A person's word on a row's values: no rule is asked, but a pin keeps its value. */
export function setRow(
  work: Work,
  table: TableDeclaration,
  key: string,
  values: Row,
  { origin, rule }: Because,
): void {
  const draft = draftFor(work, table, key)
  moving(work, table, draft, () => {
    for (const [column, value] of Object.entries(values)) {
      const pin = draft.pins.get(column)
      settle(
        draft,
        column,
        { value, origin },
        pin ? pin.value : value,
        pin ? `pin by ${pin.actor}` : origin,
        pin ? 'pin' : rule,
      )
    }
  })
}

/** Deletes a row, or (null) brings it back. */
export function setDeleted(
  work: Work,
  table: TableDeclaration,
  key: string,
  deletedAt: number | null,
  { origin, rule }: Because,
): void {
  const draft = draftFor(work, table, key)
  moving(work, table, draft, () => {
    if ((draft.after.deleted_at ?? null) === deletedAt) return
    draft.after.deleted_at = deletedAt
    draft.why.deleted_at = [origin, rule]
  })
}
