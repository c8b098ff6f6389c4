import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { collectionColumns } from './engine.ts'

// Small tables that people keep in a spreadsheet and a bot reads many times a minute. Money is in the smallest unit, a share
// of something is a fraction: 8 % is 0.08.

/** What an employee earns. The key is the id that people give in the sheet. */
export const employeeSettings = sqliteTable('employee_settings', {
  id: text({ length: 100 }).primaryKey(),
  name: text({ length: 200 }),
  hourly_wage: integer().notNull(),
  commission: real().notNull(),
  ...collectionColumns,
})

/** The share that is paid from one amount to the next. `range_to` is not part of the range; null: it has no end. */
export const dynamicRates = sqliteTable('dynamic_rates', {
  id: text({ length: 100 }).primaryKey(),
  range_from: integer().notNull(),
  range_to: integer(),
  rate: real().notNull(),
  ...collectionColumns,
})

/** Ranks, and the amount from which each is held. `max_amount` is not part of the rank; null: it has no end. */
export const ranks = sqliteTable('ranks', {
  id: text({ length: 100 }).primaryKey(),
  name: text({ length: 200 }).notNull(),
  min_amount: integer().notNull(),
  max_amount: integer(),
  bonus: integer(),
  emoji: text({ length: 20 }),
  ...collectionColumns,
})
