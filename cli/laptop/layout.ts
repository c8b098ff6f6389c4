import { refusal } from '../failure.ts'
import type { Sqlite } from './file.ts'
import { shadowIndex } from './link.ts'
import { setView } from './view.ts'

/** What our tables in a file look like; a file of an older layout is brought up to this one when it is next worked on. */
export const LAYOUT = 3

/** Brings an attached file's own tables up to this layout; nothing of the host's is touched. Within a transaction. */
export function renew(db: Sqlite): void {
  const layout = Number(db.prepare('SELECT layout FROM tidemark_file').get()?.layout ?? LAYOUT)
  if (layout === LAYOUT) return
  if (layout > LAYOUT) throw tooNew()
  const ids = db
    .prepare('SELECT id FROM tidemark_links')
    .all()
    .map(({ id }) => Number(id))
  const added = layout < 2 ? [...ADDED, ...ids.flatMap(addedToLink)] : []
  for (const [table, column] of added) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`)
  for (const id of ids) db.exec(shadowIndex(id))
  setView(db)
  db.prepare('UPDATE tidemark_file SET layout = ?').run(LAYOUT)
}

/** Columns since layout 2 */
const ADDED = [
  ['tidemark_file', 'settings TEXT'],
  ['tidemark_lanes', 'paused TEXT'],
  ['tidemark_conflicts', 'kept TEXT'],
  ['tidemark_conflicts', 'round INTEGER NOT NULL DEFAULT 0'],
] as const

const addedToLink = (id: number) =>
  [
    [`tidemark_shadow_${id}`, 'at INTEGER'],
    [`tidemark_shadow_${id}`, 'origin TEXT'],
  ] as const

const tooNew = () =>
  refusal('newer_layout', {
    title: 'The file was made by a newer Tidemark',
    detail: 'What stands in its tables is not known here.',
    mend: 'Use the tidemark of the same version.',
  })
