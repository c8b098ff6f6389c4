import { signal } from '@preact/signals'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { MetricName, Snapshot } from '../../../sync/protocol/smart-sync.ts'
import { theme } from '../data/theme.ts'
import { count, exact, exactChange, fullDay } from '../format.ts'
import type { Series } from './chart.ts'
import { useMedia } from './media.ts'
import { Empty } from './notice.tsx'

const RANGES = [7, 30, 90] as const
/** The chosen range is the same on every account. */
const range = signal<(typeof RANGES)[number]>(30)

const DAY = 86_400_000

/** A metric's snapshots as a line, in a sentence, and as a table. */
export function GrowthFigure({ snapshots, metric }: { snapshots: readonly Snapshot[]; metric: MetricName }) {
  const points = useMemo(() => pointsOf(snapshots, metric, range.value), [snapshots, metric, range.value])
  const [point, setPoint] = useState<number | null>(null)
  const shown = point === null ? undefined : points.all[point]
  return (
    <figure class="growth">
      <div class="growth-head">
        <figcaption>
          {shown ? (
            <>
              <strong>{exact(shown.value)}</strong> on {fullDay(shown.day)}
            </>
          ) : (
            sentence(points.known, metric)
          )}
        </figcaption>
        <fieldset class="segments">
          <legend class="hidden">Days shown</legend>
          {RANGES.map((days) => (
            <label key={days}>
              <input
                type="radio"
                name="range"
                checked={range.value === days}
                onChange={() => {
                  range.value = days
                }}
              />
              <span class="segment-text">{days} d</span>
            </label>
          ))}
        </fieldset>
      </div>
      {points.known.length === 0 ? (
        <Empty icon="queued" title={`No snapshot of ${metric} in these days`}>
          <p>Every day with a run makes one.</p>
        </Empty>
      ) : (
        <>
          {points.known.length === 1 ? (
            <Empty icon="queued" title="One day so far">
              <p>The line begins with the second.</p>
            </Empty>
          ) : (
            <Chart series={points.series} onPoint={setPoint} />
          )}
          <details class="as-table">
            <summary>As a table</summary>
            <table class="days">
              <caption class="hidden">{metric} by day, newest first</caption>
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col">{metric}</th>
                  <th scope="col">Change</th>
                </tr>
              </thead>
              <tbody>
                {points.known.toReversed().map(({ day, value, change }) => (
                  <tr key={day}>
                    <th scope="row">{fullDay(day)}</th>
                    <td>{exact(value)}</td>
                    <td>{exactChange(change)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </figure>
  )
}

/** The drawing, fetched when it is first needed. The sentence and the table say the same in words. */
function Chart({ series, onPoint }: { series: Series; onPoint: (index: number | null) => void }) {
  const element = useRef<HTMLDivElement>(null)
  const [isMissing, setMissing] = useState(false)
  const isDark = useMedia('(prefers-color-scheme: dark)')
  const look = `${theme.value} ${isDark}`
  useEffect(() => {
    let remove: (() => void) | undefined
    let isGone = false
    import('./chart.ts').then(
      ({ drawChart }) => {
        if (!isGone && element.current && look) remove = drawChart(element.current, series, onPoint)
      },
      () => setMissing(true),
    )
    return () => {
      isGone = true
      remove?.()
    }
  }, [series, onPoint, look])
  return (
    <>
      <div ref={element} class="chart" aria-hidden="true" />
      {isMissing && <p class="quiet">The chart could not be fetched; the table below has its numbers.</p>}
    </>
  )
}

interface Point {
  readonly day: string
  readonly value: number | null
  readonly change: number | null
}

/** The last `days` days that end with the newest snapshot, a point each; days without a snapshot have no value. */
function pointsOf(snapshots: readonly Snapshot[], metric: MetricName, days: number) {
  const values = new Map(snapshots.map((snapshot) => [snapshot.day, snapshot[metric]]))
  const last = [...values.keys()].sort().at(-1)
  const all: Point[] = []
  if (last) {
    const first = [...values.keys()].sort()[0] ?? last
    let before: number | null = null
    for (let ago = days - 1; ago >= 0; ago--) {
      const day = new Date(Date.parse(last) - ago * DAY).toISOString().slice(0, 10)
      if (day < first) continue
      const value = values.get(day) ?? null
      all.push({ day, value, change: value === null || before === null ? null : value - before })
      before = value ?? before
    }
  }
  return {
    all,
    known: all.filter((point) => point.value !== null),
    series: {
      days: all.map((point) => Date.parse(point.day) / 1000),
      values: all.map((point) => point.value),
    },
  }
}

function sentence(known: readonly Point[], metric: MetricName): string {
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last) return `No ${metric} yet`
  if (first === last) return `${exact(last.value)} ${metric} on ${fullDay(last.day)}`
  const change = Number(last.value) - Number(first.value)
  const moved = change === 0 ? 'unchanged' : `${exactChange(change)}${percent(change, Number(first.value))}`
  const span = Math.round((Date.parse(last.day) - Date.parse(first.day)) / DAY)
  return `${moved} in ${count(span, 'day')}: from ${exact(first.value)} on ${fullDay(first.day)} to ${exact(last.value)}`
}

const percent = (change: number, from: number) =>
  from > 0 ? ` (${exactChange(Number(((change / from) * 100).toFixed(1)))} %)` : ''
