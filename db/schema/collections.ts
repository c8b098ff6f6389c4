import { sql } from 'drizzle-orm'
import { sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { collectionColumns } from './engine.ts'

/** People who may administer the site. */
export const admins = sqliteTable(
  'admins',
  {
    id: text().primaryKey(),
    username: text({ length: 100 }).notNull(),
    name: text({ length: 200 }),
    email: text({ length: 320 }),
    role: text({ length: 50 }),
    username_key: text(),
    ...collectionColumns,
  },
  (t) => [uniqueIndex('admins_username').on(t.username_key).where(sql`deleted_at IS NULL`)],
)
