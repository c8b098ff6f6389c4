import { announced } from '../../src/data/announce.ts'
import { Mark } from '../../src/parts/mark.tsx'
import { Empty } from '../../src/parts/notice.tsx'
import { Card } from './card.tsx'
import { Choices } from './choices.tsx'
import { DashboardView } from './dashboard.tsx'
import { Door } from './door.tsx'
import { Keys } from './keys.tsx'
import { Notices } from './notices.tsx'
import { isNew, link, person, rules, shown, stage } from './page-state.ts'
import { Sending } from './sending.tsx'
import type { Review } from './start.ts'

export function App({ review }: { review: Review | null }) {
  return (
    <>
      <header class="bar">
        <Mark />
        <h1>Review</h1>
        {stage.value === 'open' && !isNew.value && <Sending />}
      </header>
      <main class="review">
        <Stage review={review} />
      </main>
      <p class="hidden" role="status">
        {announced.value}
      </p>
    </>
  )
}

function Stage({ review }: { review: Review | null }) {
  if (stage.value === 'refused')
    return (
      <section class="failure" role="alert">
        <div>
          <p class="failure-title">This browser does not let the page store anything</p>
          <p>
            Answers are stored before they are sent, so that none is lost. Leave private browsing, or allow
            this site to store data, and open the page again.
          </p>
        </div>
      </section>
    )
  if (stage.value === 'opening' || !review) return <Loading />
  const isIn = person.value !== null || link.value.type === 'done'
  if (isNew.value && link.value.type === 'out' && !isIn) return <Door review={review} />
  return (
    <>
      <Notices review={review} />
      {isNew.value || !rules.value ? <Waiting /> : <Desk review={review} />}
    </>
  )
}

function Desk({ review }: { review: Review }) {
  const kept = shown.value
  return (
    <div class="desk">
      <div class="work">
        {kept ? (
          <Card kept={kept} review={review} />
        ) : (
          <Empty icon="done" title="Nothing to review">
            <p>New listings appear here by themselves.</p>
          </Empty>
        )}
        <Choices review={review} />
        <Keys review={review} />
      </div>
      <DashboardView />
    </div>
  )
}

/** Nothing was read yet: either it is being read, or the notice above says why not. */
function Waiting() {
  return link.value.type === 'asking' || link.value.type === 'done' ? <Loading /> : null
}

function Loading() {
  return (
    <div class="skeleton" aria-busy="true">
      <p class="quiet">Reading the listings…</p>
      <span class="picture line" />
      <span class="line" />
      <span class="line" />
    </div>
  )
}
