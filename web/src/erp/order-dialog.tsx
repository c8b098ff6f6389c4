import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Customer } from '../../../sync/protocol/erp.ts'
import { findCustomers, findProducts } from '../data/erp.ts'
import { isAdmin } from '../data/session.ts'
import { Facts } from '../parts/notice.tsx'
import { money } from './money.ts'
import { type Line, OrderLines, quantityId } from './order-lines.tsx'
import { OrderResult } from './order-result.tsx'
import { type OrderState, quantityOf } from './order-state.ts'
import { Picker } from './picker.tsx'
import { useOrder } from './use-order.ts'

/** Makes an order in the ERP, once however often the button is pressed. `users`: for whom it may be. */
export function OrderDialog({ users, onClose }: { users: readonly string[]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const [user, setUser] = useState(users[0] ?? '')
  const [customer, setCustomer] = useState<Customer | null>(null)
  const [lines, setLines] = useState<readonly Line[]>([])
  const [note, setNote] = useState('')
  const order = useOrder()
  const { state } = order
  const isLocked = state.type !== 'editing'
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const find = useCallback((text: string) => findCustomers(text, isAdmin.peek() ? user : null), [user])

  function submit(event: SubmitEvent) {
    event.preventDefault()
    if (!customer || lines.length === 0) return
    order.send({
      customer_id: customer.erp_id,
      lines: lines.map((line) => ({ product_id: line.product.id, quantity: quantityOf(line.quantity) ?? 1 })),
      note: note.trim(),
      ...(isAdmin.peek() ? { user_id: user } : {}),
    })
  }

  function again() {
    setCustomer(null)
    setLines([])
    setNote('')
    order.renew()
  }

  const isOver = state.type === 'done' || state.type === 'unknown'
  const focus = (selector: string) => form.current?.querySelector<HTMLElement>(selector)?.focus()
  const [next, setNext] = useState('')
  // As soon as it is there: later, it would take the focus from where the person has gone meanwhile.
  useLayoutEffect(() => {
    if (next) focus(next)
    setNext('')
  }, [next])
  return (
    <dialog ref={dialog} class="dialog order" aria-labelledby="order-title" onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <h2 id="order-title">Make an order</h2>
        {!isOver && (
          <fieldset disabled={isLocked}>
            <legend class="hidden">The order</legend>
            {users.length > 1 && (
              <label class="field">
                <span class="field-name">For</span>
                <select
                  value={user}
                  onChange={(event) => {
                    setUser(event.currentTarget.value)
                    setCustomer(null)
                  }}
                >
                  {users.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              </label>
            )}
            {customer ? (
              <div class="field">
                <span class="field-name">Customer</span>
                <p class="order-customer">
                  <CustomerWords customer={customer} />
                  <button type="button" class="button" onClick={() => setCustomer(null)}>
                    Change<span class="hidden"> the customer</span>
                  </button>
                </p>
              </div>
            ) : (
              <Picker
                label="Customer"
                hint="Part of the name, or the number"
                find={find}
                show={(found) => <CustomerWords customer={found} />}
                onPick={(found) => {
                  setCustomer(found)
                  setNext('.picker input')
                }}
              />
            )}
            <div class="order-products">
              <Picker
                label="Add a product"
                hint="Part of the name, or the code"
                find={findProducts}
                show={(found) => (
                  <>
                    <span>{found.name}</span>
                    <span class="quiet">
                      {found.code && `${found.code} · `}
                      {money(found.price)}
                    </span>
                  </>
                )}
                onPick={(product) => {
                  if (lines.every((line) => line.product.id !== product.id))
                    setLines([...lines, { product, quantity: '1' }])
                  setNext(`#${CSS.escape(quantityId(product))}`)
                }}
              />
              <OrderLines
                lines={lines}
                onChange={setLines}
                onEnter={() => focus('.order-products .picker input')}
              />
            </div>
            <label class="field">
              <span class="field-name">Note (optional)</span>
              <textarea
                rows={2}
                maxLength={2_000}
                value={note}
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            </label>
          </fieldset>
        )}
        {state.type === 'editing' && state.problem && (
          <div role="alert" class="dialog-problem">
            <Facts problem={state.problem} />
          </div>
        )}
        <OrderResult state={state} />
        <div class="dialog-actions">
          {isOver && (
            <button type="button" class="button" onClick={again}>
              Make another
            </button>
          )}
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {isLocked ? 'Close' : 'Cancel'}
          </button>
          {!isOver && <SendButton state={state} isReady={customer !== null && lines.length > 0} />}
        </div>
      </form>
    </dialog>
  )
}

function SendButton({ state, isReady }: { state: OrderState; isReady: boolean }) {
  const isBusy = state.type === 'sending' || state.type === 'goes-on'
  return (
    <button type="submit" class="button is-primary" disabled={!isReady || isBusy}>
      {isBusy ? 'Sent to the ERP…' : state.type === 'unanswered' ? 'Ask again' : 'Send to the ERP'}
    </button>
  )
}

function CustomerWords({ customer }: { customer: Customer }) {
  const place = [customer.city, customer.province].filter(Boolean).join(', ')
  return (
    <span class="order-who">
      <span>{customer.name}</span>
      <span class="quiet">
        {customer.erp_id}
        {place && ` · ${place}`}
      </span>
    </span>
  )
}
