import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { migrations } from '../engine/world.ts'

export interface RealD1 {
  readonly database: Database
  close(): Promise<void>
}

/** A real D1 in the local runtime, with the migrations applied. */
export async function realD1(): Promise<RealD1> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'd1',
          modules: true,
          script: 'export default { fetch: () => new Response() }',
          compatibilityDate: '2026-10-01',
          d1Databases: { DB: 'test' },
        },
      ],
    }),
  )
  await miniflare.ready
  const { DB } = await miniflare.getBindings<{ DB: Parameters<typeof d1Database>[0] }>()
  const database = d1Database(DB)
  for (const sql of migrations)
    await database.batch(sql.split('--> statement-breakpoint').map((text) => ({ sql: text, params: [] })))
  return { database, close: () => miniflare.dispose() }
}
