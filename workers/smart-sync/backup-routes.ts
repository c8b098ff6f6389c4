import * as z from 'zod'
import { Started } from '../../sync/protocol/erp.ts'
import { json, route } from '../shared/app.ts'

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

export const startBackups = route({
  method: 'post',
  path: '/api/backups',
  tags: ['sync'],
  summary: 'Copy the tables that changed into their backup’s tabs now',
  request: {
    query: z.object({
      force: flag.default(false).meta({ description: 'Also those that did not change' }),
    }),
  },
  responses: { 202: json(Started, 'The run is queued, or one that waits was joined; it goes on by itself') },
})
