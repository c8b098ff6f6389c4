import { titleOf, waysFor } from '../../../sync/protocol/sheet-conflicts.ts'
import { isAdmin } from '../data/session.ts'
import type { Tab } from '../data/sheets.ts'
import { GuardWays } from '../inbox/guard-ways.tsx'
import { gone } from '../inbox/settled.ts'
import { Notice } from '../parts/notice.tsx'

/** What holds a tab until a person has answered, with both answers. */
export function Guard({ tab, guard }: { tab: Tab; guard: NonNullable<Tab['guard']> }) {
  const { conflict: id, kind, detail } = guard
  if (gone.value.has(id)) return null
  return (
    <Notice
      tone="warn"
      icon="paused"
      title={titleOf({ kind, table: tab.table, key: tab.table, columns: [] })}
    >
      <p>{detail}</p>
      <p class="quiet">
        Nothing of it is read or written until somebody says what is right. Rows stay as they are.{' '}
        {isAdmin.value && <a href={`/conflicts/${encodeURIComponent(id)}`}>More</a>}
      </p>
      {isAdmin.value ? (
        <GuardWays held={{ id, detail, ways: waysFor(kind) ?? [] }} isIn />
      ) : (
        <p class="quiet">An admin says what becomes of it.</p>
      )}
    </Notice>
  )
}
