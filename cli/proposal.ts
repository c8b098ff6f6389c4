import * as z from 'zod'
import { Scalar } from '../sync/protocol/common.ts'
import { type RestoreInput, StrategyName, UndoInput } from '../sync/protocol/conflicts.ts'

// What a person asks to be changed in collections, without the choice between planning and doing it.

export const Resolve = z.object({
  /** The conflict's */
  id: z.string().regex(/^[\w-]{1,64}$/),
  strategy: StrategyName,
  newValue: Scalar.optional(),
  values: z.record(z.string(), Scalar).optional(),
  notes: z.string().default(''),
})
export type Resolve = z.infer<typeof Resolve>

export const AutoResolve = z.object({ max: z.number().int() })
export type AutoResolve = z.infer<typeof AutoResolve>

export const Undo = z.object({
  run: UndoInput.shape.run,
  lane: UndoInput.shape.lane,
  version: UndoInput.shape.version,
  conflict: UndoInput.shape.conflict,
  pin: z.boolean().default(false),
})
export type Undo = z.infer<typeof Undo>

/** Rows of one table, from a key on and below another one: it says of every key between them whether it is there. */
export type RestorePart = Omit<z.input<typeof RestoreInput>, 'dry_run' | 'expect'>

/** Only plan it; or do exactly what was planned: digests of plans by lane. Neither: do whatever it comes to. */
export interface Planned {
  readonly dry_run?: true
  readonly expect?: Readonly<Record<string, string>>
}
