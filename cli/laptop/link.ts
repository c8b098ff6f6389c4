import * as z from 'zod'
import { DeviceType } from '../../sync/protocol/device.ts'
import { type Sqlite, transaction } from './file.ts'
import { renew } from './layout.ts'

const Holds = z.enum([
  'text',
  'number',
  'units',
  'amount',
  'amountText',
  'iso',
  'sql',
  'seconds',
  'milliseconds',
])

const LinkColumn = z.object({
  /** Name on the wire */
  name: z.string(),
  /** Name in the file */
  local: z.string(),
  type: DeviceType,
  write: z.boolean(),
  holds: Holds,
  /** What stands there when a program leaves it out, as SQL: `NULL`, `'pending'` */
  omitted: z.string(),
})
export type LinkColumn = z.infer<typeof LinkColumn>

const Definition = z.object({
  /** The file's column that names a row */
  key: z.string(),
  /** A shared column that the key's column holds too: an address that the server may normalise into a key */
  holdsToo: z.string().nullable(),
  columns: z.array(LinkColumn),
})
export type Definition = z.infer<typeof Definition>

/** One table of a file, tied to a shared one. */
export interface Link extends Definition {
  readonly id: number
  readonly local: string
  readonly shared: string
  readonly lane: string
  /** The table and its triggers as they were when last looked at */
  readonly schema: string
  /** Rows may have changed without being noticed: compare them all */
  readonly stale: boolean
}

/** Tables of a file's own, beside those of each link. */
export const OWN_TABLES = `
CREATE TABLE IF NOT EXISTS tidemark_file (
  id INTEGER PRIMARY KEY CHECK (id = 1), layout INTEGER NOT NULL, url TEXT NOT NULL, synced_at TEXT, settings TEXT
);
CREATE TABLE IF NOT EXISTS tidemark_links (
  id INTEGER PRIMARY KEY, local TEXT NOT NULL UNIQUE, shared TEXT NOT NULL, lane TEXT NOT NULL,
  definition TEXT NOT NULL, schema TEXT NOT NULL, stale INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS tidemark_lanes (
  lane TEXT PRIMARY KEY, incarnation TEXT NOT NULL, cursor TEXT, reading INTEGER NOT NULL DEFAULT 1,
  round INTEGER NOT NULL DEFAULT 1, next INTEGER NOT NULL DEFAULT 1, sending INTEGER, paused TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tidemark_outbox (
  lane TEXT NOT NULL, n INTEGER NOT NULL, link INTEGER NOT NULL, row TEXT NOT NULL, body TEXT NOT NULL, was TEXT,
  settled_at INTEGER, PRIMARY KEY (lane, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tidemark_outbox_row ON tidemark_outbox (link, row) WHERE settled_at IS NULL;
CREATE INDEX IF NOT EXISTS tidemark_outbox_waiting ON tidemark_outbox (lane, n) WHERE settled_at IS NULL;
CREATE INDEX IF NOT EXISTS tidemark_outbox_settled ON tidemark_outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS tidemark_rejected (
  n INTEGER PRIMARY KEY, link INTEGER NOT NULL, row TEXT NOT NULL, op TEXT NOT NULL, vals TEXT NOT NULL,
  reason TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tidemark_rejected_row ON tidemark_rejected (link, row);
CREATE TABLE IF NOT EXISTS tidemark_conflicts (
  id TEXT PRIMARY KEY, link INTEGER NOT NULL, row TEXT NOT NULL, op TEXT NOT NULL, vals TEXT NOT NULL,
  reason TEXT NOT NULL, at TEXT NOT NULL, kept TEXT, round INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tidemark_conflicts_row ON tidemark_conflicts (link, row);
CREATE TABLE IF NOT EXISTS tidemark_names (
  link INTEGER NOT NULL, row TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (link, row)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tidemark_names_key ON tidemark_names (link, key);
CREATE TABLE IF NOT EXISTS tidemark_log (n INTEGER PRIMARY KEY, at TEXT NOT NULL, line TEXT NOT NULL);
`

/** The tables of one link. `dirty` is all that triggers write: which rows to look at. */
export const linkTables = (id: number) => `
CREATE TABLE tidemark_dirty_${id} (row PRIMARY KEY, how INTEGER NOT NULL, blank INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tidemark_shadow_${id} (
  row TEXT PRIMARY KEY, vals TEXT NOT NULL, seen TEXT, absent INTEGER NOT NULL DEFAULT 0, round INTEGER NOT NULL,
  at INTEGER, origin TEXT
) WITHOUT ROWID;
${shadowIndex(id)}
`

/** Every sync counts rows by `absent`: over this index, not over the rows with all their values. */
export const shadowIndex = (id: number) =>
  `CREATE INDEX tidemark_shadow_${id}_absent ON tidemark_shadow_${id} (absent);`

export function isAttached(db: Sqlite): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tidemark_file'").get() !== undefined
}

export function linksOf(db: Sqlite): Link[] {
  if (!isAttached(db)) return []
  return db
    .prepare('SELECT id, local, shared, lane, definition, schema, stale FROM tidemark_links ORDER BY id')
    .all()
    .map((row) => ({
      ...Definition.parse(JSON.parse(String(row.definition))),
      id: Number(row.id),
      local: String(row.local),
      shared: String(row.shared),
      lane: String(row.lane),
      schema: String(row.schema),
      stale: row.stale !== 0,
    }))
}

/** Links and the address in one reading. */
export const readLinks = (db: Sqlite, patience: Parameters<typeof transaction>[1]) =>
  transaction(db, patience, () => {
    if (isAttached(db)) renew(db)
    return { links: linksOf(db), url: urlOf(db) }
  })

function urlOf(db: Sqlite): string | null {
  if (!isAttached(db)) return null
  const row = db.prepare('SELECT url FROM tidemark_file').get()
  return row ? String(row.url) : null
}
