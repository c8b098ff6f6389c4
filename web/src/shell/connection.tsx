import { type Connection, connection } from '../data/live.ts'
import { Icon, type IconName } from '../parts/icons.tsx'

const SAYS = {
  connecting: ['polling', 'Connecting', 'The page is about to hear of changes as they happen.'],
  live: ['live', 'Live', 'The page hears of changes as they happen.'],
  polling: [
    'polling',
    'Polling',
    'No live connection: the page asks for changes now and then, and connects again by itself.',
  ],
  offline: ['offline', 'Offline', 'This device is offline. What is shown was read earlier.'],
} as const satisfies Record<Exclude<Connection, 'idle'>, readonly [IconName, string, string]>

/** How fresh the page is, in a word. */
export function ConnectionMark() {
  if (connection.value === 'idle') return null
  const [icon, text, meaning] = SAYS[connection.value]
  return (
    <span class={`connection is-${connection.value}`} title={meaning}>
      <Icon name={icon} />
      {text}
    </span>
  )
}
