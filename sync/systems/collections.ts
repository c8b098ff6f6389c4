import * as schema from '../../db/schema/collections.ts'
import type { System } from '../engine/declare.ts'
import { collection } from './collection.ts'
import { sheet, tab } from './sheet.ts'

const employees = collection(schema.employees, {
  label: 'Employees',
  unique: { employee_id: 'employee_id_key' },
  types: { monthly_pay: 'money' },
})

/**
 * What a site keeps on its own database and edits offline. A new collection is a line here and its table in the schema
 * (docs/collections.md).
 */
export const collectionsSystem: System = {
  name: 'collections',
  tables: [
    collection(schema.admins, { label: 'Admins', unique: { username: 'username_key' } }),
    collection(schema.availableRituals, { label: 'Available rituals', types: { price: 'money' } }),
    collection(schema.bookings, { label: 'Bookings', types: { amount: 'money' } }),
    collection(schema.employeeBookings, { label: 'Employee bookings' }),
    collection(schema.events, { label: 'Events', types: { image_url: 'url' } }),
    employees,
    collection(schema.devotees, { label: 'Devotees' }),
    collection(schema.donations, { label: 'Donations', types: { amount: 'money' } }),
    collection(schema.expenses, { label: 'Expenses', types: { amount: 'money' } }),
    collection(schema.inventoryItems, { label: 'Inventory' }),
    collection(schema.announcements, { label: 'Announcements' }),
    collection(schema.galleryImages, { label: 'Gallery', types: { image_url: 'url' } }),
    collection(schema.feedback, { label: 'Feedback' }),
    collection(schema.volunteers, { label: 'Volunteers' }),
    collection(schema.shifts, { label: 'Shifts' }),
    collection(schema.festivals, { label: 'Festivals', types: { budget: 'money' } }),
  ],
  // Any table may be linked to a workbook, by a line like this (docs/linked-tables.md).
  links: [sheet('collections.employees', tab(employees, { columns: { hired_on: { type: 'date' } } }))],
}
