// The Durable Objects, and the consumer of the images queue. Nothing is served over HTTP but the live socket, which the
// gateway forwards to `Lane`.
import { d1Database } from '../../db/d1.ts'
import { erpImages } from '../../sync/remotes/erp/erp.ts'
import { wrongBinding } from '../shared/bindings.ts'
import type { ImageMessage } from '../shared/images.ts'
import type { CoordinatorEnv } from './env.ts'
import { consumeImages } from './images.ts'
import { pictureSource } from './picture-source.ts'
import { erpOptions } from './remotes.ts'

export { Gate } from './gate.ts'
export { Lane } from './lane.ts'

export default {
  fetch: () => new Response('Not found', { status: 404 }),
  async queue(batch, env) {
    const wrong = wrongBinding(env, {
      DB: 'D1',
      GATE: 'Durable Objects',
      IMAGES: 'R2 bucket',
      ERP_KEY: 'secret',
    })
    if (wrong !== null) throw new Error(wrong)
    await consumeImages(batch, {
      database: d1Database(env.DB),
      source: pictureSource(erpImages(erpOptions(env, 'images'))),
      store: env.IMAGES,
      now: () => Date.now(),
    })
  },
} satisfies ExportedHandler<CoordinatorEnv, ImageMessage>
