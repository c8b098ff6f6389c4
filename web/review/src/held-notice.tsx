import { Notice } from '../../src/parts/notice.tsx'
import type { Held } from './held.ts'
import { unsent } from './page-state.ts'
import type { Person } from './server.ts'
import type { Review } from './start.ts'

/** Whose answers these are is a person's word: they stand in the history under a name. */
export function HeldNotice({ held, review }: { held: Held; review: Review }) {
  const { size } = unsent.value
  const of = called(held.of)
  return (
    <Notice tone="warn" title={`${size} ${size === 1 ? 'answer' : 'answers'} of ${of} not sent yet`}>
      <p>
        {size === 1 ? 'It was' : 'They were'} given on this phone before {called(held.by)} signed in. To send
        {size === 1 ? ' it' : ' them'} under the name of {of}, open a pairing link that was made for {of}.
      </p>
      <p class="notice-actions">
        <button type="button" class="button" onClick={() => review.release('send')}>
          Send as {called(held.by)}
        </button>
        <button type="button" class="button" onClick={() => review.release('discard')}>
          Discard {size === 1 ? 'it' : 'them'}
        </button>
      </p>
    </Notice>
  )
}

const called = ({ user, name }: Person) => user ?? name
