import * as z from 'zod'
import { Scalar } from './scalar.ts'

/** What would change in a lane, or has: to the column. */
export const PlanView = z
  .object({
    lane: z.string(),
    /** `moved`: the plan is another one than was expected, and nothing was changed */
    status: z.enum(['planned', 'applied', 'moved', 'failed']),
    version: z.number().int(),
    digest: z.string(),
    changes: z.array(
      z.object({
        table: z.string(),
        key: z.string(),
        op: z.enum(['insert', 'update', 'delete', 'refuse', 'pin', 'unpin']),
        columns: z.record(z.string(), z.object({ before: Scalar, after: Scalar })),
      }),
    ),
    settles: z.array(z.object({ conflict: z.string(), strategy: z.string() })),
    opens: z.array(
      z.object({
        conflict: z.string(),
        table: z.string(),
        key: z.string(),
        kind: z.string(),
        detail: z.string(),
      }),
    ),
    skips: z.array(z.object({ about: z.string(), reason: z.string() })),
    offers: z.array(z.object({ table: z.string(), key: z.string(), column: z.string(), link: z.string() })),
    error: z.string().optional(),
  })
  .meta({ id: 'Plan' })
export type PlanView = z.infer<typeof PlanView>
