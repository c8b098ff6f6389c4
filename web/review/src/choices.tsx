import { Icon } from '../../src/parts/icons.tsx'
import { lastAnswer } from './answer.ts'
import { rules, seen, shown, undone } from './page-state.ts'
import type { Review } from './start.ts'

/** The statuses as buttons, in the order of the configuration; undo and skip. */
export function Choices({ review }: { review: Review }) {
  const hasListing = shown.value !== null
  return (
    <div class="choices">
      {hasListing && (
        <div class="statuses">
          {rules.value?.map((status, i) => (
            <button
              key={status.id}
              type="button"
              class={`button is-large ${status.approved ? 'is-approve' : 'is-reject'}`}
              onClick={() => review.answer(status)}
            >
              <Icon name={status.approved ? 'done' : 'close'} />
              <span>
                <span class="hidden">{status.approved ? 'Approve as ' : 'Reject as '}</span>
                {status.label}
              </span>
              <span class="key" aria-hidden="true">
                {i + 1}
              </span>
            </button>
          ))}
        </div>
      )}
      <div class="steps">
        <button
          type="button"
          class="button"
          aria-disabled={lastAnswer(seen.value.entries, undone.value) === undefined}
          onClick={() => review.undo()}
        >
          <Icon name="back" />
          Undo
          <span class="key" aria-hidden="true">
            Z
          </span>
        </button>
        {hasListing && (
          <button type="button" class="button" onClick={() => review.skip()}>
            Skip
            <span class="key" aria-hidden="true">
              S
            </span>
            <Icon name="forward" />
          </button>
        )}
      </div>
    </div>
  )
}
