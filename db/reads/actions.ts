import { type Database, query, type Row, type Statement, statement } from '../database.ts'

/** Whose actions, of one link: those of a lane; null is all. */
export interface ActionReader {
  readonly link: string
  readonly lane: string | null
}

/** An action, and beside it the name of the customer whom it is for, if it is for one that is known. */
const ACTION = `a.*, (SELECT name FROM customers WHERE id = a.scope || ':' || (a.body ->> '$.customer_id')) AS customer`

/** Two texts in place of one with OR, which would not use the index of a lane. */
const seen = (lane: string | null): string =>
  lane === null ? 'link = ?1 AND ?2 IS NULL' : 'lane = ?2 AND link = ?1'

/** Actions newest first. `before`: the id that the last page ended at. */
export const actionsNewestFirst = (
  { link, lane }: ActionReader,
  before: string | null,
  limit: number,
): Statement =>
  statement(
    `SELECT ${ACTION} FROM actions a WHERE ${seen(lane)} AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4`,
    link,
    lane,
    before,
    limit,
  )

export async function readActions(
  database: Database,
  reader: ActionReader,
  before: string | null,
  limit: number,
): Promise<readonly Row[]> {
  const [page] = await database.batch([actionsNewestFirst(reader, before, limit)])
  return page?.rows ?? []
}

/** One action, if it is of this lane. */
export async function readAction(
  database: Database,
  { link, lane }: ActionReader,
  id: string,
): Promise<Row | undefined> {
  const sql = `SELECT ${ACTION} FROM actions a WHERE id = ?3 AND link = ?1 AND (?2 IS NULL OR lane = ?2)`
  const [row] = await query<Row>(database, sql, link, lane, id)
  return row
}
