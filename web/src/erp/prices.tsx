import type { PriceChange, UnmatchedPrice } from '../../../sync/protocol/erp.ts'
import { getPriceChanges, getUnmatchedPrices } from '../data/erp.ts'
import { useRead } from '../data/reads.ts'
import { exact } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'
import { type Difference, difference, money } from './money.ts'
import { useOlder } from './older.tsx'

/** Every price that changed, newest first. */
export function PriceChanges() {
  const held = useRead(getPriceChanges)
  const { rows, button } = useOlder(held, ({ id }) => id)
  return (
    <section class="panel" aria-labelledby="erp-prices">
      <h2 id="erp-prices">Price changes</h2>
      <Shown held={held} skeleton={<Lines n={5} height={2.5} />}>
        {() =>
          rows.length === 0 ? (
            <Empty icon="unchanged" title="No price has changed yet">
              <p>Each change appears here, with the run that found it.</p>
            </Empty>
          ) : (
            <ul class="erp-list">
              {rows.map((change) => (
                <Change key={change.id} change={change} />
              ))}
            </ul>
          )
        }
      </Shown>
      {button('Older price changes')}
    </section>
  )
}

function Change({ change }: { change: PriceChange }) {
  const moved = difference(change.old, change.new)
  return (
    <li class="erp-price">
      <span class="erp-name">{change.name ?? `Product ${change.product_id}`}</span>
      <Moved moved={moved} />
      <span class="erp-prices">
        <span class="hidden">from </span>
        <span class="quiet">{money(change.old)}</span> <Icon name="update" />
        <span class="hidden"> to </span> <strong>{money(change.new)}</strong>
      </span>
      <span class="quiet erp-when">
        <Ago time={change.at} />
        {change.run_id && (
          <>
            {', '}
            <a href={`/runs/${change.run_id}`}>
              its run<span class="hidden"> for {change.name ?? change.product_id}</span>
            </a>
          </>
        )}
      </span>
    </li>
  )
}

const LOOKS = {
  up: ['up', 'is-up', 'up'],
  down: ['down', 'is-down', 'down'],
  new: ['insert', 'is-flat', ''],
  gone: ['delete', 'is-flat', ''],
} as const satisfies Record<Difference['way'], readonly [string, string, string]>

function Moved({ moved }: { moved: Difference }) {
  const [icon, look, said] = LOOKS[moved.way]
  return (
    <span class={`change erp-difference ${look}`}>
      <Icon name={icon} />
      {said && <span class="hidden">{said} </span>}
      {moved.text}
    </span>
  )
}

/** Prices that match no product, or several. They are tried again after each run of the products. */
export function UnmatchedPrices({ count }: { count: number }) {
  const held = useRead(getUnmatchedPrices)
  const { rows, button } = useOlder(held, (row) => `${row.product_id}\n${row.name}`)
  return (
    <section class="panel" aria-labelledby="erp-unmatched">
      <h2 id="erp-unmatched">
        Prices without a product {count > 0 && <span class="quiet">{exact(count)}</span>}
      </h2>
      <Shown held={held} skeleton={<Lines n={3} height={2.5} />}>
        {() =>
          rows.length === 0 ? (
            <p class="quiet">Every price has found its product.</p>
          ) : (
            <>
              <p class="quiet">They are kept, and tried again after each run of the products.</p>
              <ul class="erp-list">
                {rows.map((row) => (
                  <Unmatched key={`${row.product_id}\n${row.name}`} row={row} />
                ))}
              </ul>
            </>
          )
        }
      </Shown>
      {button('More prices without a product')}
    </section>
  )
}

function Unmatched({ row }: { row: UnmatchedPrice }) {
  return (
    <li class="erp-unmatched">
      <span class="erp-name">{row.name ?? 'Without a name'}</span>
      <strong class="erp-amount">{money(row.price)}</strong>
      <span class="quiet erp-reason">
        {row.reason}
        {row.product_id && ` · id ${row.product_id}`} · since <Ago time={row.since} />
      </span>
    </li>
  )
}
