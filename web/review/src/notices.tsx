import { Notice } from '../../src/parts/notice.tsx'
import { CodeForm } from './door.tsx'
import { isInstallable } from './offline.ts'
import type { Entry } from './outbox.ts'
import { isNew, isOnline, labelOf, link, problem, rules, seen, troubled, unsent } from './page-state.ts'
import type { Review } from './start.ts'

/** What a person should know, the worst first. */
export function Notices({ review }: { review: Review }) {
  const state = link.value
  const trouble = troubled.value.find(isRejected) ?? troubled.value[0]
  return (
    <>
      {problem.value && state.type !== 'out' && (
        <div role="alert">
          <Notice tone="bad" title={problem.value.title}>
            <p>{problem.value.text}</p>
          </Notice>
        </div>
      )}
      {state.type === 'out' && (
        <Notice tone="warn" title="Your session has ended">
          <p>Go on reviewing: your answers stay on this phone, and leave once you have signed in again.</p>
          <CodeForm review={review} />
        </Notice>
      )}
      {state.type === 'refused' && (
        <Notice tone="bad" title="Tidemark did not understand this phone">
          <p>
            {state.detail} {state.mend} Your answers stay on this phone.
          </p>
          <Again review={review} />
        </Notice>
      )}
      {/* One at a time: a day's worth of them would push the listing out of sight. */}
      {trouble && (
        <Trouble key={trouble.id} entry={trouble} others={troubled.value.length - 1} review={review} />
      )}
      {isOnline.value && state.type === 'away' && (
        <Notice tone="warn" icon="offline" title="Tidemark does not answer">
          <p>
            {state.detail} {kept()} It is tried again by itself.
          </p>
          <Again review={review} />
        </Notice>
      )}
      {!isOnline.value && (
        <Notice tone="quiet" icon="offline" title="No network">
          <p>{kept()}</p>
        </Notice>
      )}
      {!isNew.value && !rules.value && state.type === 'done' && (
        <Notice tone="bad" title="The list of statuses could not be read">
          <p>Without it nothing can be answered. It is tried again with the next sync.</p>
          <Again review={review} />
        </Notice>
      )}
      {!isInstallable && (
        <Notice tone="quiet" title="Online only">
          <p>
            This address is not HTTPS, so the page can’t be opened without a network. Answers are kept all the
            same.
          </p>
        </Notice>
      )}
    </>
  )
}

function kept(): string {
  if (isNew.value) return 'Nothing was read here yet.'
  if (unsent.value.size === 0) return 'What was read last is shown, and answers are kept on this phone.'
  return 'Your answers are kept on this phone, and leave by themselves.'
}

const isRejected = ({ result }: Entry) => result?.status === 'rejected'

/** An answer that did not simply stand. */
function Trouble({ entry, others, review }: { entry: Entry; others: number; review: Review }) {
  const { key, values } = entry.mutation
  const row = seen.value.kept.find(({ id }) => id === key)?.row
  const status = labelOf(String(values?.modesty_status ?? ''))
  const title = String(row?.title ?? key)
  const isOut = isRejected(entry)
  const reason = entry.result?.reason ? `: ${entry.result.reason.replace(/\.$/, '')}` : ''
  return (
    <Notice
      tone={isOut ? 'bad' : 'warn'}
      icon={isOut ? 'refuse' : 'conflict'}
      title={isOut ? `Not taken: ${title}` : `A person must decide: ${title}`}
    >
      <p>
        You answered {status}
        {reason}. {isOut ? 'It was not counted.' : 'Both answers are kept until then.'}
        {others > 0 && <span class="quiet"> And {others} more.</span>}
      </p>
      <p class="notice-actions">
        {row && isOut && (
          <button
            type="button"
            class="button"
            onClick={async () => {
              await review.dismiss(entry.id)
              await review.open(key)
            }}
          >
            Answer again
          </button>
        )}
        <button type="button" class="button" onClick={() => review.dismiss(entry.id)}>
          {isOut ? 'Discard it' : 'Seen'}
        </button>
      </p>
    </Notice>
  )
}

const Again = ({ review }: { review: Review }) => (
  <button type="button" class="button" onClick={() => review.retry()}>
    Try again
  </button>
)
