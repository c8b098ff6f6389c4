import { createApp, identified, only } from '../shared/app.ts'
import { autoResolve } from './auto-resolve.ts'
import * as backup from './backup-routes.ts'
import { startBackups } from './backups.ts'
import { deleteConfig, getConfig, listConfig, putConfig } from './config.ts'
import { listConfigHistory, syncConfigHistory } from './config-history.ts'
import { getConflict, listConflicts } from './conflicts.ts'
import { consume } from './consume.ts'
import { BINDINGS, type Offer, type SmartSync, type SmartSyncEnv } from './env.ts'
import { sessionLogin, sessionReconnect } from './erp-events.ts'
import { createOrder, getOrderRequest, listOrderRequests } from './erp-orders.ts'
import * as erp from './erp-routes.ts'
import { startErpSync } from './erp-start.ts'
import { erpStatus } from './erp-status.ts'
import { getErpUser, listErpUsers, putErpUser } from './erp-users.ts'
import { heardParts, listLanes } from './lanes.ts'
import { networkStatus } from './network-status.ts'
import { referenceStatistics } from './reference-statistics.ts'
import { startReferenceSync, startSheetSync } from './reference-sync.ts'
import { resolve } from './resolve.ts'
import { restore } from './restore.ts'
import * as routes from './routes.ts'
import { getRun, listRuns } from './runs.ts'
import { getWorkspace, listWorkspaces, putProject, putWorkspace } from './setup.ts'
import { sheetPing } from './sheet-ping.ts'
import * as sheets from './sheet-routes.ts'
import { sheetScript } from './sheet-script.ts'
import { listSheets } from './sheets.ts'
import { sheetsForecast } from './sheets-forecast.ts'
import { startSync, syncStatus } from './start.ts'
import { syncNow } from './sync-all.ts'
import { getSyncConfig, putSyncConfig } from './sync-config.ts'
import { getSyncConflict, listSyncConflicts } from './sync-conflicts.ts'
import { report } from './sync-reports.ts'
import * as sync from './sync-routes.ts'
import { collectionsStatus, listSyncLogs } from './sync-status.ts'
import { undo } from './undo.ts'
import { addWebhook, deleteWebhook, listDeliveries, listWebhooks, retryDelivery } from './webhooks.ts'

const base = createApp<SmartSync>(BINDINGS)
base.use('/api/*', identified)
base.use('/api/admin/*', only('admin', 'hook'))
for (const path of ['/api/workspaces', '/api/projects', '/api/config', '/api/webhooks', '/api/erp/users'])
  base.use(`${path}/*`, only('admin'))
base.use('/api/sheets', only('admin', 'user'))
for (const path of ['forecast', ':name/sync', ':name/script']) base.use(`/api/sheets/${path}`, only('admin'))
base.use('/api/session/*', only('user', 'device'))
for (const path of ['/api/runs', '/api/conflicts', '/api/erp', '/api/orders', '/api/reference'])
  base.use(`${path}/*`, only('admin', 'user'))
for (const path of ['sync', 'status', 'logs', 'network-status', 'config/history', 'conflicts/auto-resolve'])
  base.use(`/api/sync/${path}`, only('admin'))
base.put('/api/sync/config', only('admin'))
for (const path of ['/api/undo', '/api/restore', '/api/backups']) base.use(path, only('admin'))
for (const path of ['reports', 'config', 'conflicts', 'conflicts/:id', 'conflicts/:id/resolve'])
  base.use(`/api/sync/${path}`, only('admin', 'user', 'device'))
// The gateway's own questions: service bindings are the only way to here.
base.get('/lanes', listLanes)
base.get('/lanes/heard', heardParts)
base.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } })

base.openAPIRegistry.registerPath(sheets.sheetPing)
base.post('/hooks/sheets', sheetPing)

const app = base
  .openapi(routes.startSync, startSync)
  .openapi(routes.syncStatus, syncStatus)
  .openapi(routes.listRuns, listRuns)
  .openapi(routes.getRun, getRun)
  .openapi(routes.listConflicts, listConflicts)
  .openapi(routes.getConflict, getConflict)
  .openapi(routes.listWorkspaces, listWorkspaces)
  .openapi(routes.getWorkspace, getWorkspace)
  .openapi(routes.putWorkspace, putWorkspace)
  .openapi(routes.putProject, putProject)
  .openapi(routes.listConfig, listConfig)
  .openapi(routes.getConfig, getConfig)
  .openapi(routes.putConfig, putConfig)
  .openapi(routes.deleteConfig, deleteConfig)
  .openapi(routes.listConfigHistory, listConfigHistory)
  .openapi(routes.listWebhooks, listWebhooks)
  .openapi(routes.addWebhook, addWebhook)
  .openapi(routes.listDeliveries, listDeliveries)
  .openapi(routes.retryDelivery, retryDelivery)
  .openapi(routes.deleteWebhook, deleteWebhook)
  .openapi(erp.sessionLogin, sessionLogin)
  .openapi(erp.sessionReconnect, sessionReconnect)
  .openapi(erp.startErpSync, startErpSync)
  .openapi(erp.erpStatus, erpStatus)
  .openapi(erp.listErpUsers, listErpUsers)
  .openapi(erp.getErpUser, getErpUser)
  .openapi(erp.putErpUser, putErpUser)
  .openapi(erp.createOrder, createOrder)
  .openapi(erp.listOrderRequests, listOrderRequests)
  .openapi(erp.getOrderRequest, getOrderRequest)
  .openapi(sync.syncNow, syncNow)
  .openapi(sync.report, report)
  .openapi(sync.status, collectionsStatus)
  .openapi(sync.logs, listSyncLogs)
  .openapi(sync.networkStatus, networkStatus)
  .openapi(sync.conflicts, listSyncConflicts)
  .openapi(sync.conflict, getSyncConflict)
  .openapi(sync.resolve, resolve)
  .openapi(sync.autoResolve, autoResolve)
  .openapi(sync.getConfig, getSyncConfig)
  .openapi(sync.putConfig, putSyncConfig)
  .openapi(sync.configHistory, syncConfigHistory)
  .openapi(backup.startBackups, startBackups)
  .openapi(sync.undo, undo)
  .openapi(sync.restore, restore)
  .openapi(sheets.startReferenceSync, startReferenceSync)
  .openapi(sheets.referenceStatistics, referenceStatistics)
  .openapi(sheets.startSheetSync, startSheetSync)
  .openapi(sheets.listSheets, listSheets)
  .openapi(sheets.sheetsForecast, sheetsForecast)
  .openapi(sheets.sheetScript, sheetScript)

export type SmartSyncApi = typeof app
export default { fetch: app.fetch, queue: consume } satisfies ExportedHandler<SmartSyncEnv, Offer>
