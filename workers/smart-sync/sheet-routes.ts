import * as z from 'zod'
import { ReferenceStatistics, ReferenceSync } from '../../sync/protocol/reference.ts'
import { Run } from '../../sync/protocol/runs.ts'
import { Sheet, SheetPing, SheetPinged, SheetScript, SheetsForecast } from '../../sync/protocol/sheets.ts'
import { body, json, route } from '../shared/app.ts'

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

const starting = z.object({
  force: flag.default(false).meta({ description: 'Read everything, whatever the sheet says of itself' }),
  wait: z.coerce
    .number()
    .min(0)
    .max(25)
    .default(0)
    .meta({ description: 'Seconds to wait for the end of the run' }),
})
const started = {
  200: json(Run, 'The run has ended'),
  202: json(ReferenceSync, 'The run is queued, or one that waits was joined; it goes on by itself'),
}

export const startReferenceSync = route({
  method: 'post',
  path: '/api/reference/sync',
  tags: ['reference'],
  summary: 'Bring the reference tables and their sheet together now',
  request: { query: starting },
  responses: started,
})

export const startSheetSync = route({
  method: 'post',
  path: '/api/sheets/{name}/sync',
  tags: ['sheets'],
  summary: 'Bring tables and their sheet together now',
  request: { params: z.object({ name: z.string().min(1).max(200) }), query: starting },
  responses: started,
})

export const referenceStatistics = route({
  method: 'get',
  path: '/api/reference/statistics',
  tags: ['reference'],
  summary: 'How the syncs of each reference table went: rows, time, errors, calls',
  responses: { 200: json(ReferenceStatistics, 'By table') },
})

export const listSheets = route({
  method: 'get',
  path: '/api/sheets',
  tags: ['sheets'],
  summary: 'Tables that are kept in a workbook, both ways, and how each stands',
  description: 'A user is shown the reference tables only.',
  responses: { 200: json(z.array(Sheet), 'In the order of their declaration') },
})

export const sheetsForecast = route({
  method: 'get',
  path: '/api/sheets/forecast',
  tags: ['sheets'],
  summary: 'Which share of Google’s quota the configured checks will use, and which of them is too often',
  responses: { 200: json(SheetsForecast, 'Expected and at worst') },
})

export const sheetScript = route({
  method: 'post',
  path: '/api/sheets/{name}/script',
  tags: ['sheets'],
  summary: 'Instant sync: the script for a workbook, its secret, and where to paste them',
  description: 'Of a workspace of smart sync, `name` is `workspace:<id>`.',
  request: { params: z.object({ name: z.string().min(1).max(200) }) },
  responses: { 200: json(SheetScript, 'An admin may ask for it again') },
})

export const sheetPing = route({
  method: 'post',
  path: '/hooks/sheets',
  tags: ['sheets'],
  summary: 'A workbook’s script says that something changed; signed as Standard Webhooks says',
  security: [],
  request: {
    headers: z.object({
      'webhook-id': z.string(),
      'webhook-timestamp': z.string(),
      'webhook-signature': z.string(),
    }),
    body: body(SheetPing),
  },
  responses: { 202: json(SheetPinged, 'What was started; what is asked within two seconds is one run') },
})
