import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inWords as problemInWords } from '../failure.ts'
import { eachOf, hasFailed, syncDepsOf, withAttached } from '../laptop/open.ts'
import type { Columns, FilePlan, LanePlan, SyncPlan } from '../laptop/plan.ts'
import { applyToFile } from '../laptop/plan-apply.ts'
import { planOfFile } from '../laptop/plan-file.ts'
import { writePlan } from '../plan-file.ts'
import { count, scalar } from '../print.ts'
import type { Paper } from '../terminal.ts'
import { isFine, reportInWords } from './sync-words.ts'

/** Tells exactly what a sync would change, and changes nothing. `out`: a file that `tidemark apply` takes. */
export async function planFiles(
  context: Context,
  files: readonly string[],
  {
    collections,
    out,
  }: { readonly collections: readonly string[] | undefined; readonly out: string | undefined },
): Promise<Exit> {
  const done = await eachOf(files, (file) => {
    context.progress.say(`Planning ${file}`)
    return withAttached(context, file, (db, remote) =>
      planOfFile(db, file, syncDepsOf(context, remote), collections),
    )
  })
  const plan: SyncPlan = { type: 'sync', files: done.flatMap((one) => (hasFailed(one) ? [] : [one])) }
  if (out !== undefined) await writePlan(out, plan)
  context.show(plan, (shown, paper) => [
    ...done.flatMap((one) => (hasFailed(one) ? problemInWords(one.problem, paper) : [])),
    ...shown.files.flatMap((one) => planInWords(one, paper)),
    ...(out === undefined ? [] : [paper.paint.dim(`  do exactly this: tidemark apply ${out}`)]),
  ])
  if (done.some(hasFailed)) return EXIT.failed
  return plan.files.some(needsPerson) ? EXIT.attention : EXIT.fine
}

/** Does what the plan says in each of its files; a file in which it comes to something else is left as it is. */
export async function applySync(context: Context, plan: SyncPlan): Promise<Exit> {
  const done = await eachOf(
    plan.files.map(({ file }) => file),
    async (file) => {
      const of = plan.files.find((one) => one.file === file) as FilePlan
      const applied = await withAttached(context, file, (db, remote) =>
        applyToFile(db, of, syncDepsOf(context, remote)),
      )
      return { file, ...applied }
    },
  )
  context.show(done, (all, paper) =>
    all.flatMap((one) => {
      if (hasFailed(one)) return problemInWords(one.problem, paper)
      if (one.type === 'applied') return reportInWords({ file: one.file, ...one.report }, paper)
      return [
        `${paper.paint.yellow('!')} It is not as it was planned, and nothing was changed. Now it would be:`,
        ...planInWords({ file: one.file, lanes: [...one.now] }, paper),
      ]
    }),
  )
  if (done.some(hasFailed)) return EXIT.failed
  const isDone = done.every((one) => !hasFailed(one) && one.type === 'applied' && isFine(one.report))
  return isDone ? EXIT.fine : EXIT.attention
}

const needsPerson = ({ lanes }: FilePlan): boolean =>
  lanes.some(({ sends }) => sends.some(({ result }) => ['conflict', 'rejected'].includes(result.status)))

function planInWords({ file, lanes }: FilePlan, paper: Paper): string[] {
  const { paint } = paper
  const isIdle = lanes.every(
    ({ sends, changes, paused }) => sends.length + changes.length === 0 && paused === null,
  )
  return [
    `${paint.bold(file)}${isIdle ? '  nothing new' : ''}`,
    ...lanes.flatMap((lane) => laneInWords(lane, paper)),
  ]
}

function laneInWords({ tables, sends, changes, left, paused }: LanePlan, { paint }: Paper): string[] {
  const name = tables.join(', ')
  if (paused !== null) return [`  ${paint.yellow('paused')}  ${name}: ${paused}`]
  return [
    ...(sends.length > 0 ? [`  ${paint.dim('would go')}    ${name}: ${count(sends.length, 'edit')}`] : []),
    ...sends
      .slice(0, SHOWN)
      .flatMap(({ op, key, columns, result: { status, reason } }) => [
        `    ${op} ${paint.bold(key)}${status === 'applied' ? '' : `  ${paint.yellow(status)}${reason === undefined ? '' : `: ${reason}`}`}`,
        ...columnsInWords(columns, paint.dim),
      ]),
    ...more(sends.length),
    ...(changes.length > 0
      ? [`  ${paint.dim('would come')}  ${name}: ${count(changes.length, 'row')} of the file`]
      : []),
    ...changes
      .slice(0, SHOWN)
      .flatMap(({ op, row, columns }) => [
        `    ${op} ${paint.bold(row)}`,
        ...columnsInWords(columns, paint.dim),
      ]),
    ...more(changes.length),
    ...(left > 0 ? [`  ${count(left, 'edit')} more would go with the next sync`] : []),
  ]
}

const more = (n: number): string[] => (n > SHOWN ? [`    and ${count(n - SHOWN, 'row')} more`] : [])

const columnsInWords = (columns: Columns, dim: (text: string) => string): string[] =>
  Object.entries(columns).map(
    ([name, { before, after }]) => `      ${dim(name)}  ${shown(before)} → ${shown(after)}`,
  )

const shown = (value: Columns[string]['before']): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value.unreadable) : scalar(value).slice(0, 100)

const SHOWN = 20
