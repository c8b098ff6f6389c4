import type { Growth, MetricName, Project } from '../../../sync/protocol/smart-sync.ts'
import { capital, change, compact, exact, exactChange, METRICS } from '../format.ts'

export const SPANS = [
  ['day', '24 h'],
  ['week', '7 d'],
  ['month', '30 d'],
] as const satisfies readonly (readonly [keyof Growth, string])[]

/** Totals and their growth: one row a metric, one column a span of time. */
export function MetricGrid(props: {
  totals: Project['totals']
  growth: Growth | undefined
  caption: string
}) {
  return (
    <table class="metric-grid">
      <caption class="hidden">{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="hidden">Metric</span>
          </th>
          <th scope="col">Now</th>
          {SPANS.map(([span, text]) => (
            <th key={span} scope="col">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {METRICS.map((metric) => (
          <tr key={metric}>
            <th scope="row">{capital(metric)}</th>
            <td class="now" title={exact(props.totals[metric])}>
              {compact(props.totals[metric])}
            </td>
            {SPANS.map(([span]) => (
              <td key={span}>
                <Change growth={props.growth} span={span} metric={metric} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** One change; a dash where there is no snapshot so old, an ellipsis while it is read. */
export function Change(props: { growth: Growth | undefined; span: keyof Growth; metric: MetricName }) {
  const value = props.growth?.[props.span][props.metric]
  if (value === undefined) return <span class="change is-flat">…</span>
  const direction = value === null || value === 0 ? 'is-flat' : value > 0 ? 'is-up' : 'is-down'
  return (
    <span class={`change ${direction}`} title={value === null ? 'No snapshot so old' : exactChange(value)}>
      {change(value)}
    </span>
  )
}
