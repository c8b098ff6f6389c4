import { useRef, useState } from 'preact/hooks'
import { Icon } from '../../src/parts/icons.tsx'
import { listingOf } from './listing.ts'
import { tellBroken } from './offline.ts'
import { isOnline, labelOf, rules, standing } from './page-state.ts'
import type { Kept, Status } from './queue.ts'
import { sidesOf } from './side.ts'
import type { Review } from './start.ts'
import { useSwipe } from './swipe.ts'

/** One listing. It can be thrown to the right or left; the buttons below do the same. */
export function Card({ kept, review }: { kept: Kept; review: Review }) {
  const { title, retailer, price, link, picture, id } = listingOf(kept.row)
  const ref = useRef<HTMLElement>(null)
  const sides = sidesOf(rules.value ?? [])
  const pull = useSwipe(ref, (side) => {
    const status = sides[side]
    if (status) void review.answer(status)
  })
  return (
    <article ref={ref} id="listing" class="listing" aria-labelledby="title" tabIndex={-1}>
      <Picture key={`${id} ${isOnline.value}`} url={picture} title={title} />
      {pull && <Verdict side={pull} status={sides[pull]} />}
      <div class="about">
        <h2 id="title">{title}</h2>
        <p class="where">
          {price && <strong>{price}</strong>}
          {retailer && <span>{retailer}</span>}
          {link && (
            <a href={link} target="_blank" rel="noreferrer">
              Open in the shop
              <span class="hidden"> (new tab)</span> <Icon name="out" />
            </a>
          )}
        </p>
        <Standing />
        <Hint left={sides.left} right={sides.right} />
      </div>
    </article>
  )
}

function Picture({ url, title }: { url: string | null; title: string }) {
  const [isBroken, setBroken] = useState(false)
  if (!url || isBroken)
    return (
      <div class="picture is-missing">
        <span>{url ? 'The picture can’t be shown' : 'No picture'}</span>
      </div>
    )
  return (
    <img
      class="picture"
      src={url}
      alt={title}
      draggable={false}
      referrerpolicy="no-referrer"
      onError={() => {
        setBroken(true)
        tellBroken(url)
      }}
    />
  )
}

/** An answer that was given already stands until another one is. */
function Standing() {
  const reviewed = standing.value
  if (!reviewed) return null
  return (
    <p class="standing tone-busy">
      <Icon name="queued" />
      <span>
        Reviewed as <strong>{labelOf(reviewed.status)}</strong>
        {reviewed.isWaiting && ', waiting to send'}. That stands until you answer again.
      </span>
    </p>
  )
}

function Verdict({ side, status }: { side: 'left' | 'right'; status: Status | undefined }) {
  if (!status) return null
  return (
    <p class={`verdict is-${side} ${status.approved ? 'tone-good' : 'tone-bad'}`} aria-hidden="true">
      {status.label}
    </p>
  )
}

function Hint({ left, right }: { left: Status | undefined; right: Status | undefined }) {
  return (
    <p class="swipe-hint quiet">
      <span>
        {left && <Icon name="back" />} {left?.label}
      </span>
      <span>swipe</span>
      <span>
        {right?.label} {right && <Icon name="forward" />}
      </span>
    </p>
  )
}
