import { createApp, identified, only } from '../shared/app.ts'
import { accountGrowth, getAccount, listAccounts, listSnapshots } from './accounts.ts'
import { getRules, listAssessments, review } from './assessments.ts'
import * as collections from './collection-routes.ts'
import { listCollections, listDocuments } from './collections.ts'
import { listDigests, listRows } from './compare.ts'
import { getCustomer, listCustomers } from './customers.ts'
import * as devices from './device-routes.ts'
import type { PushPull } from './env.ts'
import * as erp from './erp-routes.ts'
import { listHistory } from './history.ts'
import { getProductImage, listImages, retryImage } from './images.ts'
import { getOrder, listOrders } from './orders.ts'
import { releasePin, setPin } from './pins.ts'
import { getProduct, listPriceChanges, listProducts, listUnmatchedPrices } from './products.ts'
import { getProject, listProjects, projectGrowth } from './projects.ts'
import { pull } from './pull.ts'
import { push } from './push.ts'
import { pushReadings } from './readings.ts'
import {
  getDynamicRate,
  getEmployeeSetting,
  getRank,
  listDynamicRates,
  listEmployeeSettings,
  listRanks,
} from './reference.ts'
import * as reference from './reference-routes.ts'
import {
  deleteDynamicRate,
  deleteEmployeeSetting,
  deleteRank,
  putDynamicRate,
  putEmployeeSetting,
  putRank,
} from './reference-write.ts'
import * as routes from './routes.ts'
import { listTables } from './tables.ts'

const base = createApp<PushPull>({
  DB: 'D1',
  LANE: 'Durable Objects',
  IMAGES: 'R2 bucket',
  IMAGE_QUEUE: 'queue',
})
base.use('/api/*', identified)
base.use('/api/admin/readings', only('admin', 'hook', 'device'))
base.use('/api/images/*', only('admin'))
for (const path of [
  '/api/projects',
  '/api/accounts',
  '/api/history',
  '/api/customers',
  '/api/products',
  '/api/orders',
  '/api/price-changes',
  '/api/unmatched-prices',
  '/api/tables',
  '/api/pull',
  '/api/push',
  '/api/digest',
  '/api/rows',
  '/api/assessments',
  '/api/collections',
])
  base.use(`${path}/*`, only('admin', 'user', 'device'))
// Everybody reads what all share. Who earns what is set by admins, and by programs without a person: a bot has a `hook` token.
// A `user` or `device` is somebody, who would set his own wage.
base.on(['PUT', 'DELETE'], '/api/reference/*', only('admin', 'hook'))
// A device hands numbers in; that no rule may move one is a person's word.
base.use('/api/accounts/:id/pins/*', only('admin', 'user'))
base.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } })

base.openAPIRegistry.registerPath(devices.push)
base.post('/api/push', push)

const app = base
  .openapi(routes.listProjects, listProjects)
  .openapi(routes.getProject, getProject)
  .openapi(routes.projectGrowth, projectGrowth)
  .openapi(routes.listAccounts, listAccounts)
  .openapi(routes.getAccount, getAccount)
  .openapi(routes.listSnapshots, listSnapshots)
  .openapi(routes.accountGrowth, accountGrowth)
  .openapi(routes.setPin, setPin)
  .openapi(routes.releasePin, releasePin)
  .openapi(routes.pushReadings, pushReadings)
  .openapi(routes.listHistory, listHistory)
  .openapi(erp.listCustomers, listCustomers)
  .openapi(erp.getCustomer, getCustomer)
  .openapi(erp.listProducts, listProducts)
  .openapi(erp.getProduct, getProduct)
  .openapi(erp.getProductImage, getProductImage)
  .openapi(erp.listOrders, listOrders)
  .openapi(erp.getOrder, getOrder)
  .openapi(erp.listPriceChanges, listPriceChanges)
  .openapi(erp.listUnmatchedPrices, listUnmatchedPrices)
  .openapi(erp.listImages, listImages)
  .openapi(erp.retryImage, retryImage)
  .openapi(devices.tables, listTables)
  .openapi(devices.pull, pull)
  .openapi(devices.digests, listDigests)
  .openapi(devices.rows, listRows)
  .openapi(devices.rules, getRules)
  .openapi(devices.assessments, listAssessments)
  .openapi(devices.review, review)
  .openapi(collections.listCollections, listCollections)
  .openapi(collections.listDocuments, listDocuments)
  .openapi(reference.listEmployeeSettings, listEmployeeSettings)
  .openapi(reference.getEmployeeSetting, getEmployeeSetting)
  .openapi(reference.putEmployeeSetting, putEmployeeSetting)
  .openapi(reference.deleteEmployeeSetting, deleteEmployeeSetting)
  .openapi(reference.listDynamicRates, listDynamicRates)
  .openapi(reference.getDynamicRate, getDynamicRate)
  .openapi(reference.putDynamicRate, putDynamicRate)
  .openapi(reference.deleteDynamicRate, deleteDynamicRate)
  .openapi(reference.listRanks, listRanks)
  .openapi(reference.getRank, getRank)
  .openapi(reference.putRank, putRank)
  .openapi(reference.deleteRank, deleteRank)

export type PushPullApi = typeof app
export default app
