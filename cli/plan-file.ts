import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { PlanView } from '../sync/protocol/plan.ts'
import { RestoreRequest } from './backup/restore-request.ts'
import { refusal } from './failure.ts'
import { AutoResolve, Resolve, Undo } from './proposal.ts'

const planned = {
  /** Digests of the plans, by lane: anything else is not applied */
  expect: z.record(z.string(), z.string()),
  plans: z.array(PlanView),
}

/** What `--dry-run` writes, and `tidemark apply` carries out. */
export const PlanFile = z.discriminatedUnion('type', [
  z.object({ type: z.literal('resolve'), request: Resolve, ...planned }),
  z.object({ type: z.literal('auto-resolve'), request: AutoResolve, ...planned }),
  z.object({ type: z.literal('undo'), request: Undo, ...planned }),
  z.object({ type: z.literal('restore'), request: RestoreRequest, ...planned }),
])
export type PlanFile = z.infer<typeof PlanFile>

export const digestsOf = (plans: readonly PlanView[]): Record<string, string> =>
  Object.fromEntries(plans.map(({ lane, digest }) => [lane, digest]))

export async function writePlan(path: string, plan: unknown): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`)
  } catch (error) {
    throw refusal('no_file', {
      title: 'The plan cannot be written',
      detail: `${(error as Error).message}.`,
      mend: 'Name a file in a folder that you may write to.',
    })
  }
}

/** The file's content; what it is says `PlanFile`, or the reader of plans of files. */
export async function readPlan(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch (error) {
    throw notAPlan(path, (error as Error).message)
  }
}

export const notAPlan = (path: string, why: string) =>
  refusal('not_a_plan', {
    title: 'Not a plan',
    detail: `${path}: ${why}.`,
    mend: 'Make one with --dry-run --out FILE.',
  })
