import type { PartReport, RunStatus } from '../../../sync/protocol/runs.ts'
import { Icon, type IconName } from './icons.tsx'

type Status = RunStatus | PartReport['status']

const LOOKS = {
  queued: ['queued', 'Queued', 'quiet'],
  waiting: ['waiting', 'Waiting', 'quiet'],
  running: ['running', 'Running', 'busy'],
  done: ['done', 'Done', 'good'],
  unchanged: ['unchanged', 'Unchanged', 'quiet'],
  degraded: ['degraded', 'Degraded', 'warn'],
  failed: ['failed', 'Failed', 'bad'],
} as const satisfies Record<Status, readonly [IconName, string, string]>

/** A status in words, with an icon and a tone beside them. */
export function StatusBadge({ status }: { status: Status }) {
  const [icon, text, tone] = LOOKS[status]
  return (
    <span class={`badge tone-${tone}`}>
      <Icon name={icon} class={status === 'running' ? 'spin' : ''} />
      {text}
    </span>
  )
}

export const toneOf = (status: Status) => LOOKS[status][2]
