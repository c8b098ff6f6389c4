import type { RouteHandler } from '@hono/zod-openapi'
import type { Database } from '../../db/database.ts'
import { readSetting } from '../../db/reads/setup.ts'
import type { Failure } from '../../sync/protocol/failures.ts'
import { SyncConfig } from '../../sync/protocol/sync-config.ts'
import { NOT_JSON, Refusal } from '../shared/app.ts'
import { COLLECTIONS, collections } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import { patchSetting } from './set-setting.ts'
import type * as routes from './sync-routes.ts'

const known = collections.map(({ name }) => name)

export const getSyncConfig: RouteHandler<typeof routes.getConfig, SmartSync> = async (c) =>
  c.json(configView(await readSyncConfig(database(c.env))), 200)

export const putSyncConfig: RouteHandler<typeof routes.putConfig, SmartSync> = async (c) => {
  if (c.req.header('content-type') === undefined) throw new Refusal(NOT_JSON)
  const { collectionsToSync: listed, ...fields } = c.req.valid('json')
  const wrong = unknownCollections(listed ?? [], 'collectionsToSync')
  if (wrong) throw new Refusal(wrong)
  const change = { key: COLLECTIONS, at: Date.now(), actor: c.get('actor').name } as const
  const results = await database(c.env).batch(
    patchSetting(change, JSON.stringify(SyncConfig.parse({})), {
      ...fields,
      ...(listed !== undefined && { collectionsToSync: isAll(listed) ? null : [...new Set(listed)] }),
    }),
  )
  const value = results.at(-1)?.rows[0]?.value
  return c.json(configView(SyncConfig.parse(JSON.parse(String(value)))), 200)
}

/** How the collections are synced: as an operator set it, or the defaults. */
export async function readSyncConfig(from: Database): Promise<SyncConfig> {
  const row = await readSetting(from, COLLECTIONS)
  return SyncConfig.parse(row ? JSON.parse(String(row.value)) : {})
}

/** Names of the collections that are switched on, in the order of their declaration. */
export const switchedOn = ({ collectionsToSync: listed }: SyncConfig): string[] =>
  known.filter((name) => listed === null || listed.includes(name))

/** Why these can't be collections to sync; null: they can. `path`: where they stand in the request. */
export function unknownCollections(
  names: readonly string[],
  path: 'collections' | 'collectionsToSync',
): Failure | null {
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return null
  return {
    type: 'bad_request',
    detail: `There is no collection ${unknown.join(', ')}. The collections are ${known.join(', ')}.`,
    mend: 'Name collections of that list only.',
    errors: unknown.map((name) => ({ path, message: `${name} is not a collection` })),
  }
}

/** Whoever names all of them also means those that are added later. */
const isAll = (names: readonly string[] | null): boolean =>
  names === null || known.every((name) => names.includes(name))

const configView = (config: SyncConfig) => ({ ...config, collectionsToSync: switchedOn(config) })
