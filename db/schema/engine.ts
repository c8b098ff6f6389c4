import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

// The engine's own tables (DESIGN §5). Ids are TEXT, times are integer milliseconds, JSON is TEXT.
// Every table with a declared key is made WITHOUT ROWID by `npm run migrations`: one row written an insert, not two.

/** Columns that every synced table carries: who changed the row last, when, and at which version of its lane. */
export const syncColumns = {
  version: integer().notNull(),
  updated_at: integer().notNull(),
  deleted_at: integer(),
  origin: text().notNull(),
}

/** What every collection carries: when the last edit was made, by the clock of whoever made it. */
export const collectionColumns = { edited_at: integer(), ...syncColumns }

/** One row a lane. `version` is the last commit's, `epoch` fences stale holders, `commit_id` answers a lost reply. */
export const lanes = sqliteTable('lanes', {
  lane: text().primaryKey(),
  version: integer().notNull(),
  epoch: integer().notNull(),
  commit_id: text().notNull(),
})

/** What changed, from what to what, by whom and by which rule: provenance, undo, and the feed. */
export const history = sqliteTable(
  'history',
  {
    lane: text().notNull(),
    version: integer().notNull(),
    n: integer().notNull(),
    tbl: text().notNull(),
    key: text().notNull(),
    /** insert, update, delete, refuse (a proposal that a rule did not take), pin, unpin */
    op: text().notNull(),
    /** JSON: the changed columns before; null for an insert */
    before: text(),
    /** JSON: the changed columns after (for `refuse`: what was proposed) */
    after: text(),
    /** JSON: column -> [origin, rule] */
    why: text(),
    origin: text().notNull(),
    actor: text().notNull(),
    run_id: text(),
    at: integer().notNull(),
    /** The row's version before this change: the next link of its chain; 0 at the beginning. */
    prev_version: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.lane, t.version, t.n] })],
)

/** What is known about one link in one scope between its runs. */
export const linkState = sqliteTable(
  'link_state',
  {
    link: text().notNull(),
    scope: text().notNull(),
    lane: text().notNull(),
    /** JSON: part -> the remote's stamp, taken before the data that was merged last */
    fingerprints: text().notNull().default('{}'),
    /** JSON that the remote wants back next time (tab ids and the like) */
    memory: text().notNull().default('null'),
    /** JSON: part -> version up to which the inbox was merged */
    inbox: text().notNull().default('{}'),
    last_full_at: integer(),
    last_check_at: integer(),
    /** Failed runs in a row */
    attempt: integer().notNull().default(0),
    next_due_at: integer().notNull(),
    last_run_id: text(),
    last_status: text(),
    /** Why the remote could not be reached last time, in words; null when it could */
    trouble: text(),
    /** JSON: part -> [at, rows] of deletions in the last 24 h, for the guard */
    deletions: text().notNull().default('{}'),
    /** When the remote was last read, or last said that nothing changed */
    last_good_at: integer(),
    /** JSON: what is known of a list that is read page by page (engine/list-state.ts) */
    list: text().notNull().default('null'),
    /** Checks made, and how many of them found nothing to read */
    checks: integer().notNull().default(0),
    skips: integer().notNull().default(0),
    /** JSON: part -> the target that its bases were agreed with, of links both ways; null: none were */
    target: text(),
  },
  (t) => [primaryKey({ columns: [t.link, t.scope] })],
)

/** What a row of a remote showed when it was last agreed with, for links both ways. */
export const linkRows = sqliteTable(
  'link_rows',
  {
    link: text().notNull(),
    scope: text().notNull(),
    part: text().notNull(),
    /** The row's key here */
    key: text().notNull(),
    /** JSON: column -> the value that the remote showed and that was merged, or that we wrote there */
    base: text().notNull(),
    /** JSON: column -> { conflict, shows, noted }: cells that a person must settle; null: there are none */
    disputes: text(),
  },
  (t) => [
    primaryKey({ columns: [t.link, t.scope, t.part, t.key] }),
    index('link_rows_disputed').on(t.link, t.scope, t.part).where(sql`disputes IS NOT NULL`),
  ],
)

/** What a page of a remote held when it was merged last: keys, places and digests, in one row a page. */
export const linkPages = sqliteTable(
  'link_pages',
  {
    link: text().notNull(),
    scope: text().notNull(),
    page: text().notNull(),
    /** JSON: [row key, digest of the match key, position, digest without the identity, digest, missing since (0: here, -1: deleted)] */
    rows: text().notNull(),
    /** Rows that are here */
    live: integer().notNull(),
    /** JSON: what was wrong with the page; it stays wrong until the page is read again */
    warnings: text().notNull().default('[]'),
    run_id: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.link, t.scope, t.page] })],
)

