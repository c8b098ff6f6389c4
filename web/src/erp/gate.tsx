import type { ErpStatus } from '../../../sync/protocol/erp.ts'
import { count, duration, exact } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Ago } from '../parts/time.tsx'
import type { Gate } from './shapes.ts'
import { laneName, listed } from './words.ts'

/** Names that a line of people who wait has before it says `and 12 others`. */
const NAMED = 4

/** Who is with the ERP at the moment, who waits, and how much of the ERP's time the checks take. */
export function GateFacts({ status: { gate, forecast } }: { status: ErpStatus }) {
  return (
    <dl class="erp-gate">
      <div>
        <dt>At the ERP</dt>
        <dd>
          {gate ? <Inside gate={gate} /> : <span class="quiet">The gate does not answer just now</span>}
        </dd>
      </div>
      <div>
        <dt>Waiting to get in</dt>
        <dd>{gate ? <Waiting gate={gate} /> : <span class="quiet">Not known</span>}</dd>
      </div>
      <div>
        <dt>Checks take</dt>
        <dd>
          <Forecast forecast={forecast} />
        </dd>
      </div>
    </dl>
  )
}

function Inside({ gate }: { gate: Gate }) {
  const { inside, concurrency } = gate
  const alone = inside.find(({ exclusive }) => exclusive)
  const who = inside.map((one) => laneName(one.who))
  return (
    <>
      <span class="erp-places" aria-hidden="true">
        {Array.from({ length: Math.max(concurrency, inside.length) }, (_, i) => (
          <span key={i} class={i < inside.length || alone ? 'is-taken' : ''} />
        ))}
      </span>{' '}
      {alone ? 'Held for one order' : `${exact(inside.length)} of ${count(concurrency, 'place')} in use`}
      {alone ? (
        <span class="block tone-busy">
          <Icon name="paused" /> {laneName(alone.who)}: all others pause
        </span>
      ) : (
        who.length > 0 && <span class="block quiet">{listed(who, NAMED)}</span>
      )}
      {gate.closed_until && (
        <span class="block tone-warn">
          <Icon name="degraded" /> The ERP asked for a pause; it ends <Ago time={gate.closed_until} />
        </span>
      )}
    </>
  )
}

function Waiting({ gate }: { gate: Gate }) {
  const [first] = gate.waiting
  if (!first) return <>Nobody</>
  return (
    <>
      {exact(gate.waiting.length)}
      <span class="block quiet">
        {listed(
          gate.waiting.map(({ who, exclusive }) => `${laneName(who)}${exclusive ? ' (alone)' : ''}`),
          NAMED,
        )}
      </span>
    </>
  )
}

function Forecast({ forecast: { scopes, call_ms, share } }: { forecast: ErpStatus['forecast'] }) {
  if (share === null || call_ms === null) return <span class="quiet">Not known before the first run</span>
  return (
    <>
      {shareInWords(share)} of the ERP’s time
      <span class="block quiet">
        {count(scopes, 'list')}, {duration(call_ms)} a call
      </span>
    </>
  )
}

export const shareInWords = (share: number) =>
  share < 0.01 ? 'Less than 1 %' : `${exact(Math.ceil(share * 100))} %`
