import type { OrderRequest } from '../../../sync/protocol/erp.ts'
import { count } from '../format.ts'
import { Icon, type IconName } from '../parts/icons.tsx'
import { Ago } from '../parts/time.tsx'

/** Orders that were asked for from here, newest first, and what became of them. */
export function OrderRequests({ orders }: { orders: readonly OrderRequest[] }) {
  return (
    <section class="panel" aria-labelledby="erp-orders">
      <h2 id="erp-orders">Orders made from here</h2>
      {orders.length === 0 ? (
        <p class="quiet">None yet. What is made here, or by an app, appears with its number in the ERP.</p>
      ) : (
        <ul class="erp-list">
          {orders.map((order) => (
            <Request key={order.id} order={order} />
          ))}
        </ul>
      )}
    </section>
  )
}

const LOOKS = {
  queued: ['queued', 'Waits for its turn', 'quiet'],
  sending: ['running', 'Sent to the ERP…', 'busy'],
  done: ['done', 'Made', 'good'],
  refused: ['refuse', 'Refused', 'bad'],
  unknown: ['degraded', 'Not known', 'warn'],
} as const satisfies Record<OrderRequest['status'], readonly [IconName, string, string]>

function Request({ order }: { order: OrderRequest }) {
  const [icon, text, tone] = LOOKS[order.status]
  return (
    <li class="erp-order">
      <span class={`badge tone-${tone}`}>
        <Icon name={icon} class={icon === 'running' ? 'spin' : ''} />
        {order.number ? `${text}: ${order.number}` : text}
      </span>
      <span class="quiet erp-when">
        <Ago time={order.created_at} />
      </span>
      <span class="erp-reason">
        {order.customer
          ? `${order.customer} (${order.body.customer_id})`
          : `Customer ${order.body.customer_id}`}
        , {count(order.body.lines.length, 'line')}
        <span class="quiet">
          {' '}
          · for {order.user_id}
          {order.actor !== order.user_id && `, by ${order.actor}`}
        </span>
      </span>
      {(order.reason || order.mend) && (
        <span class="erp-reason">
          {order.reason} <span class="quiet">{order.mend}</span>
        </span>
      )}
    </li>
  )
}