/** Rows that a remote showed and that could not be merged yet: each run tries them again. */
export const linkDeferred = sqliteTable(
  'link_deferred',
  {
    link: text().notNull(),
    scope: text().notNull(),
    part: text().notNull(),
    /** Digest of the row's match key */
    name: text().notNull(),
    /** unmatched (no row here), ambiguous (several), details (the remote did not give them) */
    kind: text().notNull(),
    /** JSON: the values that the remote showed, by column */
    row: text().notNull(),
    reason: text().notNull(),
    since: integer().notNull(),
    run_id: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.link, t.scope, t.part, t.name] })],
)

/** What people asked a remote to do, exactly once. */
export const actions = sqliteTable(
  'actions',
  {
    id: text().primaryKey(),
    link: text().notNull(),
    scope: text().notNull(),
    lane: text().notNull(),
    kind: text().notNull(),
    /** The caller's idempotency key */
    key: text().notNull(),
    /** Digest of the body: a known key with another body is refused */
    content: text().notNull(),
    body: text().notNull(),
    /** queued, sending, done, refused, unknown (sent, and nobody knows whether it was done) */
    status: text().notNull(),
    /** JSON: what the remote answered */
    result: text(),
    reason: text(),
    mend: text(),
    actor: text().notNull(),
    created_at: integer().notNull(),
    sent_at: integer(),
    finished_at: integer(),
  },
  (t) => [
    uniqueIndex('actions_key').on(t.lane, t.key),
    index('actions_unfinished').on(t.lane, t.id).where(sql`finished_at IS NULL`),
  ],
)

/** One row an execution of a link in a scope; ids sort by time. */
export const runs = sqliteTable(
  'runs',
  {
    id: text().primaryKey(),
    link: text().notNull(),
    scope: text().notNull(),
    lane: text().notNull(),
    trigger: text().notNull(),
    /** JSON: { parts: string[] | null, full: boolean } */
    params: text().notNull(),
    actor: text().notNull(),
    /** queued, running, done, unchanged, degraded, failed */
    status: text().notNull(),
    /** JSON: where the next step begins; null before the first step and after the last */
    checkpoint: text(),
    /** JSON: progress and report (protocol/runs.ts) */
    report: text().notNull(),
    enqueued_at: integer().notNull(),
    started_at: integer(),
    finished_at: integer(),
    /** A running run that has not moved by then is taken up again. */
    lease_until: integer(),
  },
  (t) => [index('runs_unfinished').on(t.lane, t.id).where(sql`finished_at IS NULL`)],
)

/** Edits that no rule may settle. */
export const conflicts = sqliteTable(
  'conflicts',
  {
    /** Derived from what conflicts, so that the same conflict is opened once */
    id: text().primaryKey(),
    lane: text().notNull(),
    link: text().notNull(),
    scope: text().notNull(),
    part: text(),
    tbl: text().notNull(),
    key: text().notNull(),
    col: text(),
    kind: text().notNull(),
    base: text(),
    ours: text(),
    theirs: text(),
    detail: text().notNull(),
    recommendations: text().notNull().default('[]'),
    opened_at: integer().notNull(),
    run_id: text(),
    /** What the edit was that waits: insert, update or delete; null: it was no device's */
    op: text(),
    /** `unique`: key of the row that holds the value */
    holder: text(),
    /** Where the edit came from, and when it was made by the device's clock */
    origin: text(),
    said_at: integer(),
    /** The lane's version that opened it, or amended it last */
    version: integer().notNull().default(0),
    resolved_at: integer(),
    /** A strategy, or why it closed by itself */
    resolution: text(),
    resolved_by: text(),
    /** The lane's version that resolved it */
    resolved_version: integer(),
    notes: text(),
  },
  (t) => [index('conflicts_row').on(t.tbl, t.key).where(sql`resolved_at IS NULL`)],
)

/** Values that a person fixed; no rule may move them. */
export const pins = sqliteTable(
  'pins',
  {
    tbl: text().notNull(),
    key: text().notNull(),
    col: text().notNull(),
    lane: text().notNull(),
    /** JSON scalar */
    value: text().notNull(),
    /** Where the pin was set: `api`, or the link whose remote shows it */
    source: text().notNull(),
    actor: text().notNull(),
    note: text().notNull().default(''),
    until: integer(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tbl, t.key, t.col] }), index('pins_lane').on(t.lane, t.tbl)],
)

/** Answers already given to idempotent pushes. */
export const pushes = sqliteTable(
  'pushes',
  {
    lane: text().notNull(),
    id: text().notNull(),
    /** Hash of the content: a known id with other content is refused */
    content: text().notNull(),
    answer: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.lane, t.id] })],
)

