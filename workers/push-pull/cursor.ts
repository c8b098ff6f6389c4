/**
 * How far a device has read a lane. `feed`: everything up to a version. `snapshot`: the live rows of the tables in their order,
 * up to a key; the feed goes on at the version at which that began.
 */
export type Cursor =
  | { readonly type: 'feed'; readonly generation: string; readonly version: number }
  | {
      readonly type: 'snapshot'
      readonly generation: string
      readonly version: number
      readonly table: number
      readonly key: string
    }

/** `generation.version`, and of a snapshot also `.table.key`. The key comes last, because it may hold anything. */
export function writeCursor(cursor: Cursor): string {
  const { generation, version } = cursor
  const feed = `${generation}.${version}`
  return cursor.type === 'feed' ? feed : `${feed}.${cursor.table}.${cursor.key}`
}

/** Null: this server never gave it. */
export function readCursor(text: string): Cursor | null {
  const found = /^(\w{1,40})\.(\d{1,15})(?:\.(\d{1,3})\.([\s\S]*))?$/.exec(text)
  if (!found) return null
  const [, generation = '', version, table, key] = found
  const base = { generation, version: Number(version) }
  return table === undefined
    ? { type: 'feed', ...base }
    : { type: 'snapshot', ...base, table: Number(table), key: key ?? '' }
}
