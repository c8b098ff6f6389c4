import type { PlanView } from '../sync/protocol/plan.ts'
import { EXIT, type Exit } from './exit.ts'
import { count, scalar, shorten } from './print.ts'
import type { Paper } from './terminal.ts'

/** Rows of one lane, and characters of one value, that are shown; `--json` has all */
const SHOWN = { rows: 50, value: 100 } as const

/** What would change, or has, lane by lane, down to the column. */
export const plansInWords = (plans: readonly PlanView[], paper: Paper): string[] =>
  plans.flatMap((plan) => [headOf(plan, paper), ...entriesOf(plan, paper).flatMap(cut(SHOWN.rows, paper))])

/** 1: part of it was not done, or it leaves something for a person. */
export function exitOfPlans(plans: readonly PlanView[]): Exit {
  const failed = plans.filter(({ status }) => status === 'failed').length
  if (failed > 0 && failed === plans.length) return EXIT.failed
  const needsPerson = ({ status, opens, skips }: PlanView) =>
    status === 'failed' || status === 'moved' || opens.length + skips.length > 0
  return plans.some(needsPerson) ? EXIT.attention : EXIT.fine
}

function headOf({ lane, status, version, changes, error }: PlanView, { paint }: Paper): string {
  const rows = count(new Set(changes.map(({ table, key }) => `${table} ${key}`)).size, 'row')
  if (status === 'failed') return `${paint.red('✗')} ${paint.bold(lane)}: ${error ?? 'it failed'}`
  if (status === 'moved')
    return `${paint.yellow('!')} ${paint.bold(lane)}: it is not as it was when this was planned; nothing was changed`
  return status === 'planned'
    ? `Would change ${rows} of ${paint.bold(lane)}`
    : `${paint.green('✓')} Changed ${rows} of ${paint.bold(lane)}  ${paint.dim(`version ${version}`)}`
}

/** A block of lines for each thing that the plan says. */
export function entriesOf(plan: PlanView, { paint }: Paper): string[][] {
  const where = (table: string) => (table === plan.lane ? '' : ` of ${table}`)
  return [
    ...plan.changes.map(({ op, table, key, columns }) => [
      `  ${OPS[op].padEnd(6)}  ${paint.bold(key)}${where(table)}`,
      ...Object.entries(columns).map(([name, { before, after }]) => {
        // A row that its device alone had is stored as deleted, with what it said.
        const [was, is] = op === 'delete' && before === null ? [after, null] : [before, after]
        return `    ${paint.dim(name)}  ${value(was)} → ${paint.bold(value(is))}`
      }),
    ]),
    ...plan.settles.map(({ conflict, strategy }) => [
      strategy === 'reopen' ? `  opens ${conflict} again` : `  settles ${conflict} by ${strategy}`,
    ]),
    ...plan.opens.map(({ conflict, table, key, detail }) => [
      `  ${paint.yellow('opens')} conflict ${conflict} of ${key}${where(table)}: ${detail}`,
    ]),
    ...plan.skips.map(({ about, reason }) => [`  ${paint.yellow('skips')} ${about}: ${reason}`]),
    ...plan.offers.map(({ table, key, column, link }) => [
      `  ${paint.yellow('!')} ${link} will propose ${column} of ${key}${where(table)} again; to hold it, add --pin`,
    ]),
  ]
}

const OPS = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  refuse: 'refuse',
  pin: 'pin',
  unpin: 'unpin',
} as const satisfies Record<PlanView['changes'][number]['op'], string>

const value = (of: string | number | null) => shorten(scalar(of), SHOWN.value)

const cut =
  (most: number, { paint }: Paper) =>
  (lines: readonly string[], i: number, all: readonly unknown[]): readonly string[] =>
    i < most
      ? lines
      : i === most
        ? [paint.dim(`  and ${count(all.length - most, 'more', 'more')}; see all with --json`)]
        : []
