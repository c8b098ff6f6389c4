import * as z from 'zod'
import { PageQuery } from '../../sync/protocol/common.ts'
import { ConfigEntry, ConfigKey, ConfigSetting } from '../../sync/protocol/config.ts'
import { Conflict, Delivery, Webhook, WebhookInput } from '../../sync/protocol/records.ts'
import { Run } from '../../sync/protocol/runs.ts'
import {
  Id,
  ProjectInput,
  SmartSyncAccepted,
  SmartSyncAnswer,
  SyncStatusAnswer,
  Workspace,
  WorkspaceInput,
} from '../../sync/protocol/smart-sync.ts'
import { ConfigChange, ConfigHistoryQuery } from '../../sync/protocol/sync-config.ts'
import { body, json, route } from '../shared/app.ts'

const one = z.object({ id: z.string() })
const newId = z.object({ id: Id })
const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const gone = { description: 'It is gone' }

export const startSync = route({
  method: 'post',
  path: '/api/admin/smart_sync',
  tags: ['sync'],
  summary: 'Sync all active projects, or one',
  description: 'Waits for short runs. Past 25 s it answers 202 with the run ids, and the runs go on.',
  request: {
    query: z.object({
      project_id: z.string().optional(),
      full: flag.default(false).meta({ description: 'Read everything, whatever the sheet says of itself' }),
    }),
  },
  responses: {
    200: json(SmartSyncAnswer, 'What became of each project'),
    202: json(SmartSyncAccepted, 'The runs go on'),
  },
})

export const syncStatus = route({
  method: 'get',
  path: '/api/admin/sync_status',
  tags: ['sync'],
  summary: 'How syncing stands',
  responses: { 200: json(SyncStatusAnswer, 'The status') },
})

export const listRuns = route({
  method: 'get',
  path: '/api/runs',
  tags: ['sync'],
  summary: 'Runs, newest first',
  request: {
    query: PageQuery.extend({
      project_id: z.string().optional(),
      link: z.string().optional().meta({ description: 'Runs of this link: `orders.erp`' }),
      scope: z.string().optional().meta({ description: 'Runs in this scope: a workspace, a user, `shared`' }),
    }),
  },
  responses: { 200: json(z.array(Run), 'Runs that you may see; the next page is in the Link header') },
})

export const getRun = route({
  method: 'get',
  path: '/api/runs/{id}',
  tags: ['sync'],
  summary: 'One run with its progress or report',
  request: { params: one },
  responses: { 200: json(Run, 'The run') },
})

export const listConflicts = route({
  method: 'get',
  path: '/api/conflicts',
  tags: ['sync'],
  summary: 'Conflicts, newest first',
  request: { query: PageQuery.extend({ open: flag.default(true) }) },
  responses: {
    200: json(z.array(Conflict), 'Conflicts that you may see; the next page is in the Link header'),
  },
})

export const getConflict = route({
  method: 'get',
  path: '/api/conflicts/{id}',
  tags: ['sync'],
  summary: 'One conflict',
  request: { params: one },
  responses: { 200: json(Conflict, 'The conflict') },
})

export const listWorkspaces = route({
  method: 'get',
  path: '/api/workspaces',
  tags: ['setup'],
  summary: 'Workspaces: a spreadsheet each',
  responses: { 200: json(z.array(Workspace), 'Workspaces; the next page is in the Link header') },
})

export const getWorkspace = route({
  method: 'get',
  path: '/api/workspaces/{id}',
  tags: ['setup'],
  summary: 'One workspace',
  request: { params: one },
  responses: { 200: json(Workspace, 'The workspace') },
})

export const putWorkspace = route({
  method: 'put',
  path: '/api/workspaces/{id}',
  tags: ['setup'],
  summary: 'Create or change a workspace',
  request: { params: newId, body: body(WorkspaceInput) },
  responses: { 200: json(Workspace, 'The workspace') },
})

export const putProject = route({
  method: 'put',
  path: '/api/projects/{id}',
  tags: ['setup'],
  summary: 'Create or change a project: a tab of its workspace',
  request: { params: newId, body: body(ProjectInput) },
  responses: { 200: json(ProjectInput.extend({ id: z.string() }), 'The project') },
})

export const listConfig = route({
  method: 'get',
  path: '/api/config',
  tags: ['setup'],
  summary: 'What an operator has set',
  responses: { 200: json(z.array(ConfigEntry), 'All settings that differ from the defaults') },
})

const configKey = z.object({ key: ConfigKey })

export const getConfig = route({
  method: 'get',
  path: '/api/config/{key}',
  tags: ['setup'],
  summary: 'One setting, or its default',
  request: { params: configKey },
  responses: { 200: json(ConfigSetting, 'The setting; `updated_at` is null where it is the default') },
})

export const putConfig = route({
  method: 'put',
  path: '/api/config/{key}',
  tags: ['setup'],
  summary: 'Set a setting; it holds from the next run on',
  request: { params: configKey, body: body(z.unknown()) },
  responses: { 200: json(ConfigEntry, 'The setting') },
})

export const deleteConfig = route({
  method: 'delete',
  path: '/api/config/{key}',
  tags: ['setup'],
  summary: 'Return a setting to its default',
  request: { params: configKey },
  responses: { 204: gone },
})

export const listConfigHistory = route({
  method: 'get',
  path: '/api/config/{key}/history',
  tags: ['setup'],
  summary: 'What was set when, and by whom; newest first',
  request: { params: configKey, query: ConfigHistoryQuery },
  responses: { 200: json(z.array(ConfigChange), 'Changes; the next page is in the Link header') },
})

export const listWebhooks = route({
  method: 'get',
  path: '/api/webhooks',
  tags: ['webhooks'],
  summary: 'Who is told of runs and conflicts',
  responses: { 200: json(z.array(Webhook), 'Webhooks; the next page is in the Link header') },
})

export const addWebhook = route({
  method: 'post',
  path: '/api/webhooks',
  tags: ['webhooks'],
  summary: 'Add a webhook, signed as Standard Webhooks says',
  request: { body: body(WebhookInput) },
  responses: { 201: json(Webhook, 'The webhook, with its secret for this once') },
})

export const deleteWebhook = route({
  method: 'delete',
  path: '/api/webhooks/{id}',
  tags: ['webhooks'],
  summary: 'Remove a webhook',
  request: { params: one },
  responses: { 204: gone },
})

export const listDeliveries = route({
  method: 'get',
  path: '/api/webhooks/deliveries',
  tags: ['webhooks'],
  summary: 'Deliveries, newest first; `status=dead` is the dead-letter list',
  request: { query: PageQuery.extend({ status: z.enum(['pending', 'sent', 'dead']).optional() }) },
  responses: { 200: json(z.array(Delivery), 'Deliveries; the next page is in the Link header') },
})

export const retryDelivery = route({
  method: 'post',
  path: '/api/webhooks/deliveries/{id}/retry',
  tags: ['webhooks'],
  summary: 'Send a delivery again',
  request: { params: one },
  responses: { 202: json(Delivery, 'It is queued again') },
})
