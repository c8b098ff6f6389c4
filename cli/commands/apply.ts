import * as z from 'zod'
import { readManifest } from '../backup/manifest.ts'
import { applyRestore, exitOfRestore } from '../backup/restore-server.ts'
import { carryOut } from '../change.ts'
import { type Context, command } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { refusal } from '../failure.ts'
import { SyncPlan } from '../laptop/plan.ts'
import { notAPlan, PlanFile, readPlan } from '../plan-file.ts'
import { plansInWords } from '../plan-words.ts'
import { autoResolution } from './auto-resolve.ts'
import { resolution } from './resolve.ts'
import { applySync } from './sync-plan.ts'
import { undoing } from './undo.ts'

export const apply = command(
  (declared) =>
    declared
      .name('apply')
      .summary('do exactly what a plan says')
      .description(
        'Carries out a plan that --dry-run --out wrote. If the data has changed meanwhile, so that it would come to something else, nothing is changed, and it says what is different now.',
      )
      .argument('<plan>', 'a file that --out wrote')
      .addHelpText('after', EXAMPLES),
  async (context, path: string) => {
    const parsed = z.discriminatedUnion('type', [PlanFile, SyncPlan]).safeParse(await readPlan(path))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw notAPlan(path, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not as expected'}`)
    }
    context.progress.say(`Applying ${path}`)
    const plan = parsed.data
    return plan.type === 'sync' ? applySync(context, plan) : applied(context, plan)
  },
)

async function applied(context: Context, plan: PlanFile): Promise<Exit> {
  if (plan.type === 'restore') return restored(context, plan)
  const client = await context.connect()
  if (plan.type === 'resolve') return carryOut(context, resolution(client, plan.request), plan)
  if (plan.type === 'auto-resolve') return carryOut(context, autoResolution(client, plan.request), plan)
  return carryOut(context, undoing(client, plan.request), plan)
}

async function restored(context: Context, plan: PlanFile & { type: 'restore' }): Promise<Exit> {
  const { request } = plan
  const { server } = await readManifest(request.backup, context.progress.say)
  if (server?.sha256 !== request.sha256) throw otherBackup(request.backup)
  const answer = await applyRestore(context, await context.connect(), request, plan)
  if ('moved' in answer) return answer.moved
  context.show({ plans: answer.done.map((one) => one.plan) }, ({ plans }, paper) =>
    plansInWords(
      plans.filter(({ changes }) => changes.length > 0),
      paper,
    ),
  )
  return answer.done.length === 0 ? EXIT.fine : exitOfRestore(answer.done)
}

const EXAMPLES = `
Examples:
  tidemark auto-resolve --dry-run --out plan.json
  tidemark sync --dry-run --out plan.json
  tidemark apply plan.json

Exit codes: 0 done; 1 done in part, or the data has changed and nothing was done; 2 failed.`

const otherBackup = (folder: string) =>
  refusal('other_backup', {
    title: 'Another backup',
    detail: `${folder} is not the one that this plan was made from.`,
    mend: 'Plan again: tidemark restore FOLDER --dry-run --out FILE',
  })
