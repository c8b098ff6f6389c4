import { count, exact } from '../format.ts'
import { Icon, type IconName } from '../parts/icons.tsx'
import type { ScopeStatus } from './shapes.ts'
import type { Stand } from './stand.ts'

/** What is not as it should be, though nothing is lost. */
export function Remarks({ system, scope }: { system: string; scope: ScopeStatus }) {
  const { waiting_rows, resumes_at_page } = scope
  if (waiting_rows === 0 && resumes_at_page === null) return null
  const why = system === 'prices' ? 'without a product yet' : 'without details yet'
  return (
    <ul class="erp-remarks">
      {resumes_at_page !== null && (
        <li class="tone-busy">
          <Icon name="paused" /> Resumes at page {exact(resumes_at_page)}
        </li>
      )}
      {waiting_rows > 0 && (
        <li class="tone-warn">
          <Icon name="waiting" /> {count(waiting_rows, 'row')} {waiting_rows === 1 ? 'waits' : 'wait'}, {why}
        </li>
      )}
    </ul>
  )
}

const ICONS = {
  trouble: 'degraded',
  failed: 'failed',
  paused: 'paused',
  reading: 'running',
  queued: 'queued',
  never: 'waiting',
  good: 'done',
  off: 'delete',
  none: 'delete',
} as const satisfies Record<Stand['name'], IconName>

export function StandBadge({ stand }: { stand: Stand }) {
  return (
    <span class={`badge tone-${stand.tone}`}>
      <Icon name={ICONS[stand.name]} class={stand.name === 'reading' ? 'spin' : ''} />
      {stand.text}
    </span>
  )
}
