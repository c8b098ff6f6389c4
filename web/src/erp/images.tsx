import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { ErpStatus, ProductImage } from '../../../sync/protocol/erp.ts'
import { announce } from '../data/announce.ts'
import { getDeadImages, getErpStatus, retryImage } from '../data/erp.ts'
import { refresh, useRead } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { count, exact } from '../format.ts'
import { Facts } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { useOlder } from './older.tsx'

/** Pictures on their way from the ERP, and those that were given up. */
export function Images({ images }: { images: ErpStatus['images'] }) {
  return (
    <section class="panel" aria-labelledby="erp-images">
      <h2 id="erp-images">Pictures of products</h2>
      <dl class="erp-facts">
        <div>
          <dt>Stored</dt>
          <dd>{exact(images.stored)}</dd>
        </div>
        <div>
          <dt>On their way</dt>
          <dd>{exact(images.pending)}</dd>
        </div>
        <div>
          <dt>Given up</dt>
          <dd class={images.dead > 0 ? 'tone-warn' : ''}>{exact(images.dead)}</dd>
        </div>
      </dl>
      {images.dead > 0 && <Dead />}
    </section>
  )
}

function Dead() {
  const held = useRead(getDeadImages)
  const { rows, button } = useOlder(held, (image) => image.product_id)
  return (
    <>
      <Shown held={held} skeleton={<Lines n={2} height={2.5} />}>
        {() => (
          <ul class="erp-list">
            {rows.map((image) => (
              <DeadImage key={image.product_id} image={image} />
            ))}
          </ul>
        )}
      </Shown>
      {button('More pictures that were given up')}
    </>
  )
}

function DeadImage({ image }: { image: ProductImage }) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  async function retry() {
    if (isBusy) return
    setBusy(true)
    const answer = await retryImage(image.product_id)
    setBusy(false)
    setProblem(answer.ok ? null : answer.problem)
    if (!answer.ok) return
    announce(`The picture of product ${image.product_id} is fetched again`)
    refresh((path) => path === getDeadImages.path || path === getErpStatus.path)
  }

  return (
    <li class="erp-image">
      <span class="erp-name">Product {image.product_id}</span>
      {isAdmin.value && (
        <button type="button" class="button" aria-disabled={isBusy} onClick={retry}>
          {isBusy ? 'Asking…' : 'Try again'}
          <span class="hidden"> for product {image.product_id}</span>
        </button>
      )}
      <span class="quiet erp-reason">
        {image.last_error ?? 'No reason is known'} · {count(image.attempts, 'attempt')} ·{' '}
        <code>{image.path}</code>
      </span>
      {problem && (
        <div role="alert" class="dialog-problem">
          <Facts problem={problem} />
        </div>
      )}
    </li>
  )
}
