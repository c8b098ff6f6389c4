import { cells } from './acts/cells.ts'
import { columns } from './acts/columns.ts'
import { gone } from './acts/gone.ts'
import { ids } from './acts/ids.ts'
import { rows } from './acts/rows.ts'
import { staff } from './acts/staff.ts'
import { tabs } from './acts/tabs.ts'
import { together } from './acts/together.ts'
import { types } from './acts/types.ts'
import { theWindow } from './acts/window.ts'

/** What people do, and what becomes of it: all that is tested, in the order of the docs. */
export const acts: readonly { readonly people: string; readonly verdict: string }[] = [
  ...rows,
  ...ids,
  ...gone,
  ...columns,
  ...tabs,
  ...cells,
  ...types,
  ...Object.values(staff),
  ...together,
  theWindow,
]
