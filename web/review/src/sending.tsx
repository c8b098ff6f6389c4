import { Icon, type IconName } from '../../src/parts/icons.tsx'
import { isOnline, link, unsent } from './page-state.ts'

/** Whether answers still wait, and whether the server is there. */
export function Sending() {
  const [icon, text, tone] = saying()
  return (
    <p class={`sending tone-${tone}`}>
      <Icon name={icon} />
      {text}
    </p>
  )
}

function saying(): readonly [IconName, string, 'good' | 'warn' | 'busy' | 'quiet'] {
  const { size } = unsent.value
  if (size > 0) return ['queued', `Waiting to send: ${size}`, isOnline.value ? 'busy' : 'warn']
  if (!isOnline.value) return ['offline', 'Offline', 'warn']
  if (link.value.type === 'asking') return ['polling', 'Connecting', 'quiet']
  if (link.value.type === 'out') return ['warning', 'Signed out', 'warn']
  if (link.value.type !== 'done') return ['offline', 'No answer', 'warn']
  return ['done', 'All sent', 'good']
}
