import * as z from 'zod'
import { IdempotencyKey } from '../../sync/protocol/erp.ts'
import {
  Amount,
  DynamicRate,
  DynamicRateInput,
  EmployeeSetting,
  EmployeeSettingInput,
  IfMatch,
  Rank,
  RankInput,
  RowName,
} from '../../sync/protocol/reference.ts'
import { body, json, route } from '../shared/app.ts'

const one = z.object({ id: RowName })
const same = { 304: { description: 'As you have it' } }
const SOURCE =
  'The header `tidemark-source` says where the answer is from: `d1`; before the first sync, or where the database can’t be reached, `cache` (`age` says how old, in seconds) or `sheet`.'
const tags = ['reference']
const read = { method: 'get' as const, tags, description: SOURCE }
const write = {
  tags,
  description:
    'It holds at once, and the sheet shows it with the next run, which is asked for. With `If-Match` only where the row still stands at that version; with `If-None-Match: *` only where there is none yet.',
}
const conditions = {
  'if-match': IfMatch.optional(),
  'idempotency-key': IdempotencyKey.optional(),
}
const writing = z.object({
  ...conditions,
  'if-none-match': z.literal('*').optional().meta({ description: 'Only make a new row' }),
})
const put = <const Path extends string, Row extends z.ZodType, Input extends z.ZodType>(
  path: Path,
  row: Row,
  input: Input,
  summary: string,
) =>
  route({
    ...write,
    method: 'put',
    path,
    summary,
    request: { params: one, headers: writing, body: body(input) },
    responses: { 200: json(row, 'The row as it now stands'), 201: json(row, 'It is new') },
  })
const remove = <const Path extends string>(path: Path, summary: string) =>
  route({
    ...write,
    method: 'delete',
    path,
    summary,
    request: { params: one, headers: z.object(conditions) },
    responses: { 204: { description: 'It is gone' } },
  })

export const listEmployeeSettings = route({
  ...read,
  path: '/api/reference/employee_settings',
  summary: 'What employees earn',
  responses: { 200: json(z.array(EmployeeSetting), 'All of them, by id'), ...same },
})

export const getEmployeeSetting = route({
  ...read,
  path: '/api/reference/employee_settings/{id}',
  summary: 'What one employee earns',
  request: { params: one },
  responses: { 200: json(EmployeeSetting, 'The employee'), ...same },
})

export const listDynamicRates = route({
  ...read,
  path: '/api/reference/dynamic_rates',
  summary: 'Rates by range of amounts, or the one of an amount',
  request: { query: z.object({ at: Amount.optional() }) },
  responses: {
    200: json(z.union([z.array(DynamicRate), DynamicRate]), 'All of them; with `at`, the one'),
    ...same,
  },
})

export const getDynamicRate = route({
  ...read,
  path: '/api/reference/dynamic_rates/{id}',
  summary: 'One rate',
  request: { params: one },
  responses: { 200: json(DynamicRate, 'The rate'), ...same },
})

export const listRanks = route({
  ...read,
  path: '/api/reference/ranks',
  summary: 'Ranks, or the one that an amount gives',
  request: { query: z.object({ at: Amount.optional() }) },
  responses: { 200: json(z.union([z.array(Rank), Rank]), 'All of them; with `at`, the one'), ...same },
})

export const getRank = route({
  ...read,
  path: '/api/reference/ranks/{id}',
  summary: 'One rank, by its name or id',
  request: { params: one },
  responses: { 200: json(Rank, 'The rank'), ...same },
})

export const putEmployeeSetting = put(
  '/api/reference/employee_settings/{id}',
  EmployeeSetting,
  EmployeeSettingInput,
  'Set what an employee earns',
)
export const putDynamicRate = put(
  '/api/reference/dynamic_rates/{id}',
  DynamicRate,
  DynamicRateInput,
  'Set a rate; a new one may be called as you like',
)
export const putRank = put(
  '/api/reference/ranks/{id}',
  Rank,
  RankInput,
  'Set a rank, named by its name or id',
)
export const deleteEmployeeSetting = remove('/api/reference/employee_settings/{id}', 'Remove an employee')
export const deleteDynamicRate = remove('/api/reference/dynamic_rates/{id}', 'Remove a rate')
export const deleteRank = remove('/api/reference/ranks/{id}', 'Remove a rank')
