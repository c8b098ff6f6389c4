import type { Sheet } from '../../../sync/protocol/sheets.ts'
import type { Policy } from '../data/sheets.ts'
import { capital, exact } from '../format.ts'
import { plain } from '../inbox/words.ts'

/** What people call a link: `Reference`; `Employees` of `collections.employees` */
export const sheetName = ({ name }: Pick<Sheet, 'name'>) => capital(plain(name.replace(/^.*\./, '')))

export const POLICIES = {
  sheet: 'the sheet’s value wins',
  database: 'the database’s value wins',
  newest: 'the later one wins',
  manual: 'a person says',
} as const satisfies Record<Policy, string>

/** 0.034 → `3.4 %`; `–` where nothing was counted yet. */
export const percent = (share: number | null) =>
  share === null ? '–' : share > 0 && share < 0.001 ? 'under 0.1 %' : `${Number((share * 100).toFixed(1))} %`

/** `every 5 min`, `every 2 h` */
export const every = (minutes: number) =>
  `every ${minutes % 60 === 0 && minutes >= 60 ? `${exact(minutes / 60)} h` : `${exact(minutes)} min`}`

/** What settles a cell in most tabs of a workbook. */
export function policyOf({ tabs }: Sheet): Policy {
  const policies = tabs.map(({ policy }) => policy)
  const times = (of: Policy) => policies.filter((policy) => policy === of).length
  return [...new Set(policies)].sort((a, b) => times(b) - times(a))[0] ?? 'sheet'
}
