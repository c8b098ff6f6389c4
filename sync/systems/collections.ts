import * as schema from '../../db/schema/collections.ts'
import type { System } from '../engine/declare.ts'
import { collection } from './collection.ts'

/** What a site keeps on its own database and edits offline. A new collection is a line here and its table in the schema. */
export const collectionsSystem: System = {
  name: 'collections',
  tables: [collection(schema.admins, { label: 'Admins', unique: { username: 'username_key' } })],
  links: [],
}
