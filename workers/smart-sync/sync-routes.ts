import * as z from 'zod'
import { PageQuery } from '../../sync/protocol/common.ts'
import {
  AutoResolveAnswer,
  AutoResolveInput,
  ConflictsQuery,
  PlanAnswer,
  ResolveAnswer,
  ResolveInput,
  RestoreInput,
  SyncConflict,
  UndoInput,
} from '../../sync/protocol/conflicts.ts'
import {
  ConfigChange,
  ConfigHistoryQuery,
  SyncConfigInput,
  SyncConfigView,
} from '../../sync/protocol/sync-config.ts'
import {
  NetworkStatus,
  SyncInput,
  SyncLog,
  SyncOutcome,
  SyncReported,
  SyncReportInput,
  SyncStatus,
} from '../../sync/protocol/sync-logs.ts'
import { body, json, route } from '../shared/app.ts'

// The collections that devices keep: how their syncing stands, and what people say of conflicts.

const tags = ['collections']

export const syncNow = route({
  method: 'post',
  path: '/api/sync/sync',
  tags,
  summary: 'Ask all live devices to sync now',
  description:
    'Waits for their reports, at most 25 s; a device that takes longer syncs on, and the log has it later. While one is under way the answer is 409 `in_progress`, which names it in `run`.',
  request: { body: { ...body(SyncInput), required: false } },
  responses: { 200: json(SyncOutcome, 'What it came to, summed over the devices') },
})

export const report = route({
  method: 'post',
  path: '/api/sync/reports',
  tags,
  summary: 'A device tells what a sync came to',
  description: 'Once for a sync, however many lanes asked for it. Sending it again changes nothing.',
  request: { body: body(SyncReportInput) },
  responses: { 200: json(SyncReported, 'It is in the log') },
})

export const status = route({
  method: 'get',
  path: '/api/sync/status',
  tags,
  summary: 'How syncing of the collections stands',
  description: 'Syncs of the last 90 days; one that several devices were asked for counts once.',
  responses: { 200: json(SyncStatus, 'The status') },
})

export const logs = route({
  method: 'get',
  path: '/api/sync/logs',
  tags,
  summary: 'Syncs, newest first',
  request: { query: PageQuery.extend({ limit: PageQuery.shape.limit.unwrap().default(20) }) },
  responses: {
    200: json(
      z.array(SyncLog),
      'Syncs of devices, and those that somebody asked all of them for; the next page is in the Link header',
    ),
  },
})

export const networkStatus = route({
  method: 'get',
  path: '/api/sync/network-status',
  tags,
  summary: 'Which devices are on line, and when they were last heard of',
  responses: { 200: json(NetworkStatus, 'The devices') },
})

export const conflicts = route({
  method: 'get',
  path: '/api/sync/conflicts',
  tags,
  summary: 'Conflicts of devices, newest first',
  request: { query: ConflictsQuery },
  responses: {
    200: json(
      z.array(SyncConflict),
      'Conflicts of tables that you keep; the next page is in the Link header',
    ),
  },
})

export const conflict = route({
  method: 'get',
  path: '/api/sync/conflicts/{id}',
  tags,
  summary: 'A conflict of a device',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json(SyncConflict, 'The conflict, with the strategies that you may settle it by') },
})

export const resolve = route({
  method: 'post',
  path: '/api/sync/conflicts/{id}/resolve',
  tags,
  summary: 'Settle a conflict, or see what that would change',
  description: 'Admins settle any, others those of their own devices.',
  request: { params: z.object({ id: z.string() }), body: body(ResolveInput) },
  responses: { 200: json(ResolveAnswer, 'What became of it') },
})

export const autoResolve = route({
  method: 'post',
  path: '/api/sync/conflicts/auto-resolve',
  tags,
  summary: 'Settle the oldest conflicts by rule, or see what that would change',
  request: {
    query: z.object({ max: z.coerce.number().int().min(1).max(1_000).default(10) }),
    body: { ...body(AutoResolveInput), required: false },
  },
  responses: { 200: json(AutoResolveAnswer, 'What became of each, and of each lane') },
})

export const getConfig = route({
  method: 'get',
  path: '/api/sync/config',
  tags,
  summary: 'How the collections are synced',
  responses: { 200: json(SyncConfigView, 'The configuration') },
})

export const putConfig = route({
  method: 'put',
  path: '/api/sync/config',
  tags,
  summary: 'Change how the collections are synced; what is left out stays',
  request: { body: body(SyncConfigInput) },
  responses: { 200: json(SyncConfigView, 'The configuration as it now holds') },
})

export const configHistory = route({
  method: 'get',
  path: '/api/sync/config/history',
  tags,
  summary: 'What was set when, and by whom; newest first',
  request: { query: ConfigHistoryQuery },
  responses: { 200: json(z.array(ConfigChange), 'Changes; the next page is in the Link header') },
})

export const undo = route({
  method: 'post',
  path: '/api/undo',
  tags,
  summary: 'Undo a run, a commit or a resolution, or see what that would change',
  request: { body: body(UndoInput) },
  responses: { 200: json(PlanAnswer, 'What it changes in each lane') },
})

export const restore = route({
  method: 'post',
  path: '/api/restore',
  tags,
  summary: 'Bring the rows of a backup back, or see what that would change',
  description:
    'Rows that the backup does not have are deleted. It is a commit like any other, and can be undone.',
  request: { body: body(RestoreInput) },
  responses: { 200: json(PlanAnswer, 'What it changes in each lane') },
})
