import { type Database, query } from '../../db/database.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { Refusal } from './app.ts'

/** A project as the doors need it. */
export interface ProjectRow {
  readonly id: string
  readonly workspace_id: string
  readonly name: string
  readonly active: number
  readonly tab: string
  readonly time_zone: string
  readonly owner: string | null
  readonly write_back: number
}

/** Whose rows an actor sees: null means all, else the projects that this user owns. */
export const ownerOf = (actor: Pick<Actor, 'role' | 'user'>): string | null =>
  actor.role === 'admin' || actor.role === 'hook' ? null : (actor.user ?? '')

/** An unknown id and somebody else's are the same answer: nothing can be inferred. */
export const notFound = (what: string, id: string): Refusal =>
  new Refusal({ type: 'not_found', detail: `There is no ${what} ${id}.`, mend: 'Check the id.' })

/** The project, if the actor may see it. */
export async function seenProject(database: Database, actor: Actor, id: string): Promise<ProjectRow> {
  const [project] = await query<ProjectRow>(
    database,
    'SELECT * FROM projects WHERE id = ?1 AND (?2 IS NULL OR owner = ?2)',
    id,
    ownerOf(actor),
  )
  if (!project) throw notFound('project', id)
  return project
}

/**
 * Whose rows of the ERP an actor asks for: a user's are the user's own, an admin's those of the user named; null: all.
 * Somebody else's name and an unknown one are the same answer.
 */
export function userOf(actor: Actor, named: string | undefined): string | null {
  const owner = ownerOf(actor)
  if (owner === null) return named ?? null
  if (named !== undefined && named !== owner) throw notFound('user', named)
  return owner
}
