import * as z from 'zod'
import { PageQuery } from '../../sync/protocol/common.ts'
import {
  ErpStatus,
  ErpUser,
  ErpUserId,
  ErpUserInput,
  IdempotencyKey,
  OrderInput,
  OrderRequest,
  Started,
  SyncInput,
} from '../../sync/protocol/erp.ts'
import { body, json, route } from '../shared/app.ts'

const one = z.object({ id: z.string() })

const event = {
  method: 'post',
  description:
    'Answers at once. Per list of the caller: `queued`, `joined` to a run that waits, or `skipped` and why.',
  responses: { 200: json(Started, 'What was started') },
} as const

export const sessionLogin = route({
  ...event,
  tags: ['erp'],
  path: '/api/session/login',
  summary: 'Somebody signed in to an app: bring old rows of this user up to date',
})

export const sessionReconnect = route({
  ...event,
  tags: ['erp'],
  path: '/api/session/reconnect',
  summary: 'A device is on line again: bring stale rows of this user up to date',
})

export const startErpSync = route({
  method: 'post',
  path: '/api/erp/sync',
  tags: ['erp'],
  summary: 'Sync one of the ERP’s lists now',
  request: { body: body(SyncInput) },
  responses: { 202: json(Started, 'The run is queued, or one that waits was joined; it goes on by itself') },
})

export const erpStatus = route({
  method: 'get',
  path: '/api/erp/status',
  tags: ['erp'],
  summary: 'How the ERP’s lists stand: what runs, what waits, what is due',
  responses: { 200: json(ErpStatus, 'All for admins; one’s own lists and the shared ones for others') },
})

export const listErpUsers = route({
  method: 'get',
  path: '/api/erp/users',
  tags: ['setup'],
  summary: 'Whose login in the ERP is used for whom',
  request: { query: z.object({ before: z.string().optional() }) },
  responses: { 200: json(z.array(ErpUser), 'Users, without passwords; the next page is in the Link header') },
})

export const getErpUser = route({
  method: 'get',
  path: '/api/erp/users/{id}',
  tags: ['setup'],
  summary: 'One user of the ERP',
  request: { params: one },
  responses: { 200: json(ErpUser, 'The user, without the password') },
})

export const putErpUser = route({
  method: 'put',
  path: '/api/erp/users/{id}',
  tags: ['setup'],
  summary: 'Create or change a user of the ERP; without a password the stored one stays',
  request: { params: z.object({ id: ErpUserId }), body: body(ErpUserInput) },
  responses: { 200: json(ErpUser, 'The user, without the password') },
})

export const createOrder = route({
  method: 'post',
  path: '/api/orders',
  tags: ['erp'],
  summary: 'Make an order in the ERP, exactly once however often it is sent with the same Idempotency-Key',
  description:
    'Waits for a short while. Past 25 s it answers 202 and the order goes on; the same request tells how.',
  request: { headers: z.object({ 'idempotency-key': IdempotencyKey }), body: body(OrderInput) },
  responses: {
    201: json(OrderRequest, 'The order stands in the ERP'),
    202: json(
      OrderRequest,
      'It goes on; or its status is `unknown`: it was sent, no answer came, and a person has to look',
    ),
  },
})

export const listOrderRequests = route({
  method: 'get',
  path: '/api/orders/requests',
  tags: ['erp'],
  summary: 'Orders that were asked for from here, newest first',
  request: { query: PageQuery.extend({ user_id: z.string().optional() }) },
  responses: { 200: json(z.array(OrderRequest), 'Requests; the next page is in the Link header') },
})

export const getOrderRequest = route({
  method: 'get',
  path: '/api/orders/requests/{id}',
  tags: ['erp'],
  summary: 'One order that was asked for from here',
  request: { params: one },
  responses: { 200: json(OrderRequest, 'The request') },
})
