import pushPull from '../../workers/push-pull/index.ts'
import type { ReadBench } from './measured.ts'

const ROUNDS = 21
/** The runtime's clock has whole milliseconds: so many are timed together */
const TOGETHER = 50
const PATHS = ['employee_settings/E-001', 'dynamic_rates?at=60000', 'ranks?at=60000'] as const

/** Milliseconds of reads of `/api/reference`, and of the plainest query beside it, as they take turns inside the runtime. */
export default {
  async fetch(request, env, context): Promise<Response> {
    const times: Record<string, number[]> = { floor: [] }
    const timed = async (name: string, work: () => Promise<unknown>) => {
      const start = performance.now()
      for (let n = 0; n < TOGETHER; n++) await work()
      times[name] = [...(times[name] ?? []), (performance.now() - start) / TOGETHER]
    }
    const headers = new Headers(request.headers)
    for (let round = 0; round < ROUNDS; round++) {
      await timed('floor', () => env.DB.prepare('SELECT 1').all())
      for (const path of PATHS)
        await timed(path, async () => {
          const url = `http://bench/api/reference/${path}`
          const answer = await pushPull.fetch(new Request(url, { headers }), env as never, context)
          if (!answer.ok || answer.headers.get('tidemark-source') !== 'd1')
            throw new Error(await answer.text())
          await answer.arrayBuffer()
        })
    }
    return Response.json(times satisfies ReadBench)
  },
} satisfies ExportedHandler<{ DB: D1Database }>
