import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { Facts } from '../parts/notice.tsx'
import type { OrderState } from './order-state.ts'

/** What became of an order, from the moment it is sent. */
export function OrderResult({ state }: { state: OrderState }) {
  const element = useRef<HTMLDivElement>(null)
  const isOver = state.type === 'done' || state.type === 'unknown'
  useEffect(() => {
    // The button that had the focus is gone.
    if (isOver) element.current?.focus()
  }, [isOver])
  const isTold = state.type !== 'editing' || state.problem !== null
  useEffect(() => {
    // It stands at the end of the dialog, which may be longer than the screen.
    if (isTold) element.current?.closest('dialog')?.scrollTo(0, Number.MAX_SAFE_INTEGER)
  }, [isTold, state])
  return (
    <div ref={element} role="status" tabIndex={-1} class="order-result">
      <Words state={state} />
    </div>
  )
}

function Words({ state }: { state: OrderState }) {
  if (state.type === 'editing') return null
  if (state.type === 'sending' || state.type === 'goes-on')
    return (
      <p class="notice tone-busy">
        <Icon name="running" class="spin" />
        <span class="notice-body">
          <span class="notice-title">Sent to the ERP…</span>
          <span class="block">
            {state.type === 'sending'
              ? 'It goes before all runs, which pause meanwhile.'
              : 'It takes longer than usual. You may close this: the order goes on, and its number appears in the list.'}
          </span>
        </span>
      </p>
    )
  if (state.type === 'unanswered')
    return (
      <div class="dialog-problem">
        <p class="notice-title">No answer came</p>
        <Facts
          problem={{
            ...state.problem,
            kept: 'The order as it stands here. Whether it arrived is not known.',
            mend: 'Ask again: the same order is never made twice. If you close this, look in the list of orders first.',
          }}
        />
      </div>
    )
  const { request } = state
  if (state.type === 'done')
    return (
      <p class="notice tone-good">
        <Icon name="done" />
        <span class="notice-body">
          <span class="notice-title">The order is made</span>
          <span class="block">
            {request.number ? (
              <>
                Its number in the ERP is <strong>{request.number}</strong>.
              </>
            ) : (
              'The ERP gave it no number yet.'
            )}
          </span>
        </span>
      </p>
    )
  return (
    <p class="notice tone-warn">
      <Icon name="degraded" />
      <span class="notice-body">
        <span class="notice-title">It is not known whether the order was made</span>
        <span class="block">{request.reason ?? 'It was sent, and no answer came.'}</span>
        <span class="block">
          {request.mend ?? 'Look in the ERP whether it is there. It is not sent again by itself.'}
        </span>
      </span>
    </p>
  )
}
