import type { Row } from '../../db/database.ts'
import type { PeekAnswer } from '../protocol/lane.ts'
import { type LinkDeclaration, tiedTo } from './declare.ts'
import type { Engine, Part, RemoteContext } from './ports.ts'
import { readFrame } from './run-frame.ts'

/** What must be known of a scope to read its remote: where it is, and what is in it. */
export interface RemotePlace {
  readonly target: Row
  readonly parts: readonly Part[]
  readonly settings: Readonly<Record<string, unknown>>
  readonly memory: unknown
}

/** Where places outlive the database: what was known at the last run or peek. */
export interface PlaceMemory {
  readonly get: (link: string, scope: string) => Promise<RemotePlace | null>
  readonly put: (link: string, scope: string, place: RemotePlace) => Promise<void>
}

/** The place as the database knows it, remembered; where it can't be reached, as it was remembered; null: nobody knows. */
export async function placeOf(
  { database, log }: Pick<Engine, 'database' | 'log'>,
  places: PlaceMemory,
  link: LinkDeclaration,
  scope: string,
): Promise<RemotePlace | null> {
  try {
    const frame = await readFrame(database, link, scope)
    if (!frame) return null
    const { target, parts, settings, state } = frame
    const place = { target, parts, settings, memory: state?.memory ?? null }
    await places.put(link.name, scope, place)
    return place
  } catch (error) {
    log('peek.remembered', { link: link.name, scope, error: String(error) })
    return places.get(link.name, scope)
  }
}

/**
 * Reads a part of a link's remote beside its runs: nothing is merged, written or remembered of it. One try; a failure is for
 * the reader to hear.
 */
export async function peek(
  engine: Pick<Engine, 'database' | 'log' | 'remotes'>,
  places: PlaceMemory,
  of: LinkDeclaration,
  scope: string,
  partId: string,
): Promise<PeekAnswer> {
  const link = tiedTo(of, partId)
  const place = await placeOf(engine, places, of, scope)
  const part = place?.parts.find(({ id }) => id === partId)
  if (!place || !part)
    return {
      type: 'unavailable',
      reason: `Nobody has said where ${of.name} is.`,
      mend: `An admin sets it with PUT /api/config/${of.config?.schedule ?? of.name}.`,
    }
  const tie = of.ties?.[partId]
  const context: RemoteContext = {
    target: place.target,
    columns: link.columns,
    ...(tie && { both: { match: tie.match, rowIds: tie.rowIds } }),
    parts: [part],
    subjects: [],
    memory: place.memory,
    remember: () => undefined,
    keep: async () => false,
    scratch: new Map(),
    priority: link.priority,
    settings: place.settings,
    ahead: 1,
    waits: () => undefined,
    called: () => undefined,
  }
  const answer = await engine.remotes(of.remote).read(context, part, null)
  if (!answer.ok) {
    const { failure } = answer
    const mend = failure.type === 'busy' ? 'Ask again in a minute.' : failure.mend
    return { type: 'unavailable', reason: failure.reason, mend }
  }
  const { refused, rows } = answer.value
  if (refused) return { type: 'unavailable', ...refused }
  return {
    type: 'read',
    rows: rows.map((row) => {
      const values = link.complete ? link.complete({ ...row.values }, part) : { ...row.values }
      return { ref: row.ref ?? null, values }
    }),
  }
}
