import { Icon } from '../parts/icons.tsx'
import type { Stand } from './stand.ts'

export function StandBadge({ stand: { text, tone, icon } }: { stand: Stand }) {
  return (
    <span class={`badge tone-${tone}`}>
      <Icon name={icon} class={icon === 'running' ? 'spin' : ''} />
      {text}
    </span>
  )
}
