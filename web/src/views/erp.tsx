import { useState } from 'preact/hooks'
import type { ErpStatus } from '../../../sync/protocol/erp.ts'
import { getErpStatus } from '../data/erp.ts'
import { erpRuns, useErpLive } from '../data/erp-live.ts'
import { useRead } from '../data/reads.ts'
import { isAdmin, session } from '../data/session.ts'
import { shareInWords } from '../erp/gate.tsx'
import { Images } from '../erp/images.tsx'
import { Now } from '../erp/now.tsx'
import { OrderDialog } from '../erp/order-dialog.tsx'
import { OrderRequests } from '../erp/order-requests.tsx'
import { PriceChanges, UnmatchedPrices } from '../erp/prices.tsx'
import { Systems } from '../erp/systems.tsx'
import { type Trouble, troublesOf } from '../erp/troubles.ts'
import { capital } from '../format.ts'
import { Fact } from '../parts/fact.tsx'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icons.tsx'
import { Empty, Notice } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import '../style/erp.css'
import '../style/erp-order.css'

/** The ERP's lists, what runs and what waits, prices, pictures, and orders that are made from here. Live. */
export function ErpView() {
  const held = useRead(getErpStatus)
  const [isOrdering, setOrdering] = useState(false)
  useErpLive(held.value)
  const users = held.value ? orderUsers(held.value) : []
  return (
    <>
      <div class="title-row">
        <Heading title="ERP" />
        {users.length > 0 && (
          <button type="button" class="button is-primary is-large" onClick={() => setOrdering(true)}>
            <Icon name="insert" />
            Make an order
          </button>
        )}
      </div>
      <Shown held={held} skeleton={<Skeleton />}>
        {(status) => (isSetUp(status) ? <Content status={status} /> : <NotSetUp />)}
      </Shown>
      {isOrdering && <OrderDialog users={users} onClose={() => setOrdering(false)} />}
    </>
  )
}

function Content({ status }: { status: ErpStatus }) {
  const runs = erpRuns.value
  const { share } = status.forecast
  return (
    <>
      {troublesOf(status.systems).map((trouble) => (
        <TroubleNotice key={trouble.reason} trouble={trouble} />
      ))}
      {share !== null && share > 1 && (
        <Notice tone="warn" title="The checks can’t keep up">
          <p>
            They need {shareInWords(share)} of the ERP’s time. Let a list be checked less often, or look at
            fewer pages a check (<code>PUT /api/config/…</code>, see the <a href="/docs">API reference</a>).
          </p>
        </Notice>
      )}
      <Now status={status} runs={runs} />
      <h2>Lists</h2>
      <Systems systems={status.systems} runs={runs} />
      <div class="two erp-two">
        <PriceChanges />
        <div>
          <OrderRequests orders={status.orders} />
          <UnmatchedPrices count={status.unmatched_prices} />
          <Images images={status.images} />
        </div>
      </div>
    </>
  )
}

function TroubleNotice({ trouble }: { trouble: Trouble }) {
  return (
    <Notice tone="warn" title={trouble.reason}>
      <dl class="facts">
        <Fact term="What waits">{capital(trouble.who.join(', '))}</Fact>
        <Fact term="What was kept">Every row that was read before; it is shown as it was.</Fact>
        <Fact term="What to do">{trouble.mend}</Fact>
      </dl>
    </Notice>
  )
}

function NotSetUp() {
  return (
    <Empty icon="erp" title="No ERP is set up yet">
      <p>
        {isAdmin.value ? (
          <>
            Say with <code>PUT /api/erp/users/…</code> who signs in to the ERP for whom (see the{' '}
            <a href="/docs">API reference</a>). The user’s customers and orders, and the products with their
            prices, then come by themselves.
          </>
        ) : (
          'As soon as an admin has set up your login in the ERP, your customers and orders appear here.'
        )}
      </p>
    </Empty>
  )
}

function Skeleton() {
  return (
    <>
      <div class="panel erp-now">
        <Lines n={6} />
      </div>
      <h2>Lists</h2>
      <div class="erp-cards">
        {[0, 1, 2, 3].map((i) => (
          <div key={i} class="card erp-card">
            <Lines n={6} />
          </div>
        ))}
      </div>
    </>
  )
}

/** Lists of users that were taken out are still worth seeing. */
const isSetUp = ({ configured, systems }: ErpStatus) =>
  configured || systems.some(({ scopes }) => scopes.length > 0)

/** For whom an order may be made here. */
function orderUsers({ systems }: ErpStatus): string[] {
  const orders = systems.find(({ system }) => system === 'orders')
  const active = (orders?.scopes ?? []).filter((scope) => scope.active).map(({ scope }) => scope)
  const own = session.value.type === 'in' ? session.value.session.user : null
  return isAdmin.value ? active : active.filter((scope) => scope === own)
}
