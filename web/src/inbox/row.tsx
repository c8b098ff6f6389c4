import { Icon } from '../parts/icons.tsx'
import { Ago } from '../parts/time.tsx'
import type { Item } from './items.ts'
import { type Offer, recommended } from './recommended.ts'
import { settledText } from './words.ts'

/** One conflict in the inbox: what it is about, and the quickest way out of it. */
export function InboxRow(props: {
  item: Item
  isSelected: boolean
  onSelect: (isRange: boolean) => void
  onOffer: (offer: Offer) => void
}) {
  const { item, isSelected, onSelect, onOffer } = props
  const { conflict, isOpen } = item
  const offer = conflict && isOpen ? recommended(conflict) : null
  return (
    <li class={`inbox-row${isSelected ? ' is-selected' : ''}`} data-id={item.id}>
      {conflict && isOpen ? (
        <label class="inbox-check">
          <input
            type="checkbox"
            checked={isSelected}
            aria-label={`Select: ${item.title}, ${item.about}`}
            onClick={(event) => onSelect(event.shiftKey)}
          />
        </label>
      ) : (
        <span class={`inbox-mark ${isOpen ? 'tone-warn' : 'tone-good'}`}>
          <Icon name={isOpen ? 'conflict' : 'done'} />
        </span>
      )}
      <a class="inbox-link" href={`/conflicts/${encodeURIComponent(item.id)}`}>
        <span class="row-title">{item.title}</span>
        <span class="quiet">
          {item.about} · <Ago time={item.at} />
          {conflict?.localBy && !item.title.includes(conflict.localBy) && ` · from ${conflict.localBy}`}
          {conflict?.resolved && ` · ${settledText(conflict)}`}
          {isOpen && item.how && ` · ${item.how}`}
        </span>
      </a>
      {offer && (
        <button
          type="button"
          class="button inbox-offer"
          aria-label={`${offer.text}: ${item.title}, ${item.about}`}
          onClick={() => onOffer(offer)}
        >
          {offer.text}
        </button>
      )}
    </li>
  )
}
