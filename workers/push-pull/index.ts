import { createApp, identified, only } from '../shared/app.ts'
import { accountGrowth, getAccount, listAccounts, listSnapshots } from './accounts.ts'
import type { PushPull } from './env.ts'
import { listHistory } from './history.ts'
import { releasePin, setPin } from './pins.ts'
import { getProject, listProjects, projectGrowth } from './projects.ts'
import { pushReadings } from './readings.ts'
import * as routes from './routes.ts'

const base = createApp<PushPull>({ DB: 'D1', LANE: 'Durable Objects' })
base.use('/api/*', identified)
base.use('/api/admin/readings', only('admin', 'hook', 'device'))
for (const path of ['/api/projects', '/api/accounts', '/api/history'])
  base.use(`${path}/*`, only('admin', 'user', 'device'))
// A device hands numbers in; that no rule may move one is a person's word.
base.use('/api/accounts/:id/pins/*', only('admin', 'user'))
base.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } })

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

export type PushPullApi = typeof app
export default app
