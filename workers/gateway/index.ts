import { createApp, only } from '../shared/app.ts'
import { docsPage, openApi } from './docs.ts'
import type { Gateway, GatewayEnv } from './env.ts'
import { listTokens, makeCode, makeToken, revokeToken } from './grants.ts'
import { admitted, bounded, sameOrigin } from './guard.ts'
import { toPushPull, toSmartSync } from './hand-on.ts'
import { careful } from './headers.ts'
import { openSocket } from './live.ts'
import * as routes from './routes.ts'
import { closeSession, openSession, pairDevice, readSession } from './sign-in.ts'

const base = createApp<Gateway>({
  DB: 'D1',
  LANE: 'Durable Objects',
  SMART_SYNC: 'service',
  PUSH_PULL: 'service',
  RATE_LIMIT: 'rate limit',
  ACCESS_TEAM_DOMAIN: 'optional text',
  ACCESS_AUD: 'optional text',
})
base.use(careful)
base.use('/api/*', admitted, sameOrigin, bounded)
// What workbooks' scripts say is signed; who signs is for the inner Worker to check.
base.use('/hooks/*', admitted, bounded)
for (const path of ['/api/tokens', '/api/codes']) base.use(`${path}/*`, only('admin'))
base.use('/api/live', only('admin', 'user', 'device'))

const app = base
  .openapi(routes.openSession, openSession)
  .openapi(routes.readSession, readSession)
  .openapi(routes.closeSession, closeSession)
  .openapi(routes.listTokens, listTokens)
  .openapi(routes.makeToken, makeToken)
  .openapi(routes.revokeToken, revokeToken)
  .openapi(routes.makeCode, makeCode)
  .openapi(routes.pairDevice, pairDevice)

base.get('/api/health', (c) => c.json({ ok: true }))
base.get('/api/live', openSocket)
base.get('/docs', docsPage)
base.get('/openapi.json', openApi(base))

// Everything else is an inner Worker's.
for (const path of ['/api/admin/smart_sync', '/api/admin/sync_status']) base.all(path, toSmartSync)
for (const path of [
  '/api/runs',
  '/api/conflicts',
  '/api/workspaces',
  '/api/config',
  '/api/webhooks',
  '/api/erp',
  '/api/orders/requests',
  '/api/sync',
  '/api/undo',
  '/api/restore',
  '/api/sheets',
  '/api/reference/sync',
  '/api/reference/statistics',
  '/api/backups',
])
  base.all(`${path}/*`, toSmartSync)
base.put('/api/projects/:id', toSmartSync)
base.post('/api/session/:event', toSmartSync)
base.post('/api/orders', toSmartSync)
base.post('/hooks/sheets', toSmartSync)
base.all('/api/*', toPushPull)

export type GatewayApi = typeof app
export default base satisfies ExportedHandler<GatewayEnv>
