import type { Account, Growth, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { capital, compact, exact, METRICS } from '../format.ts'
import { Icon } from './icons.tsx'
import { Change, SPANS } from './metric-grid.tsx'

/** The five metrics; the chosen one is what the chart, the pin and the history below speak of. */
export function MetricTiles(props: {
  account: Account
  growth: Growth | undefined
  chosen: MetricName
  onChoose: (metric: MetricName) => void
}) {
  const { account } = props
  return (
    <fieldset class="tiles">
      <legend class="hidden">Metric</legend>
      {METRICS.map((metric) => (
        <label key={metric} class="tile">
          <input
            type="radio"
            name="metric"
            value={metric}
            checked={props.chosen === metric}
            onChange={() => props.onChoose(metric)}
          />
          <span class="tile-name">
            {capital(metric)}
            {account.pins.some((pin) => pin.column === metric) && (
              <span class="pinned">
                <Icon name="pin" />
                <span>Pinned</span>
              </span>
            )}
          </span>
          <span class="tile-value" title={exact(account[metric])}>
            {compact(account[metric])}
          </span>
          <span class="tile-growth">
            {SPANS.map(([span, text]) => (
              <span key={span}>
                <span class="quiet">{text} </span>
                <Change growth={props.growth} span={span} metric={metric} />
              </span>
            ))}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
