import { useRef } from 'preact/hooks'
import type { Account, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { capital, compact, exact, METRICS } from '../format.ts'
import { type Column, nameOf, type Order } from './accounts-order.ts'
import { Icon } from './icons.tsx'
import { Ago } from './time.tsx'
import { useWindow } from './window.ts'

/** Heights of one account in pixels, as views.css sets them. */
const HEIGHT = { wide: 44, narrow: 80 } as const

export function WideAccounts(props: {
  rows: readonly Account[]
  columns: readonly (readonly [Column, string])[]
  order: Order
  sortBy: (column: Column) => void
}) {
  const table = useRef<HTMLTableElement>(null)
  const { rows, order } = props
  const { from, to } = useWindow(table, rows.length, HEIGHT.wide)
  return (
    <table ref={table} class="accounts" aria-rowcount={rows.length + 1}>
      <caption class="hidden">Accounts and their metrics</caption>
      <thead>
        <tr aria-rowindex={1}>
          {props.columns.map(([by, text]) => (
            <th key={by} scope="col" class={`col-${by}`} aria-sort={sortOf(order, by)}>
              <button type="button" class="sort" onClick={() => props.sortBy(by)}>
                {text}
                <span class="sort-mark">
                  <Icon name={order.by === by ? (order.descending ? 'down' : 'up') : 'both'} />
                </span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <Space rows={from} height={HEIGHT.wide} columns={props.columns.length} />
      <tbody>
        {rows.slice(from, to).map((account, i) => (
          <tr key={account.id} aria-rowindex={from + i + 2}>
            <th scope="row">
              <Name account={account} />
            </th>
            <td>{account.platform}</td>
            {METRICS.map((metric) => (
              <td key={metric} class="number">
                <Value account={account} metric={metric} text={exact(account[metric])} />
              </td>
            ))}
            <td class="updated">
              <Ago time={account.updated_at} />
            </td>
          </tr>
        ))}
      </tbody>
      <Space rows={rows.length - to} height={HEIGHT.wide} columns={props.columns.length} />
    </table>
  )
}

/** Two rows an account: who it is, and its five numbers below. */
export function NarrowAccounts({ rows }: { rows: readonly Account[] }) {
  const table = useRef<HTMLTableElement>(null)
  const { from, to } = useWindow(table, rows.length, HEIGHT.narrow)
  return (
    <table ref={table} class="accounts is-narrow">
      <caption class="hidden">Accounts and their metrics</caption>
      <thead>
        <tr>
          {METRICS.map((metric) => (
            <th key={metric} scope="col" class={`narrow-${metric}`}>
              {capital(metric)}
            </th>
          ))}
        </tr>
      </thead>
      <Space rows={from} height={HEIGHT.narrow} columns={METRICS.length} />
      {rows.slice(from, to).map((account) => (
        <tbody key={account.id}>
          <tr class="who">
            <th scope="rowgroup" colSpan={METRICS.length}>
              <span class="who-row">
                <Name account={account} />
                <span class="quiet">{account.platform}</span>
              </span>
            </th>
          </tr>
          <tr class="numbers">
            {METRICS.map((metric) => (
              <td key={metric} class="number">
                <Value account={account} metric={metric} text={compact(account[metric])} />
              </td>
            ))}
          </tr>
        </tbody>
      ))}
      <Space rows={rows.length - to} height={HEIGHT.narrow} columns={METRICS.length} />
    </table>
  )
}

function Name({ account }: { account: Account }) {
  return (
    <span class="name">
      <a class="name-link" href={`/accounts/${account.id}`}>
        {nameOf(account)}
      </a>
      <a
        class="profile"
        href={account.profile_url}
        target="_blank"
        rel="noreferrer"
        title={account.profile_url}
        aria-label={`Profile of ${nameOf(account)} (new tab)`}
      >
        <Icon name="out" />
      </a>
    </span>
  )
}

function Value({ account, metric, text }: { account: Account; metric: MetricName; text: string }) {
  const pin = account.pins.find((candidate) => candidate.column === metric)
  if (!pin) return <>{text}</>
  return (
    <span class="pinned" title={`Pinned by ${pin.by}${pin.note ? `: ${pin.note}` : ''}`}>
      <Icon name="pin" />
      <span class="hidden">pinned </span>
      {text}
    </span>
  )
}

/** Stands for rows that are not rendered. */
function Space({ rows, height, columns }: { rows: number; height: number; columns: number }) {
  if (rows <= 0) return null
  return (
    <tbody aria-hidden="true" class="space">
      <tr style={{ height: `${rows * height}px` }}>
        <td colSpan={columns} />
      </tr>
    </tbody>
  )
}

const sortOf = (order: Order, by: Column) =>
  order.by === by ? (order.descending ? 'descending' : 'ascending') : undefined
