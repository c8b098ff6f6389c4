import type { ReferenceTable } from './book.ts'
import type { TortureWorld } from './torture-world.ts'

/** When people do it: between two runs, twice in the middle of a run that writes, and right after one that wrote. */
export const MOMENTS = [
  'before a run',
  'after its reading',
  'in the moment of its write',
  'after a run',
] as const
export type Moment = (typeof MOMENTS)[number]

/** Something that people do in a workbook, and what becomes of it. */
export interface Act {
  /** As the table in the docs says it, behind “What happens when people …” */
  readonly people: string
  /** What happens, in one plain sentence */
  readonly verdict: string
  readonly table: ReferenceTable
  /** What an operator set beside the workbook */
  readonly setting?: Readonly<Record<string, unknown>>
  /** Absent: all */
  readonly moments?: readonly Moment[]
  readonly act: (w: TortureWorld) => void | Promise<void>
  /** Rows here more or fewer than before; absent: as many */
  readonly rows?: number
  /** Nothing of the tab is merged or written afterwards: why, as the run says it; null: it goes on */
  readonly stops?: RegExp | null
  /** Kinds of the questions that wait for a person afterwards */
  readonly asks?: readonly string[]
  /** Kinds of warnings that the runs afterwards give */
  readonly warns?: readonly string[]
  /** Where sheet and database may stand apart: `label.column`, `*.column`, or the label of a row */
  readonly apart?: readonly string[]
  /** Columns that people called otherwise */
  readonly headers?: Readonly<Record<string, string>>
  /** Cells that are written for it beside what a program changed */
  readonly writes?: true
  /** What else must hold */
  readonly afterwards?: (w: TortureWorld) => void | Promise<void>
  /** What of this is otherwise where a program adds and deletes rows meanwhile */
  readonly comings?: (moment: Moment) => Partial<Expected>
}

type Expected = Pick<Act, 'rows' | 'stops' | 'asks' | 'warns' | 'apart' | 'afterwards'>
