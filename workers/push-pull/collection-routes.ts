import * as z from 'zod'
import { CollectionDocument, CollectionQuery, CollectionView } from '../../sync/protocol/collections.ts'
import { json, route } from '../shared/app.ts'

const known = { description: 'As you have it' }

export const listCollections = route({
  method: 'get',
  path: '/api/collections',
  tags: ['collections'],
  summary: 'Collections with their fields, documents and open conflicts',
  responses: { 200: json(z.array(CollectionView), 'All collections'), 304: known },
})

export const listDocuments = route({
  method: 'get',
  path: '/api/collections/{name}',
  tags: ['collections'],
  summary: 'Documents of a collection by key, with how each came to be',
  request: { params: z.object({ name: z.string() }), query: CollectionQuery },
  responses: {
    200: json(z.array(CollectionDocument), 'Documents; the next page is in the Link header'),
    304: known,
  },
})
