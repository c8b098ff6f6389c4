import {
  type Account,
  type Growth,
  MetricName,
  type Pin,
  type Snapshot,
} from '../../sync/protocol/smart-sync.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { idArgument } from '../options.ts'
import { change, number, relative, scalar, sparkline, table } from '../print.ts'
import type { Paper } from '../terminal.ts'
import { nameOf } from '../words.ts'

const DAYS = 30
const DAY = 86_400_000

export const account = command(
  (declared) =>
    declared
      .name('account')
      .summary('one account: metrics, growth, the last 30 days, pins')
      .addArgument(idArgument('account', 'id of an account')),
  async (context, id: string) => {
    const client = await context.connect()
    const [found, growth, snapshots] = await Promise.all([
      client.account(id),
      client.growth(id),
      client.snapshots(id, DAYS),
    ])
    context.show({ account: found, growth, snapshots }, inWords)
    return EXIT.fine
  },
)

interface Shown {
  readonly account: Account
  readonly growth: Growth
  readonly snapshots: readonly Snapshot[]
}

function inWords({ account: found, growth, snapshots }: Shown, paper: Paper): string[] {
  const { paint, now } = paper
  return [
    `${paint.bold(nameOf(found))}  ${found.platform}  ${paint.dim(found.id)}`,
    `${found.profile_url}`,
    paint.dim(`changed ${relative(found.updated_at, now)} by ${found.origin}, version ${found.version}`),
    '',
    ...table<MetricName>(
      [
        { title: '', cell: (metric) => metric },
        { title: 'now', cell: (metric) => number(found[metric]), align: 'right', paint: paint.bold },
        { title: '24 h', cell: (metric) => change(growth.day[metric]), align: 'right' },
        { title: '7 d', cell: (metric) => change(growth.week[metric]), align: 'right' },
        { title: '30 d', cell: (metric) => change(growth.month[metric]), align: 'right' },
        { title: 'last 30 days', cell: (metric) => course(snapshots, metric), paint: paint.cyan },
      ],
      MetricName.options,
      paper,
    ),
    ...(found.pins.length > 0 ? ['', ...found.pins.map((pin) => pinInWords(pin, paper))] : []),
  ]
}

/** The metric day by day, the newest snapshot at the right; a gap for a day without one. */
function course(snapshots: readonly Snapshot[], metric: MetricName): string {
  const byDay = new Map(snapshots.map((snapshot) => [Date.parse(snapshot.day), snapshot[metric]]))
  const last = Math.max(...byDay.keys())
  const first = Math.max(Math.min(...byDay.keys()), last - (DAYS - 1) * DAY)
  if (!Number.isFinite(last)) return ''
  const days = Array.from({ length: (last - first) / DAY + 1 }, (_, i) => byDay.get(first + i * DAY) ?? null)
  return days.every((value) => value === null) ? '' : sparkline(days)
}

/** `pinned  likes at 4,200 by Ada, 2 days ago, until 1 Dec 2026: bot likes removed` */
export function pinInWords({ column, value, by, at, until, note }: Pin, { paint, now }: Paper): string {
  const end = until ? `, ends ${relative(until, now)}` : ''
  return `${paint.yellow('pinned')}  ${column} at ${paint.bold(scalar(value))} by ${by} ${relative(at, now)}${end}${note ? `: ${note}` : ''}`
}
