import * as z from 'zod'
import { LIMITS, Scalar, Time } from './common.ts'
import { PlanView } from './plan.ts'

// Conflicts of collections, and what changes collections by a plan (seeds/collections: names and shapes are theirs). `local` is a
// device, `remote` the server.

export const StrategyName = z.enum(['rename_local', 'keep_local', 'keep_remote', 'merge'])

const Sides = z.record(z.string(), Scalar)

/** A conflict as people see it. What another person's row holds is not shown to those who may not see it. */
export const SyncConflict = z
  .object({
    _id: z.string(),
    collection: z.string(),
    /** The link both ways whose sheet disputes; absent: a device does */
    link: z.string().optional(),
    /** Key of the device's row */
    localId: z.string(),
    /** Key of the row here: the same, or that which holds the value; null: it is somebody else's, or there is none */
    remoteId: z.string().nullable(),
    /** The column, or the first of several; null: the row as such */
    field: z.string().nullable(),
    localValue: Scalar,
    remoteValue: Scalar,
    timestamp: Time,
    resolved: z.boolean(),
    notes: z.string(),
    kind: z.string(),
    base: Sides.nullable(),
    /** What stands here (null: no row), and what the edit says (null: that the row is deleted) */
    remote: Sides.nullable(),
    local: Sides.nullable(),
    /** Who made the edit that waits (a device's or person's name), and when by its own clock; absent: not known */
    localBy: z.string().optional(),
    localAt: Time.optional(),
    /** The same of what stands here; absent: not known, or not the reader's to know */
    remoteBy: z.string().optional(),
    remoteAt: Time.optional(),
    recommendations: z.array(z.string()),
    /** The strategies that the reader can settle it by, and those of them that need a new value */
    strategies: z.array(z.object({ strategy: StrategyName, needsValue: z.boolean(), suggestion: Scalar })),
    resolution: z.string().nullable(),
    resolved_by: z.string().nullable(),
    resolved_at: Time.nullable(),
  })
  .meta({ id: 'SyncConflict' })
export type SyncConflict = z.infer<typeof SyncConflict>

export const ConflictsQuery = z.object({
  resolved: z.enum(['true', 'false']).optional(),
  collection: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.page).default(100),
  before: z.string().optional(),
})

/** Plan only, or apply what a plan showed. */
const planned = {
  dry_run: z.boolean().default(false),
  /** Digest of the plan that was shown, by lane: anything else is refused */
  expect: z.record(z.string(), z.string()).optional(),
}

export const ResolveInput = z
  .strictObject({
    strategy: StrategyName,
    newValue: Scalar.optional(),
    values: z.record(z.string().max(100), Scalar).optional(),
    notes: z.string().max(2_000).default(''),
    ...planned,
  })
  .meta({ id: 'ResolveInput' })
export type ResolveInput = z.infer<typeof ResolveInput>

export const AutoResolveInput = z.strictObject(planned).meta({ id: 'AutoResolveInput' })

export const UndoInput = z
  .strictObject({
    /** A run's id */
    run: z.string().optional(),
    /** A commit: of a push, a resolution, an undo */
    lane: z.string().optional(),
    version: z.number().int().min(1).optional(),
    /** A conflict that was settled */
    conflict: z.string().optional(),
    /** Pin what a remote would propose again */
    pin: z.boolean().default(false),
    ...planned,
  })
  .refine(
    ({ run, lane, version, conflict }) =>
      [run, conflict, version].filter((one) => one !== undefined).length === 1 &&
      (lane === undefined) === (version === undefined),
    'one of: run; conflict; lane and version',
  )
  .meta({ id: 'UndoInput' })
export type UndoInput = z.infer<typeof UndoInput>

export const RestoreInput = z
  .strictObject({
    lane: z.string(),
    tables: z.array(
      z.object({
        name: z.string(),
        columns: z.array(z.string()),
        rows: z.array(z.array(Scalar)),
        from: z.string().optional(),
        until: z.string().optional(),
      }),
    ),
    ...planned,
  })
  .meta({ id: 'RestoreInput' })
export type RestoreInput = z.infer<typeof RestoreInput>

/** One plan a lane. */
export const PlanAnswer = z
  .object({ dry_run: z.boolean(), plans: z.array(PlanView) })
  .meta({ id: 'PlanAnswer' })
export type PlanAnswer = z.infer<typeof PlanAnswer>

export const ResolveAnswer = z
  .object({
    success: z.boolean(),
    message: z.string(),
    conflict_id: z.string(),
    resolved_by: z.string().nullable(),
    resolved_at: Time.nullable(),
    /** The lane and version that the resolution can be undone by */
    lane: z.string(),
    version: z.number().int().nullable(),
    dry_run: z.boolean(),
    plans: z.array(PlanView),
  })
  .meta({ id: 'ResolveAnswer' })
export type ResolveAnswer = z.infer<typeof ResolveAnswer>

export const AutoResolveAnswer = z
  .object({
    resolved: z.number().int(),
    skipped: z.number().int(),
    failed: z.number().int(),
    results: z.array(
      z.object({
        conflict_id: z.string(),
        status: z.enum(['resolved', 'skipped', 'failed']),
        strategy: z.string().nullable(),
        reason: z.string(),
      }),
    ),
    dry_run: z.boolean(),
    plans: z.array(PlanView),
  })
  .meta({ id: 'AutoResolveAnswer' })
export type AutoResolveAnswer = z.infer<typeof AutoResolveAnswer>
