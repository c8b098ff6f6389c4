import * as z from 'zod'
import { LIMITS } from '../../sync/protocol/common.ts'
import { HistoryEntry } from '../../sync/protocol/records.ts'
import {
  Account,
  GrowthAnswer,
  MetricName,
  PinInput,
  Project,
  ReadingsAnswer,
  ReadingsInput,
  Snapshot,
} from '../../sync/protocol/smart-sync.ts'
import { body, json, route } from '../shared/app.ts'
import { recordedTables } from '../shared/names.ts'

const one = z.object({ id: z.string() })

export const listProjects = route({
  method: 'get',
  path: '/api/projects',
  tags: ['data'],
  summary: 'Projects with the number and totals of their accounts',
  responses: {
    200: json(z.array(Project), 'Projects that you may see; the next page is in the Link header'),
  },
})

export const getProject = route({
  method: 'get',
  path: '/api/projects/{id}',
  tags: ['data'],
  summary: 'One project',
  request: { params: one },
  responses: { 200: json(Project, 'The project') },
})

export const listAccounts = route({
  method: 'get',
  path: '/api/projects/{id}/accounts',
  tags: ['data'],
  summary: 'Accounts of a project with metrics and pins',
  request: {
    params: one,
    query: z.object({
      limit: z.coerce.number().int().min(1).max(LIMITS.page).default(LIMITS.page),
      before: z.string().optional().meta({ description: 'Where the last page ended' }),
    }),
  },
  responses: {
    200: json(z.array(Account), 'Accounts; the next page is in the Link header'),
    304: { description: 'As you have it' },
  },
})

export const projectGrowth = route({
  method: 'get',
  path: '/api/projects/{id}/growth',
  tags: ['data'],
  summary: 'Growth of a project over 24 h, 7 d and 30 d',
  request: { params: one },
  responses: { 200: json(GrowthAnswer, 'Change of the totals') },
})

export const getAccount = route({
  method: 'get',
  path: '/api/accounts/{id}',
  tags: ['data'],
  summary: 'One account with metrics and pins',
  request: { params: one },
  responses: { 200: json(Account, 'The account') },
})

export const listSnapshots = route({
  method: 'get',
  path: '/api/accounts/{id}/snapshots',
  tags: ['data'],
  summary: 'Daily snapshots, oldest first',
  request: {
    params: one,
    query: z.object({ days: z.coerce.number().int().min(1).max(1_000).default(30) }),
  },
  responses: { 200: json(z.array(Snapshot), 'One a day that was synced') },
})

export const accountGrowth = route({
  method: 'get',
  path: '/api/accounts/{id}/growth',
  tags: ['data'],
  summary: 'Growth of an account over 24 h, 7 d and 30 d',
  request: { params: one },
  responses: { 200: json(GrowthAnswer, 'Change of each metric') },
})

const pinParams = z.object({ id: z.string(), metric: MetricName })

export const setPin = route({
  method: 'put',
  path: '/api/accounts/{id}/pins/{metric}',
  tags: ['data'],
  summary: 'Pin a metric to an exact value, until it is released',
  request: { params: pinParams, body: body(PinInput) },
  responses: { 200: json(Account, 'The account as it now stands') },
})

export const releasePin = route({
  method: 'delete',
  path: '/api/accounts/{id}/pins/{metric}',
  tags: ['data'],
  summary: 'Release a pin; what it held back is merged again',
  request: { params: pinParams },
  responses: { 200: json(Account, 'The account as it now stands') },
})

export const pushReadings = route({
  method: 'post',
  path: '/api/admin/readings',
  tags: ['readings'],
  summary: 'Numbers from any parser, in bulk; each is judged alone',
  description: 'Send an Idempotency-Key to repeat safely. What is accepted is merged by the next sync.',
  request: { body: body(ReadingsInput) },
  responses: { 200: json(ReadingsAnswer, 'What was accepted, and what was not and why') },
})

export const listHistory = route({
  method: 'get',
  path: '/api/history',
  tags: ['data'],
  summary: 'Why a value is what it is: from where, who, when, which run, by which rule, what it replaced',
  request: {
    query: z.object({
      table: z.enum(recordedTables.map(({ name }) => name)),
      key: z.string().min(1).max(2_000).meta({ description: 'The row’s id; a listing’s may be its address' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      before: z
        .string()
        .regex(/^\d{1,15}(\.\d{1,15})?$/, 'not the end of a page')
        .optional()
        .meta({ description: 'Where the last page ended' }),
    }),
  },
  responses: {
    200: json(z.array(HistoryEntry), 'Changes, newest first; the next page is in the Link header'),
  },
})
