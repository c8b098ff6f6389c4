import type { Product } from '../../../sync/protocol/erp.ts'
import { Icon } from '../parts/icons.tsx'
import { money } from './money.ts'
import { quantityOf } from './order-state.ts'

export interface Line {
  readonly product: Product
  /** As typed */
  readonly quantity: string
}

/** The products of an order, each with how many. */
export function OrderLines(props: {
  lines: readonly Line[]
  onChange: (lines: readonly Line[]) => void
  onEnter: () => void
}) {
  const { lines, onChange } = props
  if (lines.length === 0)
    return <p class="quiet order-none">No product yet: search for the first one above.</p>
  const total = totalOf(lines)
  return (
    <>
      <ul class="order-lines" aria-label="Products of the order">
        {lines.map((line) => (
          <li key={line.product.id}>
            <span class="order-product">
              {line.product.name}
              <span class="quiet">
                {line.product.code && `${line.product.code} · `}
                {line.product.price === null ? 'no price known' : `${money(line.product.price)} each`}
              </span>
            </span>
            <input
              class="order-quantity"
              id={quantityId(line.product)}
              aria-label={`Quantity of ${line.product.name}`}
              inputMode="decimal"
              autocomplete="off"
              required
              value={line.quantity}
              onFocus={(event) => event.currentTarget.select()}
              onInput={(event) => {
                const { value } = event.currentTarget
                const isWrong = quantityOf(value) === null
                event.currentTarget.setCustomValidity(isWrong ? 'A quantity above zero, like 12 or 2.5' : '')
                onChange(lines.map((other) => (other === line ? { ...line, quantity: value } : other)))
              }}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return
                event.preventDefault()
                props.onEnter()
              }}
            />
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove ${line.product.name}`}
              onClick={() => onChange(lines.filter((other) => other !== line))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <p class="order-total">
        {total === null ? (
          <span class="quiet">The ERP sets the prices.</span>
        ) : (
          <>
            <span class="quiet">About </span>
            <strong>{money(total)}</strong>
            <span class="quiet"> at list prices; the ERP has the last word</span>
          </>
        )}
      </p>
    </>
  )
}

export const quantityId = ({ id }: Product) => `quantity-${id}`

/** Cents at the prices that are known here; null where one is missing. */
function totalOf(lines: readonly Line[]): number | null {
  let total = 0
  for (const { product, quantity } of lines) {
    const n = quantityOf(quantity)
    if (product.price === null || n === null) return null
    total += Math.round(product.price * n)
  }
  return total
}
