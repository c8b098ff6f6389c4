import type { Row, SqlValue } from '../../db/database.ts'
import type { LinkDeclaration, Tie } from './declare.ts'
import { digest } from './digest.ts'
import type { PageEntry } from './plan.ts'
import type { Page, Part, RemoteRow, RowSeen } from './ports.ts'
import type { KnownRow, SeenRow } from './two-way-identify.ts'

/** A link as one part of it that goes both ways sees it. */
export type TwoWayLink = LinkDeclaration & Tie

/** A row of a page both ways. */
export interface ShownRow extends SeenRow {
  readonly row: RemoteRow
  /** Owned columns that the remote shows, and can be read */
  readonly shown: readonly string[]
  /** Digest of what it shows beside our notes */
  readonly says: string
}

/** A cell that waits for a person, as `link_rows.disputes` keeps it by column; `*`: the whole row waits. */
export interface Disputed {
  readonly conflict: string
  /** What the cell showed when it was disputed; for `*` a digest of what the row said */
  readonly shows: SqlValue
  /** Our note stands there: taking it away is an answer */
  readonly noted: boolean
}

/** What is remembered of a row that a remote showed, by key. */
export interface LinkRow {
  readonly base: Row
  readonly disputes: Readonly<Record<string, Disputed>>
}

/** The name of a row that waits as a whole among its disputes. */
export const WHOLE_ROW = '*'

/** The rows of a page, as they are identified and compared. */
export function shownRows(link: TwoWayLink, part: Part, page: Page): ShownRow[] {
  return page.rows.map((row) => {
    const values = link.complete ? link.complete({ ...row.values }, part) : { ...row.values }
    const shown = link.owns.filter((column) => column in row.values)
    return {
      position: row.position,
      name: nameOf(link, row, values),
      content: contentOf(link, row),
      values,
      row,
      shown,
      says: contentOf(link, { ...row, noted: [] }),
    }
  })
}

/** The digest by which a row is known: of its id, or of its match columns; null: it has neither. */
function nameOf({ rowIds, match }: TwoWayLink, { ref }: RemoteRow, values: Row): string | null {
  if (rowIds) return ref == null || ref === '' ? null : refName(ref)
  return match.some((column) => values[column] == null) ? null : matchName(match, values)
}

const refName = (ref: string): string => digest(`id ${ref}`)
const matchName = (match: readonly string[], values: Row): string =>
  digest(JSON.stringify(match.map((column) => values[column] ?? null)))

/** The name of a row as it would stand in the remote. */
export const nameIn = ({ rowIds, match }: TwoWayLink, key: string, values: Row): string =>
  rowIds ? refName(key) : matchName(match, values)

/** A digest of everything that a row shows: other content is news, and so is a column that was not there. */
const contentOf = ({ owns }: TwoWayLink, { values, unread = {}, noted = [] }: RemoteRow): string =>
  contentDigest(
    owns.flatMap((column) => {
      if (column in values) return [[column, values[column] ?? null]]
      return unread[column] ? [[column, unread[column].raw]] : []
    }),
    Object.keys(unread),
    noted,
  )

const contentDigest = (
  cells: readonly SqlValue[][],
  unread: readonly string[],
  noted: readonly string[],
): string => digest(JSON.stringify([cells, unread.toSorted(), noted.toSorted()]))

/** The digest of a row that shows these values and nothing else. */
export const contentOfValues = ({ owns }: TwoWayLink, values: Row, noted: readonly string[] = []): string =>
  contentDigest(
    owns.flatMap((column) => (column in values ? [[column, values[column] ?? null]] : [])),
    [],
    noted,
  )

/** What a page's memory says of a row. */
export const knownRow = ([key, name, position, , content, state]: PageEntry): KnownRow => ({
  key,
  name,
  position,
  content,
  gone: state !== 0,
})

/** Stands for the digest without the identity, which links both ways do without */
const OWED = 'owed'

/** The entry of a row that can't be shown now what stands here: it is looked at again, also where it shows what it did. */
export const owing = ([key, name, position, , content, state]: PageEntry): PageEntry => [
  key,
  name,
  position,
  OWED,
  content,
  state,
]

/** Whether a row shows what its entry says, and all of what stands here that it can. */
export const isAsKnown = (entry: PageEntry | undefined, content: string | undefined): boolean =>
  entry?.[4] === content && entry?.[3] !== OWED

/** The row as the remote is told of it. */
export const seenAs = ({ position, row, values }: ShownRow, { owns, match }: TwoWayLink): RowSeen => ({
  position,
  ref: row.ref ?? null,
  shows: Object.fromEntries(
    [...new Set([...match, ...owns])].flatMap((column): [string, SqlValue][] =>
      column in values ? [[column, values[column] ?? null]] : [],
    ),
  ),
})

/** Names an edit in its report: what it does, to which row, and to which of its columns. */
export const editId = (does: string, key: string, column = ''): string => JSON.stringify([does, key, column])

/** The row and the column that an edit is of, by its id. */
export function editedBy(id: string): { readonly key: string; readonly column: string } {
  const [, key = '', column = ''] = JSON.parse(id) as string[]
  return { key, column }
}
