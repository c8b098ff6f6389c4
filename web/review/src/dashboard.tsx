import { useState } from 'preact/hooks'
import { Icon } from '../../src/parts/icons.tsx'
import { dashboard, labelOf } from './page-state.ts'
import type { Reviewed } from './queue.ts'

/** Reviewed listings shown before they are asked for */
const FEW = 20

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** The numbers of the day, from what is on this phone. */
export function DashboardView() {
  const [isAll, setAll] = useState(false)
  const { pending, fresh, today } = dashboard.value
  const listed = isAll ? today : today.slice(0, FEW)
  return (
    <section class="dashboard" aria-labelledby="dashboard">
      <h2 id="dashboard">Dashboard</h2>
      <dl class="figures">
        <div>
          <dt>Total pending</dt>
          <dd>{pending}</dd>
        </div>
        <div>
          <dt>New since last visit</dt>
          <dd>{fresh ?? '–'}</dd>
        </div>
        <div>
          <dt>Reviewed today</dt>
          <dd>{today.length}</dd>
        </div>
      </dl>
      {today.length > 0 && (
        <>
          <h3>Reviewed today</h3>
          <ul class="reviewed">
            {listed.map((reviewed) => (
              <Line key={reviewed.id} reviewed={reviewed} />
            ))}
          </ul>
        </>
      )}
      {listed.length < today.length && (
        <button type="button" class="button" onClick={() => setAll(true)}>
          Show all {today.length}
        </button>
      )}
    </section>
  )
}

function Line({ reviewed }: { reviewed: Reviewed }) {
  const { title, status, approved, at, isWaiting } = reviewed
  return (
    <li>
      <span class={approved ? 'tone-good' : 'tone-bad'}>
        <Icon name={approved ? 'done' : 'close'} />
      </span>
      <span class="reviewed-title">{title}</span>
      <span class="reviewed-status">
        {labelOf(status)}
        <span class="quiet">{isWaiting ? ' · waiting to send' : ` · ${clock.format(new Date(at))}`}</span>
      </span>
    </li>
  )
}
