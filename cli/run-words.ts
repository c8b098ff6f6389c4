import type { Warning } from '../sync/protocol/common.ts'
import type { Run } from '../sync/protocol/runs.ts'
import { EXIT, type Exit } from './exit.ts'
import { count, duration, number, relative, shorten, table } from './print.ts'
import type { Paint, Paper } from './terminal.ts'

const TRIGGERS = {
  manual: 'by hand',
  cron: 'on schedule',
  readings: 'for new readings',
  pin: 'for a pin',
  hook: 'by a hook',
  login: 'for a login',
  reconnect: 'for a reconnect',
  read: 'for a reader',
  after: 'after another list',
  action: 'after an order',
  write: 'for a change here',
} as const satisfies Record<Run['trigger'], string>

export const triggerOf = (run: Run) => TRIGGERS[run.trigger]

export const warningsOf = ({ report }: Run) =>
  report.warnings.length +
  report.warnings_cut +
  report.parts.reduce((sum, part) => sum + part.warnings.length, 0)

/** `''` before it began */
export function tookOf({ started_at, finished_at }: Run, now: number): string {
  if (!started_at) return ''
  return duration((finished_at ? Date.parse(finished_at) : now) - Date.parse(started_at))
}

export function paintStatus(paint: Paint, status: string): (text: string) => string {
  if (status === 'done') return paint.green
  if (status === 'degraded') return paint.yellow
  if (status === 'failed') return paint.red
  return status === 'running' ? paint.cyan : paint.dim
}

/** What the end of a run means for whoever waits for it. A run that goes on is fine. */
export function exitOf(run: Run): Exit {
  if (run.status === 'failed') return EXIT.failed
  const { parts, counts } = run.report
  const needsPerson =
    run.status === 'degraded' ||
    counts.conflicts > 0 ||
    warningsOf(run) > 0 ||
    parts.some(({ status }) => status === 'failed' || status === 'degraded')
  return needsPerson ? EXIT.attention : EXIT.fine
}

/** Where a run is, in one line: `2 of 5 parts, 40 rows read`, or `page 3 of 300, 60 rows read`. */
export function stateOf(run: Run): string {
  if (run.status === 'queued') return 'waiting for its turn'
  const { parts, counts } = run.report
  const paged = parts.find(({ pages }) => pages !== undefined)
  const waits = run.report.waits === undefined ? '' : `; ${run.report.waits}`
  if (paged)
    return `page ${number(paged.page ?? 0)} of ${number(paged.pages ?? 0)}, ${count(counts.read, 'row')} read${waits}`
  const passed = parts.filter(({ status }) => status !== 'waiting').length
  return `${passed} of ${count(parts.length, 'part')}, ${count(counts.read, 'row')} read${waits}`
}

export function runInWords(run: Run, paper: Paper): string[] {
  const { paint, now } = paper
  const { report } = run
  const when = relative(run.started_at ?? run.enqueued_at, now)
  const took = tookOf(run, now)
  return [
    `${paint.bold(paintStatus(paint, run.status)(run.status))}  ${run.link} of ${run.scope}, ${triggerOf(run)} (${run.actor}), ${when}${took ? `, ${took}` : ''}`,
    paint.dim(`run ${run.id}${run.full ? ', reading everything' : ''}`),
    ...whyInWords(report, paper, ''),
    '',
    countsInWords(run),
    ...partsInWords(run, paper),
    ...(report.warnings.length > 0 ? ['', ...warningsInWords(report.warnings, paper)] : []),
    ...(report.warnings_cut > 0 ? [paint.yellow(`and ${count(report.warnings_cut, 'more warning')}`)] : []),
  ]
}

function countsInWords(run: Run): string {
  const { counts } = run.report
  return [
    `${count(counts.read, 'row')} read`,
    `${number(counts.merged)} merged`,
    `${number(counts.written)} written`,
    counts.skipped > 0 && `${number(counts.skipped)} as they were`,
    counts.rejected > 0 && `${number(counts.rejected)} rejected`,
    counts.deleted > 0 && `${number(counts.deleted)} deleted`,
    counts.conflicts > 0 && count(counts.conflicts, 'conflict'),
    count(counts.calls, 'call'),
  ]
    .filter(Boolean)
    .join(' · ')
}

function partsInWords(run: Run, paper: Paper): string[] {
  const { parts } = run.report
  if (parts.length === 0) return []
  const lines = table(
    [
      { title: 'part', cell: (part) => part.name, shrinks: true },
      {
        title: 'status',
        cell: (part) => part.status,
        paint: (text, part) => paintStatus(paper.paint, part.status)(text),
      },
      { title: 'rows', cell: (part) => number(part.rows), align: 'right' },
      { title: 'updated', cell: (part) => number(part.updated), align: 'right' },
      { title: 'snapshots', cell: (part) => number(part.derived), align: 'right' },
      { title: 'cells sent', cell: (part) => (part.sent > 0 ? number(part.sent) : ''), align: 'right' },
    ],
    parts,
    paper,
  )
  const troubled = parts.filter(
    (part) => part.warnings.length > 0 || (part.reason && part.reason !== run.report.reason),
  )
  return [
    '',
    ...lines,
    ...troubled.flatMap((part) => [
      '',
      paper.paint.bold(part.name),
      ...(part.reason === run.report.reason ? [] : whyInWords(part, paper, '  ')),
      ...warningsInWords(part.warnings, paper, '  '),
    ]),
  ]
}

/** Why something is degraded or failed, and what to do. */
export function whyInWords(
  { reason, mend }: { readonly reason?: string | undefined; readonly mend?: string | undefined },
  { paint }: Paper,
  indent = '  ',
): string[] {
  return [
    ...(reason ? [`${indent}${paint.yellow(reason)}`] : []),
    ...(mend ? [`${indent}${paint.dim('To do')}  ${mend}`] : []),
  ]
}

/** `! Harbour Films!D6 "n/a": is not a number` */
export function warningsInWords(warnings: readonly Warning[], { paint }: Paper, indent = ''): string[] {
  return warnings.map(({ where, raw, message }) => {
    const place = [where, raw === undefined ? undefined : JSON.stringify(shorten(raw, 60))]
      .filter(Boolean)
      .join(' ')
    return `${indent}${paint.yellow('!')} ${place ? `${place}: ` : ''}${message}`
  })
}
