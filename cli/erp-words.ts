import type { ErpStatus } from '../sync/protocol/erp.ts'
import { count, duration, number, relative, table } from './print.ts'
import { paintStatus, stateOf } from './run-words.ts'
import type { Paper } from './terminal.ts'

type Scope = ErpStatus['systems'][number]['scopes'][number]
type Line = Scope & Pick<ErpStatus['systems'][number], 'system' | 'per' | 'check_ms'>

/** Whether somebody has to look: the ERP can't be read, an order is in doubt, or the checks can't keep up. */
export const needsPerson = ({ systems, orders, images, forecast }: ErpStatus): boolean =>
  systems.some(({ scopes }) => scopes.some(({ trouble }) => trouble !== null)) ||
  orders.some(({ status }) => status === 'unknown') ||
  images.dead > 0 ||
  (forecast.share ?? 0) > 1

/** The ERP's status for a person. */
export function erpInWords(status: ErpStatus, paper: Paper): string[] {
  const { paint } = paper
  if (!status.configured && status.systems.every(({ scopes }) => scopes.length === 0))
    return ['The ERP is not set up. An admin sets a login up with PUT /api/erp/users/{id}.']
  const line = (title: string, text: string) => `${paint.dim(title.padEnd(10))}  ${text}`
  return [
    ...listsInWords(status, paper),
    ...troublesInWords(status, paper),
    '',
    line('inside', gateInWords(status, 'inside', paper)),
    line('waiting', gateInWords(status, 'waiting', paper)),
    line('checks', forecastInWords(status, paper)),
    ...waitingInWords(status, paper).map(([title, text]) => line(title, text)),
    ...runsInWords(status, paper),
  ]
}

function listsInWords({ systems }: ErpStatus, paper: Paper): string[] {
  const { paint, now } = paper
  const lines = systems.flatMap(({ scopes, ...of }) => scopes.map((scope): Line => ({ ...of, ...scope })))
  const ago = (time: string | null) => (time === null ? 'never' : relative(time, now))
  return table<Line>(
    [
      { title: 'list', cell: ({ system }) => system },
      { title: 'user', cell: ({ per, scope }) => (per === 'user' ? scope : ''), shrinks: true },
      { title: 'rows', cell: ({ rows }) => number(rows), align: 'right' },
      { title: 'good', cell: ({ last_good_at }) => ago(last_good_at) },
      {
        title: 'last run',
        cell: ({ last_status }) => last_status ?? '',
        paint: (text, { last_status }) => paintStatus(paint, last_status ?? '')(text),
      },
      { title: 'next', cell: (scope) => nextOf(scope, now) },
      {
        title: 'waits',
        cell: ({ waiting_rows: n }) => (n > 0 ? number(n) : ''),
        align: 'right',
        paint: paint.yellow,
      },
      { title: 'found within', cell: ({ bound, check_ms }) => `${duration(bound?.ms ?? check_ms)}` },
    ],
    lines,
    paper,
  )
}

function nextOf({ active, next_due_at, resumes_at_page }: Scope, now: number): string {
  if (!active) return 'off'
  const at = next_due_at === null || Date.parse(next_due_at) <= now ? 'now' : relative(next_due_at, now)
  return resumes_at_page === null ? at : `${at}, from page ${number(resumes_at_page)}`
}

const troublesInWords = ({ systems }: ErpStatus, { paint }: Paper): string[] =>
  systems.flatMap(({ system, scopes }) =>
    scopes.flatMap(({ scope, trouble }) =>
      trouble
        ? ['', `${paint.red(`${system} of ${scope}`)}: ${trouble.reason}`, `To do  ${trouble.mend}`]
        : [],
    ),
  )

function gateInWords({ gate }: ErpStatus, which: 'inside' | 'waiting', { paint, now }: Paper): string {
  if (gate === null) return paint.dim('not known: the gate did not answer')
  const who = gate[which].map((each) => `${each.who}${each.exclusive ? ' (alone)' : ''}`)
  const names = who.length === 0 ? 'nobody' : who.join(', ')
  if (which === 'waiting') return names
  const closed = gate.closed_until
    ? `; ${paint.yellow(`closed, opens ${relative(gate.closed_until, now)}`)}`
    : ''
  return `${names} (room for ${number(gate.concurrency)})${closed}`
}

function forecastInWords({ forecast: { scopes, call_ms, share } }: ErpStatus, { paint }: Paper): string {
  const lists = count(scopes, 'list')
  if (share === null || call_ms === null) return `${lists}; what they cost is not known yet`
  const percent = `${number(Math.ceil(share * 100))} %`
  const text = `${lists} take ${percent} of the ERP’s time, at ${duration(call_ms)} a call`
  return share > 1 ? paint.red(`${text}: they can’t keep up`) : text
}

function waitingInWords(
  { unmatched_prices, images, orders }: ErpStatus,
  { paint }: Paper,
): [string, string][] {
  const doubtful = orders.filter(({ status }) => status === 'unknown')
  const open = orders.filter(({ status }) => status === 'queued' || status === 'sending')
  return [
    ...(unmatched_prices > 0
      ? [['prices', paint.yellow(`${count(unmatched_prices, 'price')} match no product`)] as [string, string]]
      : []),
    [
      'pictures',
      `${number(images.stored)} here, ${number(images.pending)} on their way${dead(images.dead, paint)}`,
    ],
    ...(open.length > 0 ? [['orders', `${count(open.length, 'order')} being made`] as [string, string]] : []),
    ...doubtful.map(({ key, user_id, mend }): [string, string] => [
      'in doubt',
      `${paint.red(`order ${key} of ${user_id}`)}: ${mend ?? 'look in the ERP whether it is there'}`,
    ]),
  ]
}

const dead = (n: number, paint: Paper['paint']): string =>
  n > 0 ? paint.yellow(`, ${number(n)} given up`) : ''

const runsInWords = ({ runs }: ErpStatus, { paint }: Paper): string[] =>
  runs.length === 0
    ? []
    : [
        '',
        ...runs.map(
          (run) =>
            `${paintStatus(paint, run.status)(run.status)}  ${run.link} of ${run.scope}: ${stateOf(run)}`,
        ),
      ]
