import * as z from 'zod'
import { PlanView } from './plan.ts'
import { Scalar } from './scalar.ts'

export { Scalar } from './scalar.ts'

/** Largest request body in bytes, and largest page of a list. */
export const LIMITS = { body: 1_000_000, page: 1_000 } as const

/** A time at the border: ISO-8601 in UTC. Inside it is integer milliseconds. */
export const Time = z.iso.datetime().meta({ description: 'ISO-8601, UTC' })

/** An error as `application/problem+json` (RFC 9457), with what was kept and what to do. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'urn:tidemark:problem:<failure type>' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    kept: z.string().meta({ description: 'What was kept' }),
    mend: z.string().meta({ description: 'What to do' }),
    /** `gap`: the number of the mutation that should come next */
    expected: z.number().int().optional(),
    /** `in_progress`: the sync to wait for */
    run: z.string().optional(),
    /** `moved`: what it would come to now */
    plan: PlanView.optional(),
    /** `moved`, where several lanes were asked: what it would come to now in each */
    plans: z.array(PlanView).optional(),
    /** `changed`: the row as it stands; null: there is none */
    row: z.record(z.string(), Scalar).nullable().optional(),
    /** Places in the request that are wrong */
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

/** Something a person should know about a run; `where` is the place in the remote, `raw` what stood there. */
export const Warning = z
  .object({
    kind: z.string(),
    message: z.string(),
    where: z.string().optional(),
    raw: z.string().optional(),
  })
  .meta({ id: 'Warning' })
export type Warning = z.infer<typeof Warning>

/** Who calls, as the gateway tells the Workers behind it. */
export const Actor = z.object({
  /** Token id */
  id: z.string(),
  role: z.enum(['admin', 'user', 'device', 'hook']),
  /** Whose rows; null for admins and hooks */
  user: z.string().nullable(),
  name: z.string(),
})
export type Actor = z.infer<typeof Actor>
export type Role = Actor['role']

/** Query of a list: newest first, `before` is the id that the last page ended at. Pages follow by `Link` headers. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.page).default(50),
  before: z.string().optional(),
})
