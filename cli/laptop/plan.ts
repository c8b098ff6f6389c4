import { createHash } from 'node:crypto'
import * as z from 'zod'
import { Scalar } from '../../sync/protocol/common.ts'
import { MutationResult } from '../../sync/protocol/device.ts'

const Unreadable = z.object({ unreadable: z.string() })
const Cell = z.union([Scalar, Unreadable])
const columns = z.record(z.string(), z.object({ before: Cell, after: Cell }))
export type Columns = z.infer<typeof columns>

/** An edit that would be sent, and what would become of it. */
const Send = z.object({
  table: z.string(),
  key: z.string(),
  op: z.enum(['insert', 'update', 'delete']),
  columns,
  result: MutationResult.omit({ n: true }),
})
export type Send = z.infer<typeof Send>

/** A row that would be written in the file, to the column. */
const FileChange = z.object({
  table: z.string(),
  row: z.string(),
  op: z.enum(['insert', 'update', 'delete']),
  columns,
})
export type FileChange = z.infer<typeof FileChange>

/** What a sync of one lane of a file would do: one request's worth of edits, and everything that is new. */
export const LanePlan = z.object({
  lane: z.string(),
  /** Shared tables */
  tables: z.array(z.string()),
  /** The lane's version that it was planned at; null: it is switched off */
  version: z.number().int().nullable(),
  /** Where the file stands */
  cursor: z.string().nullable(),
  /** Of all of the following, and of version and cursor */
  digest: z.string(),
  sends: z.array(Send),
  changes: z.array(FileChange),
  /** Edits beyond one request: they wait for the next sync */
  left: z.number().int(),
  /** Why an operator switched it off */
  paused: z.string().nullable(),
})
export type LanePlan = z.infer<typeof LanePlan>

export const FilePlan = z.object({ file: z.string(), lanes: z.array(LanePlan) })
export type FilePlan = z.infer<typeof FilePlan>

/** What `tidemark sync --dry-run --out` writes. */
export const SyncPlan = z.object({ type: z.literal('sync'), files: z.array(FilePlan) })
export type SyncPlan = z.infer<typeof SyncPlan>

/** Equal digests are equal plans. */
export const digestOfPlan = (plan: Omit<LanePlan, 'digest'>): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        plan.lane,
        plan.version,
        plan.cursor,
        plan.sends,
        plan.changes,
        plan.left,
        plan.paused,
      ]),
    )
    .digest('hex')
