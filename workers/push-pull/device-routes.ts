import * as z from 'zod'
import {
  AssessmentRules,
  Listing,
  ReviewAnswer,
  ReviewInput,
  Stage,
} from '../../sync/protocol/assessments.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import {
  DigestAnswer,
  DigestQuery,
  PullAnswer,
  PullQuery,
  PushAnswer,
  PushInput,
  RowsAnswer,
  RowsQuery,
  TablesAnswer,
} from '../../sync/protocol/device.ts'
import { body, json, route } from '../shared/app.ts'

export const tables = route({
  method: 'get',
  path: '/api/tables',
  tags: ['devices'],
  summary: 'Tables that your devices may keep copies of',
  responses: { 200: json(TablesAnswer, 'Tables, their lanes and columns') },
})

export const pull = route({
  method: 'get',
  path: '/api/pull',
  tags: ['devices'],
  summary: 'What changed in a lane since a cursor; without one, everything',
  request: { query: PullQuery },
  responses: { 200: json(PullAnswer, 'Rows as they stand now, and the next cursor') },
})

// Its body may be gzipped, so the handler reads and checks it itself.
export const push = route({
  method: 'post',
  path: '/api/push',
  tags: ['devices'],
  summary: 'Edits of a device, numbered; with a cursor, answers what changed too',
  request: { body: body(PushInput) },
  responses: { 200: json(PushAnswer, 'What became of them') },
})

export const digests = route({
  method: 'get',
  path: '/api/digest',
  tags: ['devices'],
  summary: 'Digests of a table, some hundred rows each, to compare a copy with',
  request: { query: DigestQuery },
  responses: { 200: json(DigestAnswer, 'Digests in the order of keys') },
})

export const rows = route({
  method: 'get',
  path: '/api/rows',
  tags: ['devices'],
  summary: 'Rows of a table from a key on, as they stand now',
  request: { query: RowsQuery },
  responses: { 200: json(RowsAnswer, 'Rows in the order of keys') },
})

export const rules = route({
  method: 'get',
  path: '/api/assessments/rules',
  tags: ['assessments'],
  summary: 'What a reviewer may answer, and which of two answers stands',
  responses: { 200: json(AssessmentRules, 'The rules') },
})

export const assessments = route({
  method: 'get',
  path: '/api/assessments',
  tags: ['assessments'],
  summary: 'Listings, the oldest first',
  request: {
    query: z.object({
      stage: z.union([Stage, z.literal('pending').transform((): Stage => 'pending_assessment')]).optional(),
      limit: z.coerce.number().int().min(1).max(LIMITS.page).default(50),
      before: z.string().optional().meta({ description: 'Where the last page ended' }),
    }),
  },
  responses: { 200: json(z.array(Listing), 'Listings; the next page is in the Link header') },
})

export const review = route({
  method: 'post',
  path: '/api/assessments/{id}/review',
  tags: ['assessments'],
  summary: 'Assess one listing; sending it again changes nothing',
  description: 'The id is the listing’s, percent-encoded, or any address of the product.',
  request: { params: z.object({ id: z.string() }), body: body(ReviewInput) },
  responses: { 200: json(ReviewAnswer, 'What became of it, and the listing as it now stands') },
})
