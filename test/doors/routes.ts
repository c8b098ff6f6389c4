import type { RouteConfig } from '@hono/zod-openapi'
import type * as z from 'zod'
import * as gateway from '../../workers/gateway/routes.ts'
import * as collections from '../../workers/push-pull/collection-routes.ts'
import * as devices from '../../workers/push-pull/device-routes.ts'
import * as pushPullErp from '../../workers/push-pull/erp-routes.ts'
import * as pushPullReference from '../../workers/push-pull/reference-routes.ts'
import * as pushPull from '../../workers/push-pull/routes.ts'
import * as backups from '../../workers/smart-sync/backup-routes.ts'
import * as smartSyncErp from '../../workers/smart-sync/erp-routes.ts'
import * as smartSync from '../../workers/smart-sync/routes.ts'
import * as smartSyncSheets from '../../workers/smart-sync/sheet-routes.ts'
import * as smartSyncCollections from '../../workers/smart-sync/sync-routes.ts'

/** Every route that the Workers declare, by `METHOD /path/{id}`. */
export const ROUTES: ReadonlyMap<string, RouteConfig> = new Map(
  [
    gateway,
    collections,
    devices,
    pushPull,
    pushPullErp,
    pushPullReference,
    smartSync,
    smartSyncErp,
    smartSyncCollections,
    smartSyncSheets,
    backups,
  ]
    .flatMap((module): RouteConfig[] => Object.values(module))
    .map((route) => [`${route.method.toUpperCase()} ${route.path}`, route]),
)

/** The schema of a route's answer with this status. */
export function schemaOf(name: string, status: number): z.ZodType | null {
  const answer = ROUTES.get(name)?.responses[status]
  if (!answer) throw new Error(`${name} does not declare an answer ${status}`)
  const media = 'content' in answer ? answer.content?.['application/json'] : undefined
  const schema = media && 'schema' in media ? media.schema : undefined
  return schema && 'parse' in schema ? (schema as z.ZodType) : null
}