/** Programs and people that may call: 256 random bits each, stored as SHA-256. */
export const tokens = sqliteTable('tokens', {
  hash: text().primaryKey(),
  id: text().notNull(),
  /** admin, user, device, hook */
  role: text().notNull(),
  /** Whose rows a user or device sees */
  user_id: text(),
  name: text().notNull(),
  /** token, session (a browser's cookie) or code (single use, exchanged for one of the others) */
  kind: text().notNull(),
  created_at: integer().notNull(),
  expires_at: integer(),
  last_used_at: integer(),
  revoked_at: integer(),
})

/** Paired devices: laptops, phones, parsers. */
export const devices = sqliteTable('devices', {
  id: text().primaryKey(),
  user_id: text(),
  name: text().notNull(),
  token_id: text().notNull(),
  paired_at: integer().notNull(),
})

/** How far a device's numbers are settled in a lane. An incarnation is one life of a device's copy. */
export const deviceLanes = sqliteTable(
  'device_lanes',
  {
    incarnation: text().notNull(),
    lane: text().notNull(),
    /** Whose it is: nobody else may use it */
    owner: text().notNull(),
    last: integer().notNull(),
    /** JSON: of the last push, digest and answer of each mutation */
    recent: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.incarnation, t.lane] })],
)

/** What an operator may change at run time. */
export const config = sqliteTable('config', {
  key: text().primaryKey(),
  value: text().notNull(),
  updated_at: integer().notNull(),
  updated_by: text().notNull(),
})

/** What an operator changed, and when: the value that was set; null: back to the default. */
export const configHistory = sqliteTable(
  'config_history',
  {
    key: text().notNull(),
    at: integer().notNull(),
    /** Two changes of one millisecond keep their order */
    n: integer().notNull(),
    value: text(),
    actor: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.at, t.n] })],
)

/** Syncs as devices report them, and those that somebody asked all live devices for. */
export const syncLogs = sqliteTable(
  'sync_logs',
  {
    /** Sorts by time */
    id: text().primaryKey(),
    /** The sync that a report belongs to, where somebody asked for it; null: the device synced by itself */
    nudge: text(),
    /** Whose report: a token's id; null: a sync that was asked for, over all devices */
    device: text(),
    user_id: text(),
    /** manual, automatic */
    trigger: text().notNull(),
    started_at: integer().notNull(),
    /** running, completed, failed */
    status: text().notNull(),
    finished_at: integer(),
    /** JSON: rows sent, taken and disputed, by collection */
    pushed: text().notNull().default('{}'),
    pulled: text().notNull().default('{}'),
    conflicts: text().notNull().default('{}'),
    error: text(),
    /** A sync that has not ended by then did not: the next one may begin */
    lease_until: integer(),
  },
  (t) => [index('sync_logs_nudge').on(t.nudge).where(sql`nudge IS NOT NULL`)],
)

/** Who wants to hear of finished and failed runs and of conflicts. */
export const webhooks = sqliteTable('webhooks', {
  id: text().primaryKey(),
  url: text().notNull(),
  /** JSON: event types */
  events: text().notNull(),
  active: integer().notNull().default(1),
  created_at: integer().notNull(),
  created_by: text().notNull(),
})

/** One row an event and webhook, written in the commit that made the event: nothing can be lost between them. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    id: text().primaryKey(),
    webhook_id: text().notNull(),
    type: text().notNull(),
    body: text().notNull(),
    /** pending, sent, dead */
    status: text().notNull(),
    attempts: integer().notNull().default(0),
    last_error: text(),
    created_at: integer().notNull(),
    /** Not offered to the queue again before this time */
    next_at: integer().notNull(),
    sent_at: integer(),
  },
  (t) => [index('deliveries_pending').on(t.next_at).where(sql`status = 'pending'`)],
)

/** The newest version of an inbox's table in a lane: whether there is news costs one row read. */
export const inboxHeads = sqliteTable(
  'inbox_heads',
  {
    lane: text().notNull(),
    tbl: text().notNull(),
    version: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.lane, t.tbl] })],
)

/** What was about to be written to a remote, before it was written: the journal that makes an overwrite visible. */
export const linkWrites = sqliteTable(
  'link_writes',
  {
    run_id: text().notNull(),
    part: text().notNull(),
    /** A large write is several rows: a value of D1 is 2 MB at most */
    n: integer().notNull(),
    /** JSON: [match values, column, seen, value] */
    cells: text().notNull(),
    /** JSON: what became of it (WriteReport); null while unknown */
    outcome: text(),
    at: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.run_id, t.part, t.n] }),
    index('link_writes_unheard').on(t.part).where(sql`outcome IS NULL`),
  ],
)
