import { sql } from 'drizzle-orm'
import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { collectionColumns } from './engine.ts'

// What a temple's site keeps on its own database and edits offline. `id` is the key that a row gets where it is made; other
// rows are named by it. Money is in paise, times are milliseconds, days are `2026-11-21`. Devices are told what a `.notNull()`, a length,
// a list of values and a default say here (sync/systems/collection.ts). A column `…_key` holds what is compared of a unique field.

const id = text({ length: 200 }).primaryKey()
/** A day or an hour of the day as people write it down: `2026-11-21`, `06:30` */
const day = () => text({ length: 10 })
const hour = () => text({ length: 5 })
/** A time in milliseconds */
const time = () => integer({ mode: 'timestamp_ms' })
const note = () => text({ length: 2_000 })
const name = () => text({ length: 200 })
const phone = () => text({ length: 40 })
const email = () => text({ length: 320 })
const yesNo = () => text({ enum: ['yes', 'no'] })
/** The key of another collection's row */
const of = () => text({ length: 200 })

/** People who may administer the site. */
export const admins = sqliteTable(
  'admins',
  {
    id,
    username: text({ length: 100 }).notNull(),
    name: name(),
    email: email(),
    role: text({ length: 50 }),
    username_key: text(),
    ...collectionColumns,
  },
  (t) => [uniqueIndex('admins_username').on(t.username_key).where(sql`deleted_at IS NULL`)],
)

/** Rituals that devotees may book. */
export const availableRituals = sqliteTable('available_rituals', {
  id,
  name: name().notNull(),
  description: note(),
  price: integer(),
  minutes: integer(),
  category: text({ length: 100 }),
  offered: yesNo().notNull().default('yes'),
  ...collectionColumns,
})

/** A ritual that a devotee has booked. */
export const bookings = sqliteTable('bookings', {
  id,
  ritual_id: of(),
  devotee_id: of(),
  devotee_name: name().notNull(),
  phone: phone(),
  starts_at: time(),
  people: integer(),
  amount: integer(),
  status: text({ enum: ['requested', 'confirmed', 'done', 'cancelled'] })
    .notNull()
    .default('requested'),
  note: note(),
  ...collectionColumns,
})

/** Who serves at a booking. */
export const employeeBookings = sqliteTable('employee_bookings', {
  id,
  booking_id: of().notNull(),
  employee_id: of().notNull(),
  duty: text({ length: 100 }),
  status: text({ enum: ['assigned', 'accepted', 'done', 'declined'] })
    .notNull()
    .default('assigned'),
  note: note(),
  ...collectionColumns,
})

/** What the temple holds for all. */
export const events = sqliteTable('events', {
  id,
  title: name().notNull(),
  description: note(),
  starts_at: time(),
  ends_at: time(),
  place: name(),
  capacity: integer(),
  image_url: text({ length: 2_000 }),
  status: text({ enum: ['planned', 'open', 'over', 'cancelled'] })
    .notNull()
    .default('planned'),
  ...collectionColumns,
})

/** People who work at the temple. `employee_id` is the number on the badge. */
export const employees = sqliteTable(
  'employees',
  {
    id,
    employee_id: text({ length: 50 }).notNull(),
    name: name().notNull(),
    role: text({ length: 100 }),
    phone: phone(),
    email: email(),
    hired_on: day(),
    monthly_pay: integer(),
    active: yesNo().notNull().default('yes'),
    employee_id_key: text(),
    ...collectionColumns,
  },
  (t) => [uniqueIndex('employees_employee_id').on(t.employee_id_key).where(sql`deleted_at IS NULL`)],
)

/** People who come to the temple. */
export const devotees = sqliteTable('devotees', {
  id,
  name: name().notNull(),
  phone: phone(),
  email: email(),
  address: text({ length: 500 }),
  birth_star: text({ length: 50 }),
  note: note(),
  ...collectionColumns,
})

/** What was given, and for what. */
export const donations = sqliteTable('donations', {
  id,
  devotee_id: of(),
  donor_name: name(),
  amount: integer().notNull(),
  currency: text({ length: 3 }).notNull().default('INR'),
  purpose: name(),
  method: text({ enum: ['cash', 'card', 'transfer', 'cheque'] }),
  receipt_number: text({ length: 50 }),
  given_at: time(),
  ...collectionColumns,
})

/** What was spent. */
export const expenses = sqliteTable('expenses', {
  id,
  description: name().notNull(),
  category: text({ length: 100 }),
  amount: integer().notNull(),
  currency: text({ length: 3 }).notNull().default('INR'),
  paid_to: name(),
  paid_at: time(),
  approved_by: of(),
  ...collectionColumns,
})

/** What lies in the stores. */
export const inventoryItems = sqliteTable('inventory_items', {
  id,
  name: name().notNull(),
  category: text({ length: 100 }),
  quantity: integer().notNull().default(0),
  unit: text({ length: 20 }),
  reorder_at: integer(),
  place: name(),
  ...collectionColumns,
})

/** What visitors are told. */
export const announcements = sqliteTable('announcements', {
  id,
  title: name().notNull(),
  body: text({ length: 10_000 }),
  shown_from: time(),
  shown_until: time(),
  pinned: yesNo().notNull().default('no'),
  ...collectionColumns,
})

/** Pictures of the gallery. */
export const galleryImages = sqliteTable('gallery_images', {
  id,
  title: name(),
  image_url: text({ length: 2_000 }).notNull(),
  event_id: of(),
  taken_on: day(),
  position: integer(),
  ...collectionColumns,
})

/** What visitors say. */
export const feedback = sqliteTable('feedback', {
  id,
  name: name(),
  email: email(),
  rating: integer(),
  message: text({ length: 5_000 }).notNull(),
  status: text({ enum: ['new', 'read', 'answered'] })
    .notNull()
    .default('new'),
  ...collectionColumns,
})

/** People who help. */
export const volunteers = sqliteTable('volunteers', {
  id,
  name: name().notNull(),
  phone: phone(),
  email: email(),
  skills: text({ length: 500 }),
  available: text({ length: 200 }),
  active: yesNo().notNull().default('yes'),
  ...collectionColumns,
})

/** Who is on duty when: an employee or a volunteer. */
export const shifts = sqliteTable('shifts', {
  id,
  held_on: day().notNull(),
  begins: hour(),
  ends: hour(),
  employee_id: of(),
  volunteer_id: of(),
  duty: text({ length: 100 }),
  ...collectionColumns,
})

/** Festivals of the year. */
export const festivals = sqliteTable('festivals', {
  id,
  name: name().notNull(),
  deity: text({ length: 100 }),
  begins_on: day(),
  ends_on: day(),
  budget: integer(),
  description: note(),
  ...collectionColumns,
})
